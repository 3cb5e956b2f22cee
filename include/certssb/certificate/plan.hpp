// SPDX-License-Identifier: MIT
#pragma once
// Brief: planning before training: the most that M models can certify, and how many models a radius needs.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/attainable.hpp"
#include "certssb/radius/gaussian_l2.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace certssb {
inline namespace v1 {

/// Brief: what a unanimous vote of M models certifies, with Clopper-Pearson. No vote certifies more.
/// Units: those of the inputs; the budget has none.
struct best_certificate {
  double budget;
  double radius;       ///< Frobenius, over all rows
  double per_pattern;  ///< the common norm of r poisoned rows
};

/// Brief: how many unanimous models a radius needs; empty if 2^40 are too few.
struct models_for_radius {
  std::optional<std::int64_t> clopper_pearson;  ///< a number fixed beforehand
  std::optional<std::int64_t> hoeffding;        ///< the same
  std::optional<std::int64_t> sequential;       ///< early stopping: the vote at which the sample is decided
};

/// Brief: the most that `models` models can certify at one noise scale.
/// Maths: hard votes of two classes or more. The bound is taken at alpha/2, which pays for the choice of the class.
/// Throws: argument_error unless models > 0, 0 < alpha < 1, sigma is finite and positive, and rows > 0.
[[nodiscard]] inline best_certificate plan_best(std::int64_t models, double alpha, double sigma, std::size_t rows = 1) {
  expect(std::isfinite(sigma) && sigma > 0.0, "plan: sigma must be finite and positive, got ", sigma);
  expect(rows > 0, "plan: rows must be positive, got ", rows);
  const double budget = max_budget(models, alpha, clopper_pearson{});
  const double precision = static_cast<double>(rows) / (sigma * sigma);
  return {budget, gaussian_l2::scaled(budget, sigma), gaussian_l2::per_pattern(budget, precision)};
}

/// Brief: how many models exceed `radius` when all agree.
/// Maths: hard votes of two classes. Fixed number: alpha/2, with either bound. Early stopping: one sequence per class,
/// each at alpha/2; a sample whose votes do not all agree needs more.
/// Throws: argument_error unless radius is finite and >= 0, 0 < alpha < 1, and sigma is finite and positive.
[[nodiscard]] inline models_for_radius plan_models(double radius, double alpha, double sigma) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  expect(std::isfinite(sigma) && sigma > 0.0, "plan: sigma must be finite and positive, got ", sigma);
  expect(std::isfinite(radius) && radius >= 0.0, "plan: radius must be finite and >= 0, got ", radius);
  const double budget = radius / sigma;
  return {find_models_needed(alpha, clopper_pearson{}, budget, 2, most),
          find_models_needed(alpha, hoeffding{}, budget, 2, most),
          find_models_needed<vote_count, every_class>(alpha, jeffreys_sequence{}, budget, 2, most)};
}

}  // namespace v1
}  // namespace certssb
