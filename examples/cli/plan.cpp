// SPDX-License-Identifier: MIT
// Brief: `certssb plan`: before training, what M models can certify and how many a radius needs.
#include "certssb/report/plan_report.hpp"
#include "command.hpp"
#include "settings_options.hpp"

#include <memory>

namespace certssb::cli {

command make_plan(CLI::App& program) {
  struct options {
    plan_question asked;
    speech say;
  };
  const auto o = std::make_shared<options>();
  CLI::App* app =
      program.add_subcommand("plan", "Before training: what M models can certify, how many a radius needs.");
  const option_adder add(*app);
  plan_question& q = o->asked;
  add("alpha", q.alpha, "chance that a sample's certificate fails, in (0,1)", between_zero_and_one);
  add("sigma", q.sigma, "noise scale of the training rows", above_zero)->required()->default_str("");
  add("models", q.models, "M: what do they certify at best?", whole_range{1});
  add("radius", q.radius, "how many models does it need?", at_least_zero);
  add("rows", q.rows, "poisoned rows that share the budget", whole_range{1});
  add("parts", q.parts, "k parts of the training set, each with M models of its own, that vote",
      whole_range{1, 100'000});
  add("alpha_part", q.alpha_part, "of parts: chance that one report is false (default: the best)",
      between_zero_and_one);
  o->say.add_to(*app);
  add_example(*app, "certssb plan --alpha 0.001 --sigma 0.5 --models 100 --radius 0.5 --rows 10 --json");
  return {app, [o, app] { o->say.print(naming_options(*app, [&] { return plan_report(o->asked); })); }};
}

}  // namespace certssb::cli
