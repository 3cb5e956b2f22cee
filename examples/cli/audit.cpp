// SPDX-License-Identifier: MIT
// Brief: `certssb audit`: attacks every mode on learners whose worst case is known exactly.
#include "certssb/audit/audit.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/core/system_key.hpp"
#include "certssb/report/text_table.hpp"
#include "command.hpp"
#include "progress.hpp"
#include "settings_options.hpp"

#include <cmath>
#include <memory>

namespace certssb::cli {

namespace {

struct audit_options {
  std::size_t instances = 1000;
  std::optional<std::uint64_t> seed;
  std::size_t threads = 0;
  speech say;
};

json finite_or_null(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

void audit(const audit_options& o) {
  const std::uint64_t seed = o.seed ? *o.seed : key_from_system();
  const tbb_executor executor(o.threads);
  shown_progress line(o.say.quiet);
  progress_counter counter(line, "audit", audited_modes.size());
  json found = {{"seed", seed}, {"modes", json::array()}};
  text_table table(
      {"mode", "certified", "learners", "instances", "violations", "flipped", "tight", "tightest", "median"});
  std::string remarks;
  bool refuted = false;
  for (const audited_mode& mode : audited_modes) {
    const mode_audit a = audit_mode(mode, o.instances, random_key{seed}, executor);
    refuted = refuted || a.refuted();
    found["modes"].push_back({{"mode", mode.mode},
                              {"certified", mode.certified},
                              {"learners", mode.learners},
                              {"tight", mode.tight},
                              {"instances", a.instances},
                              {"violations", a.violations},
                              {"flipped", a.flipped},
                              {"tightness", finite_or_null(a.tightness)},
                              {"median_tightness", finite_or_null(a.median_tightness)}});
    table.add({std::string(mode.mode), mode.certified ? "yes" : "no", std::string(mode.learners),
               concatenate(a.instances), concatenate(a.violations), concatenate(a.flipped), mode.tight ? "yes" : "no",
               decimal(a.tightness, 6), decimal(a.median_tightness, 3)});
    if (!mode.remark.empty()) remarks += concatenate(mode.mode, ": ", mode.remark, ".\n");
    counter.advance();
  }
  line.finish();
  o.say.print(
      {found, table.text() +
                  "\nviolations: instances with a change inside the claim that takes the label away; in a "
                  "certified mode each\nwould refute it. flipped: instances where the attack, going on beyond the "
                  "claim, took the label away at all.\ntightest and median: over instances, (least such change "
                  "found) / (largest claimed); below 1 refutes the claim,\nand 1 is as much as can be claimed. "
                  "tight: theory says that some of these learners attain 1.\n" +
                  remarks + concatenate("Seed ", seed, ".\n")});
  if (refuted) throw violation_found{};
}

}  // namespace

command make_audit(CLI::App& program) {
  const auto o = std::make_shared<audit_options>();
  CLI::App* app =
      program.add_subcommand("audit", "Attack every certificate mode on learners whose worst case is known exactly.");
  add_whole(*app, "--instances", o->instances, "random instances per mode (fewer where each costs much)", 1, 1'000'000);
  add_whole(*app, "--seed", o->seed, "key of the instances (default: from the operating system)", 0);
  add_threads(*app, o->threads);
  o->say.add_to(*app);
  add_example(*app, "certssb audit --instances 1000 --seed 1");
  return {app, [o] { audit(*o); }};
}

}  // namespace certssb::cli
