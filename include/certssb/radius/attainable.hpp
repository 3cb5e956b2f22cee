// SPDX-License-Identifier: MIT
#pragma once
// Brief: what M models can certify at best, known before any is trained.

#include "certssb/bound/selection.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace certssb::inline v1 {

/// Brief: the budget of a unanimous vote of `models` models, the best there is; 0 where they can certify nothing.
/// `Statistic` is vote_count (hard votes) or mean_score; no split.
/// Throws: argument_error unless models > 0, 0 < alpha < 1 and classes >= 2.
template <vote_statistic Statistic = vote_count, class Bound>
[[nodiscard]] double max_budget(std::int64_t models, double alpha, const Bound& bound, std::size_t classes = 2) {
  expect(models > 0, "max_budget: models must be positive, got ", models);
  expect(classes >= 2, "max_budget: needs at least 2 classes, got ", classes);
  const auto best = [&](const Statistic& votes) {
    const bounded_top top = no_split::bound_top(votes, bound, alpha);
    return gaussian_l2::budget(top.lower, top.upper);
  };
  if constexpr (hard_vote_statistic<Statistic>) {
    std::vector<std::int64_t> counts(classes);
    counts[0] = models;
    return best(Statistic{counts, models});
  } else {
    std::vector<double> means(classes);
    means[0] = 1.0;
    return best(Statistic{means, models});
  }
}

/// Brief: the smallest number of models whose best budget exceeds `budget`; with 0, that can certify anything at all.
/// Maths: alpha = .001 and Clopper-Pearson at alpha/2: 11.
/// Throws: argument_error unless budget >= 0 and 2^40 models are enough.
template <vote_statistic Statistic = vote_count, class Bound>
[[nodiscard]] std::int64_t models_needed(double alpha, const Bound& bound, double budget = 0.0,
                                         std::size_t classes = 2) {
  expect(std::isfinite(budget) && budget >= 0.0, "models_needed: the budget must be finite and >= 0, got ", budget);
  const auto enough = [&](std::int64_t models) {
    return max_budget<Statistic>(models, alpha, bound, classes) > budget;
  };
  constexpr std::int64_t most = std::int64_t{1} << 40;
  std::int64_t few = 0;
  std::int64_t many = 1;
  while (!enough(many)) {
    expect(many < most, "models_needed: a budget of ", budget, " is out of reach of 2^40 models at alpha ", alpha);
    few = many;
    many *= 2;
  }
  while (many - few > 1) {
    const std::int64_t middle = few + (many - few) / 2;
    (enough(middle) ? many : few) = middle;
  }
  return many;
}

}  // namespace certssb::inline v1
