// SPDX-License-Identifier: MIT
#pragma once
// Brief: planning before training: the most that M models can certify, and how many models a radius needs.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/attainable.hpp"
#include "certssb/radius/attainable_parts.hpp"
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

/// Brief: what unanimous votes of `parts` parts of `models` models each certify. Nothing that parts vote certifies more.
/// Units: those of the inputs; the budget has none.
struct best_of_parts {
  attainable_parts attained;
  double radius;  ///< Frobenius, over all rows, no part changed at will
};

/// Brief: the most that parts can certify at one noise scale; without `alpha_part`, at the best one.
/// Throws: argument_error unless sigma is finite and positive, and as attain_parts.
[[nodiscard]] inline best_of_parts plan_parts(std::size_t parts, std::int64_t models, double alpha, double sigma,
                                              std::optional<double> alpha_part = {}) {
  expect(std::isfinite(sigma) && sigma > 0.0, "plan: sigma must be finite and positive, got ", sigma);
  const double level = alpha_part ? *alpha_part : best_alpha_part(parts, models, alpha);
  const attainable_parts attained = attain_parts(parts, models, level, alpha);
  return {attained, gaussian_l2::scaled(attained.budget, sigma)};
}

/// Brief: how many models each part needs to exceed `radius` when all agree, at the best alpha_part; empty if 2^40 are
/// too few.
/// Throws: argument_error for no parts, and as plan_models.
[[nodiscard]] inline std::optional<std::int64_t> plan_part_models(std::size_t parts, double radius, double alpha,
                                                                  double sigma) {
  expect(std::isfinite(sigma) && sigma > 0.0, "plan: sigma must be finite and positive, got ", sigma);
  expect(std::isfinite(radius) && radius >= 0.0, "plan: radius must be finite and >= 0, got ", radius);
  return find_part_models_needed(parts, alpha, radius / sigma, std::int64_t{1} << 40);
}

}  // namespace v1
}  // namespace certssb
