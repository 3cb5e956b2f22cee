// SPDX-License-Identifier: MIT
// Brief: `certssb verify`: recomputes every certificate of a run from its raw votes and scales; asked for, it carries the
// attack out again and trains members again; and it says what it did not check.
#include "certssb/verify/verify_run.hpp"
#include "command.hpp"
#include "replay.hpp"
#include "settings_options.hpp"

#include <memory>

namespace certssb::cli {

namespace {

struct verify_options {
  std::string folder;
  bool data = false;
  replay_options again;
  speech say;
};

/// What was found without data and training; what is left open, with the option that would settle it.
replay_report without_replay(const verify_report& report, bool data, bool replayed) {
  replay_report all{report.checked, report.violations, {}};
  for (const open_question& open : report.not_checked) {
    const bool settled = (open.by == settled_by::data && data) || (open.by == settled_by::replay && replayed);
    const char* const option = open.by == settled_by::data     ? ": --data"
                               : open.by == settled_by::replay ? ": --replay"
                                                               : "";
    if (!settled) all.not_checked.push_back(open.what + option);
  }
  return all;
}

void verify(const verify_options& o) {
  const verify_report report = verify_run(o.folder);
  const bool replayed = o.again.members.has_value();
  replay_report all = without_replay(report, o.data || replayed, replayed);
  if (o.data || replayed) {
    try {
      all.add(replay(o.folder, o.again, o.say));
    } catch (const data_error& wrong) {
      if (report.violations.empty()) throw;
      all = without_replay(report, false, false);
      all.not_checked.emplace_back(concatenate("nothing was done again: ", wrong.what()));
    }
  }
  o.say.print(describe_checks(all, replayed));
  if (!all.violations.empty()) throw violation_found{};
}

}  // namespace

command make_verify(CLI::App& program) {
  const auto o = std::make_shared<verify_options>();
  CLI::App* app = program.add_subcommand(
      "verify", "Recompute every certificate of a run from its raw votes, and say what was not checked.");
  app->add_option("folder", o->folder, "folder that certssb run wrote")->required();
  const option_adder add(*app);
  add("data", o->data,
      "also carry the attack out again, on the data set's files, and compare rows, patterns and samples");
  CLI::Option* replay = add("replay", o->again.members,
                            "also train so many members of each defence again, chosen at random, and compare their "
                            "votes (of a run with --keep-votes; without, as many as it has models); includes --data",
                            whole_range{1});
  add("replay_seed", o->again.seed, "key that chooses them (default: from the operating system)", whole_range{})
      ->needs(replay);
  add_threads(*app, o->again.threads)->needs(replay);
  o->say.add_to(*app);
  add_example(*app, "certssb verify demo --replay 2");
  return {app, [o] { verify(*o); }};
}

}  // namespace certssb::cli
