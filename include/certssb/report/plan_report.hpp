// SPDX-License-Identifier: MIT
#pragma once
// Brief: before training, what M models or parts of them can certify, and how many a radius needs, in words and as JSON.

#include "certssb/certificate/plan.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/report/report_answer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace certssb {
inline namespace v1 {

/// Brief: what is asked. With `models`, what they certify; with `radius`, how many models it needs.
struct plan_question {
  double alpha = 0.001;
  double sigma = 0.0;  ///< noise scale of the training rows
  std::optional<std::int64_t> models = {};
  std::optional<double> radius = {};
  std::size_t rows = 1;                   ///< poisoned rows that share the budget
  std::optional<std::size_t> parts = {};  ///< of the training set, each with models of its own
  std::optional<double> alpha_part = {};  ///< by default the best

  /// Throws: argument_error where nothing is asked, or a setting lacks its company.
  void validate() const {
    expect(models || radius, "plan: expected `models`, `radius`, or both");
    expect(!alpha_part || (parts && models), "plan: alpha_part goes with `parts` and `models`");
  }
};

namespace detail {

[[nodiscard]] inline json number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json(*number) : json(nullptr);
}

[[nodiscard]] inline std::string number_or_words(const std::optional<std::int64_t>& number) {
  return number ? concatenate(*number) : std::string("more than 2^40");
}

/// Brief: what k parts of the models can do, and what their votes cost.
[[nodiscard]] inline report_answer plan_of_parts(const plan_question& q) {
  const std::size_t k = *q.parts;
  report_answer answer{{{"alpha_part", nullptr},
                        {"failures", nullptr},
                        {"max_budget", nullptr},
                        {"max_radius", nullptr},
                        {"max_rows", nullptr},
                        {"models_needed", nullptr}},
                       ""};
  if (q.models) {
    const best_of_parts best = plan_parts(k, *q.models, q.alpha, q.sigma, q.alpha_part);
    const attainable_parts& all = best.attained;
    answer.object["alpha_part"] = all.alpha_part;
    answer.object["failures"] = all.failures;
    answer.object["max_budget"] = all.budget;
    answer.object["max_radius"] = best.radius;
    if (all.rows) answer.object["max_rows"] = *all.rows;
    answer.text = concatenate(k, " parts of ", *q.models, " models each, all agreeing: each reports at level ",
                              all.alpha_part, ", up to ", all.failures, " reports may be false.\n");
    answer.text += all.rows ? concatenate("  Together they certify a radius of ", best.radius, " (", all.budget,
                                          " noise scales), or ", *all.rows, " parts changed at will.\n")
                            : std::string("  They certify nothing.\n");
    answer.text += concatenate("  Votes cost ", k, " x ", *q.models, " passes for each test input.\n");
  }
  if (q.radius) {
    const auto needed = plan_part_models(k, *q.radius, q.alpha, q.sigma);
    answer.object["models_needed"] = number_or_null(needed);
    answer.text += concatenate("A radius above ", *q.radius, " needs, all agreeing, ", number_or_words(needed),
                               " models in each of ", k, " parts");
    answer.text += needed ? concatenate(": ", k, " x ", *needed, " passes for each test input.\n") : ".\n";
  }
  return answer;
}

}  // namespace detail

/// Brief: answers a question; what was not asked is null.
/// Throws: argument_error as plan_question::validate, plan_best, plan_models and plan_parts.
[[nodiscard]] inline report_answer plan_report(const plan_question& q) {
  q.validate();
  report_answer answer{{{"max_budget", nullptr}, {"max_radius", nullptr}, {"max_per_pattern", nullptr}}, ""};
  models_for_radius needed;
  if (q.models) {
    const best_certificate best = plan_best(*q.models, q.alpha, q.sigma, q.rows);
    answer.object = {{"max_budget", best.budget}, {"max_radius", best.radius}, {"max_per_pattern", best.per_pattern}};
    answer.text =
        concatenate(*q.models, " models that all agree certify a radius of ", best.radius, " (", best.budget,
                    " noise scales),\n  or patterns of norm ", best.per_pattern, " on ", q.rows, " poisoned rows.\n");
  }
  if (q.radius) {
    needed = plan_models(*q.radius, q.alpha, q.sigma);
    answer.text += concatenate("A radius above ", *q.radius, " needs, all agreeing,\n  ",
                               detail::number_or_words(needed.clopper_pearson), " models with clopper-pearson,\n  ",
                               detail::number_or_words(needed.hoeffding), " with hoeffding,\n  ",
                               detail::number_or_words(needed.sequential), " with early stopping.\n");
  }
  answer.object["models_needed"] = {{"clopper-pearson", detail::number_or_null(needed.clopper_pearson)},
                                    {"hoeffding", detail::number_or_null(needed.hoeffding)},
                                    {"sequential_mean", detail::number_or_null(needed.sequential)}};
  if (q.parts) {
    const report_answer parts = detail::plan_of_parts(q);
    answer.object["parts"] = parts.object;
    answer.text += parts.text;
  }
  return answer;
}

}  // namespace v1
}  // namespace certssb
