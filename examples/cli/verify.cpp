// SPDX-License-Identifier: MIT
// Brief: `certssb verify`: recomputes every certificate of a run from its raw votes and scales.
#include "arrays.hpp"
#include "certssb/report/json.hpp"
#include "command.hpp"
#include "verify_files.hpp"
#include "verify_samples.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

namespace certssb::cli {

namespace fs = std::filesystem;

namespace {

void check_key(findings& f, const run_results& run) {
  f.check(option_of(run.config, "seed_given") != "yes" ||
              std::ranges::find(run.assumptions, "noise_key_unknown_to_attacker") != run.assumptions.end(),
          "a seed was given, but assumptions do not name noise_key_unknown_to_attacker");
}

void check_defences(findings& f, const run_results& run) {
  std::string names;
  for (const defence_result& d : run.defences) {
    if (!names.empty()) names += ',';
    names += d.name;
  }
  const std::string wanted = option_of(run.config, "defences");
  f.check(!names.empty() && (run.complete ? names == wanted : wanted.starts_with(names)),
          "defences are " + names + ", but config.defences asks for " + wanted);
}

/// With early stopping: how many samples the last votes decide for the wanted radius.
void check_stopping(findings& f, const defence_result& d, std::size_t certified) {
  f.check(d.stopping.back().certified == certified, concatenate("stopping: ", d.stopping.back().certified,
                                                                " samples are stated as certified at the wanted "
                                                                "radius, recomputed as ",
                                                                certified));
  std::size_t samples = 0;
  for (const evaluation_result& e : d.evaluations) {
    samples += e.mode == d.evaluations.front().mode && !e.storage_update ? e.n : 0;
  }
  for (const stopping_result& p : d.stopping) {
    f.check(std::abs(p.decided * static_cast<double>(samples) - static_cast<double>(p.certified + p.futile)) < 1e-6,
            concatenate("stopping: after ", p.models, " models decided is not the share of the decided samples"));
  }
}

/// One set of test inputs; the number of samples whose p_A is bounded above p0.
std::size_t check_inputs(findings& f, const std::string& inputs, const ballot_evidence& ballot, const mode_evidence& e,
                         double p0) {
  const std::string place = e.defence.name + ", " + inputs;
  f.at(place);
  check_ballot(f, ballot, e, inputs);
  const auto bounds = bound_plainly(ballot, e.defence.bound, e.defence.models, e.defence.alpha);
  bool first = true;
  for (const evaluation_result& stated : e.defence.evaluations) {
    if (stated.inputs != inputs) continue;
    f.at(place + ", " + stated.mode + (stated.storage_update ? " + storage-update" : ""));
    f.guard([&] {
      const plain_mode m = state_plainly(stated.mode, e);
      check_mode(f, m, stated, e.run);
      const std::vector<counted> all = count_samples(bounds, m, stated, e);
      check_samples(f, ballot, bounds, all, stated, first);
      check_summary(f, ballot, all, m, stated, e.run);
    });
    first = false;
  }
  return static_cast<std::size_t>(std::ranges::count_if(bounds, [&](const plain_bound& b) { return b.lower > p0; }));
}

void check_defence(findings& f, const fs::path& folder, const run_results& run, const defence_result& d,
                   const attack_evidence& attack) {
  f.at(d.name);
  f.guard([&] { check_setting(f, run, d); });
  const std::vector<double> sigma = check_scales(f, folder, run, d);
  const double wanted = as_real(option_of(run.config, "stop_at_radius")).value_or(0.0);
  const double sigma_wanted = as_real(option_of(run.config, "sigma")).value_or(0.0);
  const double p0 = 0.5 * std::erfc(-wanted / sigma_wanted / std::sqrt(2.0));
  std::size_t certified = 0;
  for (const std::string inputs : {"clean", "triggered"}) {
    f.at(d.name + ", " + inputs);
    const ballot_evidence ballot = read_ballot(folder / d.name, inputs, basis_of(d.bound));
    const double trigger = inputs == "triggered" ? run.data.trigger_l2_max : 0.0;
    certified +=
        check_inputs(f, inputs, ballot, {run, d, folder / d.name, sigma, ballot.sigma_test, attack, trigger}, p0);
  }
  f.at(d.name);
  if (!d.stopping.empty()) check_stopping(f, d, certified);
}

struct verify_options {
  std::string folder;
  speech say;
};

void verify(const verify_options& o) {
  const fs::path folder(o.folder);
  const run_results run = read_results(folder / "results.json");
  findings f;
  check_arrays(f, folder, run);
  check_key(f, run);
  check_defences(f, run);
  f.guard([&] {
    const attack_evidence attack = check_attack(f, folder, run);
    for (const defence_result& d : run.defences) {
      f.guard([&] { check_defence(f, folder, run, d, attack); });
    }
  });
  std::string text = concatenate(f.checked(), " numbers checked against the raw votes and scales; ",
                                 f.violations().size(), " violations.\n");
  for (const std::string& line : f.violations()) text += "  " + line + "\n";
  o.say.print({{"checked", f.checked()}, {"violations", f.violations()}}, text);
  if (!f.violations().empty()) throw violation_found{};
}

}  // namespace

command make_verify(CLI::App& program) {
  const auto o = std::make_shared<verify_options>();
  CLI::App* app = program.add_subcommand("verify", "Recompute every certificate of a run from its raw votes.");
  app->add_option("folder", o->folder, "folder that certssb run wrote")->required();
  o->say.add_to(*app);
  add_example(*app, "certssb verify demo");
  return {app, [o] { verify(*o); }};
}

}  // namespace certssb::cli
