// SPDX-License-Identifier: MIT
// Brief: `certssb verify`: recomputes every certificate of a run from its raw votes and scales.
#include "certssb/verify/verify_run.hpp"

#include "certssb/core/expect.hpp"
#include "command.hpp"

#include <memory>
#include <string>

namespace certssb::cli {

namespace {

struct verify_options {
  std::string folder;
  speech say;
};

void verify(const verify_options& o) {
  const verify_report report = verify_run(o.folder);
  std::string text = concatenate(report.checked, " numbers checked against the raw votes and scales; ",
                                 report.violations.size(), " violations.\n");
  for (const std::string& line : report.violations) text += "  " + line + "\n";
  o.say.print({{"checked", report.checked}, {"violations", report.violations}}, text);
  if (!report.violations.empty()) throw violation_found{};
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
