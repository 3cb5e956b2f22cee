// SPDX-License-Identifier: MIT
// Brief: `certssb plan`: before training, what M models can certify and how many a radius needs.
#include "certssb/certificate/plan.hpp"

#include "command.hpp"
#include "numbers.hpp"

#include <memory>
#include <optional>

namespace certssb::cli {

namespace {

struct plan_options {
  double alpha = 0.001;
  std::optional<double> sigma;
  std::optional<std::int64_t> models;
  std::optional<double> radius;
  std::size_t rows = 1;
  std::optional<std::size_t> parts;
  std::optional<double> alpha_part;
  speech say;
};

json or_null(const std::optional<std::int64_t>& number) { return number ? json(*number) : json(nullptr); }

std::string or_none(const std::optional<std::int64_t>& number) {
  return number ? concatenate(*number) : std::string("more than 2^40");
}

/// What k parts of the models can do, and what their votes cost.
std::string plan_of_parts(const plan_options& o, json& found) {
  const std::size_t k = *o.parts;
  json parts = {{"alpha_part", nullptr}, {"failures", nullptr}, {"max_budget", nullptr},
                {"max_radius", nullptr}, {"max_rows", nullptr}, {"models_needed", nullptr}};
  std::string text;
  if (o.models) {
    const best_of_parts best = plan_parts(k, *o.models, o.alpha, *o.sigma, o.alpha_part);
    const attainable_parts& all = best.attained;
    parts["alpha_part"] = all.alpha_part;
    parts["failures"] = all.failures;
    parts["max_budget"] = all.budget;
    parts["max_radius"] = best.radius;
    if (all.rows) parts["max_rows"] = *all.rows;
    text += concatenate(k, " parts of ", *o.models, " models each, all agreeing: each reports at level ",
                        all.alpha_part, ", up to ", all.failures, " reports may be false.\n");
    text += all.rows ? concatenate("  Together they certify a radius of ", best.radius, " (", all.budget,
                                   " noise scales), or ", *all.rows, " parts changed at will.\n")
                     : std::string("  They certify nothing.\n");
    text += concatenate("  Votes cost ", k, " x ", *o.models, " passes for each test input.\n");
  }
  if (o.radius) {
    const auto needed = plan_part_models(k, *o.radius, o.alpha, *o.sigma);
    if (needed) parts["models_needed"] = *needed;
    text += concatenate("A radius above ", *o.radius, " needs, all agreeing, ", or_none(needed), " models in each of ",
                        k, " parts");
    text += needed ? concatenate(": ", k, " x ", *needed, " passes for each test input.\n") : std::string(".\n");
  }
  found["parts"] = parts;
  return text;
}

void plan_command(const plan_options& o) {
  expect(o.models || o.radius, "plan: expected --models, --radius, or both");
  expect(!o.alpha_part || (o.parts && o.models), "plan: --alpha-part goes with --parts and --models");
  json found = {{"max_budget", nullptr}, {"max_radius", nullptr}, {"max_per_pattern", nullptr}};
  models_for_radius needed;
  std::string text;
  if (o.models) {
    const best_certificate best = plan_best(*o.models, o.alpha, *o.sigma, o.rows);
    found["max_budget"] = best.budget;
    found["max_radius"] = best.radius;
    found["max_per_pattern"] = best.per_pattern;
    text +=
        concatenate(*o.models, " models that all agree certify a radius of ", best.radius, " (", best.budget,
                    " noise scales),\n  or patterns of norm ", best.per_pattern, " on ", o.rows, " poisoned rows.\n");
  }
  if (o.radius) {
    needed = plan_models(*o.radius, o.alpha, *o.sigma);
    text += concatenate("A radius above ", *o.radius, " needs, all agreeing,\n  ", or_none(needed.clopper_pearson),
                        " models with clopper-pearson,\n  ", or_none(needed.hoeffding), " with hoeffding,\n  ",
                        or_none(needed.sequential), " with early stopping.\n");
  }
  found["models_needed"] = {{"clopper-pearson", or_null(needed.clopper_pearson)},
                            {"hoeffding", or_null(needed.hoeffding)},
                            {"sequential_mean", or_null(needed.sequential)}};
  if (o.parts) text += plan_of_parts(o, found);
  o.say.print(found, text);
}

}  // namespace

command make_plan(CLI::App& program) {
  const auto o = std::make_shared<plan_options>();
  CLI::App* app =
      program.add_subcommand("plan", "Before training: what M models can certify, how many a radius needs.");
  add_real(*app, "--alpha", o->alpha, "chance that a sample's certificate fails, in (0,1)", between_zero_and_one);
  add_real(*app, "--sigma", o->sigma, "noise scale of the training rows", above_zero)->required();
  add_whole(*app, "--models", o->models, "M: what do they certify at best?", 1);
  add_real(*app, "--radius", o->radius, "how many models does it need?", at_least_zero);
  add_whole(*app, "--rows", o->rows, "poisoned rows that share the budget", 1);
  add_whole(*app, "--parts", o->parts, "k parts of the training set, each with M models of its own, that vote", 1,
            100'000);
  add_real(*app, "--alpha-part", o->alpha_part, "of parts: chance that one report is false (default: the best)",
           between_zero_and_one);
  o->say.add_to(*app);
  add_example(*app, "certssb plan --alpha 0.001 --sigma 0.5 --models 100 --radius 0.5 --rows 10 --json");
  return {app, [o] { plan_command(*o); }};
}

}  // namespace certssb::cli
