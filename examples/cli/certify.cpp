// SPDX-License-Identifier: MIT
// Brief: `certssb certify`: bring your own votes, from any framework's models, and get certificates.
#include "certssb/run/foreign_report.hpp"
#include "command.hpp"
#include "settings_options.hpp"

#include <memory>

namespace certssb::cli {

namespace {

struct certify_options {
  foreign_request request;
  speech say;
};

void certify(const certify_options& o) {
  const foreign_answers answers = certify_request(o.request);
  o.say.tell(concatenate(o.request.source(), ": ", described(answers.votes)));
  o.say.print(describe_foreign(answers));
}

}  // namespace

command make_certify(CLI::App& program) {
  const auto o = std::make_shared<certify_options>();
  CLI::App* app = program.add_subcommand("certify", "Bring your own votes: from M models' answers to certificates.");
  visit_request(o->request, option_adder(*app));
  name_options(*app);
  o->say.add_to(*app);
  add_example(*app, "certssb certify --votes v.npy --trials 100 --sigma 0.5 --mode uniform --alpha 0.001 --json");
  return {app, [o, app] { naming_options(*app, [&] { certify(*o); }); }};
}

}  // namespace certssb::cli
