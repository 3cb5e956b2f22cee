// SPDX-License-Identifier: MIT
// Brief: `certssb certify`: bring your own votes, from any framework's models, and get certificates.
#include "certssb/run/foreign_report.hpp"
#include "certssb/run/write_foreign.hpp"
#include "command.hpp"
#include "settings_options.hpp"

#include <memory>
#include <optional>
#include <string>

namespace certssb::cli {

namespace {

struct certify_options {
  foreign_request request;
  std::string out;
  bool overwrite = false;
  speech say;
};

void certify(const certify_options& o) {
  expect(!o.overwrite || !o.out.empty(), "`overwrite` goes with `out`");
  std::optional<run_folder> folder;
  if (!o.out.empty()) folder.emplace(o.out, o.overwrite ? existing_run::overwrite : existing_run::refuse);
  const foreign_answers answers = certify_request(o.request);
  report_answer said = describe_foreign(answers);
  if (folder) {
    const std::string complaint = write_foreign(answers, *folder);
    if (!complaint.empty()) o.say.tell("drawings are left out of report.html: " + complaint);
    said.text += "Report: " + o.out + "/report.html\n";
  }
  o.say.tell(concatenate(o.request.source(), ": ", described(answers.votes)));
  o.say.print(said);
}

}  // namespace

command make_certify(CLI::App& program) {
  const auto o = std::make_shared<certify_options>();
  CLI::App* app = program.add_subcommand("certify", "Bring your own votes: from M models' answers to certificates.");
  visit_request(o->request, option_adder(*app));
  name_options(*app);
  app->add_option("--out", o->out, "also write a folder as certssb run does, with a report; report and verify read it");
  app->add_flag("--overwrite", o->overwrite, "replace an earlier run in --out");
  o->say.add_to(*app);
  add_example(*app, "certssb certify --votes v.npy --trials 100 --sigma 0.5 --mode uniform --alpha 0.001 --json");
  return {app, [o, app] { naming_options(*app, [&] { certify(*o); }); }};
}

}  // namespace certssb::cli
