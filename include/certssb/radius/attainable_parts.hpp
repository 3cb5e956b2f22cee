// SPDX-License-Identifier: MIT
#pragma once
// Brief: the most that k parts of M models can certify, known before any model is trained.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/part_failures.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/attainable.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace certssb {
inline namespace v1 {

/// Brief: the certificate of parts whose votes are all unanimous, for the label whose ties go worst.
struct attainable_parts {
  double alpha_part;
  std::size_t failures;
  double part_budget;               ///< B of one part
  double budget;                    ///< of all parts together, no part touched; 0 if nothing is certified
  std::optional<std::size_t> rows;  ///< parts that may be touched at will; empty if nothing is certified
};

/// Brief: the most that `parts` parts of `models` models each certify with reports at level alpha_part.
/// Maths: each part reports with B = max_budget(models, alpha_part). With k parts for y, none against, and a rival of
/// lower label, need = k - 2 failures parts' votes must be bought in pairs: B_total = B sqrt(ceil((k - 2 failures)/2)).
/// Throws: argument_error as max_budget and allowed_failures.
template <class Bound = clopper_pearson>
[[nodiscard]] attainable_parts attain_parts(std::size_t parts, std::int64_t models, double alpha_part, double alpha,
                                            const Bound& bound = {}) {
  attainable_parts best{alpha_part, allowed_failures(parts, alpha_part, alpha), max_budget(models, alpha_part, bound),
                        0.0, std::nullopt};
  if (best.part_budget > 0.0 && parts > 2 * best.failures) {
    const std::size_t need = parts - 2 * best.failures;
    best.budget = best.part_budget * std::sqrt(static_cast<double>((need + 1) / 2)) * (1.0 - 0x1p-51);
    best.rows = (need - 1) / 2;
  }
  return best;
}

/// Brief: the level alpha_part of a part's report at which unanimous votes certify most.
/// Maths: for each number of failures, the largest alpha_part that allows no more is the Clopper-Pearson lower bound of
/// failures + 1 of k; the budget of all parts decides between them, the fewest failures where it is equal. alpha for
/// one part.
/// Throws: argument_error for no parts, unless 0 < alpha < 1, and as max_budget.
/// Cost: k/2 bounds.
template <class Bound = clopper_pearson>
[[nodiscard]] double best_alpha_part(std::size_t parts, std::int64_t models, double alpha, const Bound& bound = {}) {
  expect(parts > 0, "best_alpha_part: needs at least 1 part");
  expect(alpha > 0.0 && alpha < 1.0, "best_alpha_part: alpha must lie in (0,1), got ", alpha);
  if (parts == 1) return alpha;
  const auto k = static_cast<std::int64_t>(parts);
  double best = clopper_pearson::lower(1, k, alpha);
  double most = attain_parts(parts, models, best, alpha, bound).budget;
  for (std::int64_t failures = 1; 2 * failures < k; ++failures) {
    const double level = clopper_pearson::lower(failures + 1, k, alpha);
    const double budget = attain_parts(parts, models, level, alpha, bound).budget;
    if (budget > most) {
      most = budget;
      best = level;
    }
  }
  return best;
}

/// Brief: the smallest number of models in each part whose unanimous votes, with the best alpha_part, exceed `budget`
/// together; for budget 0, the smallest that can certify anything. Empty if `most` models are not enough.
/// Throws: argument_error for no parts, unless 0 < alpha < 1, and unless budget is finite and >= 0.
/// Cost: k/2 searches, each of a few dozen bounds.
template <class Bound = clopper_pearson>
[[nodiscard]] std::optional<std::int64_t> find_part_models_needed(std::size_t parts, double alpha, double budget,
                                                                  std::int64_t most, const Bound& bound = {}) {
  expect(parts > 0, "models_needed: needs at least 1 part");
  if (parts == 1) return find_models_needed(alpha, bound, budget, 2, most);
  const auto k = static_cast<std::int64_t>(parts);
  std::optional<std::int64_t> fewest;
  for (std::int64_t failures = 0; 2 * failures < k; ++failures) {
    const double level = clopper_pearson::lower(failures + 1, k, alpha);
    const auto bought = static_cast<double>((k - 2 * failures + 1) / 2);
    const double of_part = budget / std::sqrt(bought);
    const std::int64_t fewer = fewest ? *fewest - 1 : most;
    if (fewer < 1 || max_budget(fewer, level, bound) <= of_part) continue;
    fewest = find_models_needed(level, bound, of_part, 2, fewer);
    while (fewest && *fewest < most && attain_parts(parts, *fewest, level, alpha, bound).budget <= budget) ++*fewest;
  }
  return fewest;
}

}  // namespace v1
}  // namespace certssb
