// SPDX-License-Identifier: MIT
// Brief: `certssb verify`: recomputes every certificate of a run from its raw votes and scales; asked for, it carries the
// attack out again and trains members again; and it says what it did not check.
#include "certssb/verify/verify_run.hpp"

#include "certssb/core/expect.hpp"
#include "command.hpp"
#include "numbers.hpp"
#include "replay.hpp"

#include <memory>
#include <string>
#include <vector>

namespace certssb::cli {

namespace {

struct verify_options {
  std::string folder;
  bool data = false;
  replay_options again;
  speech say;
};

/// What is left open, with the option that would settle it.
std::vector<std::string> left_open(const verify_report& report, bool data, bool replayed) {
  std::vector<std::string> lines;
  for (const open_question& open : report.not_checked) {
    const bool settled = (open.by == settled_by::data && data) || (open.by == settled_by::replay && replayed);
    const char* const option = open.by == settled_by::data     ? ": --data"
                               : open.by == settled_by::replay ? ": --replay"
                                                               : "";
    if (!settled) lines.push_back(open.what + option);
  }
  return lines;
}

void verify(const verify_options& o) {
  const verify_report report = verify_run(o.folder);
  const bool replayed = o.again.members.has_value();
  replay_report all{report.checked, report.violations, left_open(report, o.data || replayed, replayed)};
  if (o.data || replayed) {
    try {
      const replay_report again = replay(o.folder, o.again, o.say);
      all.checked += again.checked;
      all.violations.insert(all.violations.end(), again.violations.begin(), again.violations.end());
      all.not_checked.insert(all.not_checked.end(), again.not_checked.begin(), again.not_checked.end());
    } catch (const data_error& wrong) {
      if (report.violations.empty()) throw;
      all.not_checked = left_open(report, false, false);
      all.not_checked.emplace_back(concatenate("nothing was done again: ", wrong.what()));
    }
  }
  std::string text = concatenate(all.checked, " numbers checked", replayed ? ", training included" : "", "; ",
                                 all.violations.size(), " violations.\n");
  for (const std::string& line : all.violations) text += "  " + line + "\n";
  text += "Not checked:\n";
  for (const std::string& line : all.not_checked) text += "  " + line + "\n";
  o.say.print({{"checked", all.checked}, {"violations", all.violations}, {"not_checked", all.not_checked}}, text);
  if (!all.violations.empty()) throw violation_found{};
}

}  // namespace

command make_verify(CLI::App& program) {
  const auto o = std::make_shared<verify_options>();
  CLI::App* app = program.add_subcommand(
      "verify", "Recompute every certificate of a run from its raw votes, and say what was not checked.");
  app->add_option("folder", o->folder, "folder that certssb run wrote")->required();
  app->add_flag("--data", o->data,
                "also carry the attack out again, on the data set's files, and compare rows, patterns and samples");
  CLI::Option* replay = add_whole(*app, "--replay", o->again.members,
                                  "also train so many members of each defence again, chosen at random, and compare "
                                  "their votes (of a run with --keep-votes; without, as many as it has models); "
                                  "includes --data",
                                  1);
  add_whole(*app, "--replay-seed", o->again.seed, "key that chooses them (default: from the operating system)", 0)
      ->needs(replay);
  add_whole(*app, "--threads", o->again.threads, "threads; 0: as many as the machine has", 0, 4096)->needs(replay);
  o->say.add_to(*app);
  add_example(*app, "certssb verify demo --replay 2");
  return {app, [o] { verify(*o); }};
}

}  // namespace certssb::cli
