// SPDX-License-Identifier: MIT
#pragma once
// Brief: the most that M models can certify, known before any model is trained.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the lower bound of p_A for a unanimous vote. Scores that are all 1 are passed as counts to a bound that takes
/// counts.
template <class Bound>
double unanimous_lower(std::int64_t models, const Bound& bound, double level) {
  if constexpr (confidence_bound<Bound, vote_count>) {
    const std::vector<std::int64_t> counts{models, 0};
    return bound.lower(vote_count{counts, models}, 0, level);
  } else {
    const double mean = 1.0;
    const std::vector<double> scores(static_cast<std::size_t>(models), mean);
    return bound.lower(mean_score{std::span(&mean, 1), scores, models}, 0, level);
  }
}

}  // namespace detail

/// Brief: the budget of a unanimous vote of `models` models, the largest possible; 0 if they can certify nothing.
/// `Statistic` is vote_count (hard votes) or mean_score. `Selection` says how alpha is shared: no_split for a number of
/// models fixed beforehand, every_class for votes that decide when to stop.
/// Throws: argument_error unless models > 0, 0 < alpha < 1 and classes >= 2.
template <vote_statistic Statistic = vote_count, class Selection = no_split, class Bound>
[[nodiscard]] double max_budget(std::int64_t models, double alpha, const Bound& bound, std::size_t classes = 2) {
  expect(models > 0, "max_budget: models must be positive, got ", models);
  expect(classes >= 2, "max_budget: needs at least 2 classes, got ", classes);
  require_valid_bound<Bound, Statistic>();
  const double lower = detail::unanimous_lower(models, bound, alpha / Selection::template parts<Statistic>(classes));
  return gaussian_l2::budget(lower, 1.0 - lower);
}

/// Brief: the smallest number of models whose best budget exceeds `budget`; for budget 0, the smallest number that can
/// certify anything. Empty if `most` models are not enough.
/// Maths: for instance 11 models for alpha = .001 and Clopper-Pearson at alpha/2.
/// Throws: argument_error unless budget >= 0, and as max_budget.
template <vote_statistic Statistic = vote_count, class Selection = no_split, class Bound>
[[nodiscard]] std::optional<std::int64_t> find_models_needed(double alpha, const Bound& bound, double budget,
                                                             std::size_t classes, std::int64_t most) {
  expect(std::isfinite(budget) && budget >= 0.0, "models_needed: the budget must be finite and >= 0, got ", budget);
  const auto enough = [&](std::int64_t models) {
    return max_budget<Statistic, Selection>(models, alpha, bound, classes) > budget;
  };
  std::int64_t few = 0;
  std::int64_t many = 1;
  while (!enough(many)) {
    if (many >= most) return std::nullopt;
    few = many;
    many *= 2;
  }
  while (many - few > 1) {
    const std::int64_t middle = few + (many - few) / 2;
    (enough(middle) ? many : few) = middle;
  }
  return many;
}

/// Brief: the same, with at most 2^40 models.
/// Throws: argument_error if 2^40 are not enough, and as find_models_needed.
template <vote_statistic Statistic = vote_count, class Selection = no_split, class Bound>
[[nodiscard]] std::int64_t models_needed(double alpha, const Bound& bound, double budget = 0.0,
                                         std::size_t classes = 2) {
  const auto found = find_models_needed<Statistic, Selection>(alpha, bound, budget, classes, std::int64_t{1} << 40);
  expect(found.has_value(), "models_needed: a budget of ", budget, " is out of reach of 2^40 models at alpha ", alpha);
  return *found;
}

}  // namespace v1
}  // namespace certssb
