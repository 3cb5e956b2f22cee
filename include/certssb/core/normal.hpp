// SPDX-License-Identifier: MIT
#pragma once
// Brief: the standard normal law: cdf, density, quantile, and the gap between two quantiles.

#include "certssb/core/expect.hpp"

#include <boost/math/special_functions/erf.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace certssb {
inline namespace v1 {

/// Brief: Phi(z) = P(N(0,1) <= z).
[[nodiscard]] inline double normal_cdf(double z) noexcept { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

/// Brief: phi(z), the density of N(0,1).
[[nodiscard]] inline double normal_density(double z) noexcept {
  return std::exp(-0.5 * z * z) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

/// Brief: PhiInv(p), the quantile of N(0,1).
/// Maths: -inf at 0, +inf at 1; accurate for p near 0 (down to the smallest normal double). Near 1 it is as accurate
/// as p itself: pass the complement to `normal_quantile_of_complement` where 1 - p is known better than p.
/// Throws: argument_error unless 0 <= p <= 1.
[[nodiscard]] inline double normal_quantile(double p) {
  expect(p >= 0.0 && p <= 1.0, "normal_quantile: p must lie in [0,1], got ", p);
  if (p == 0.0) return -std::numeric_limits<double>::infinity();
  if (p == 1.0) return std::numeric_limits<double>::infinity();
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * p);
}

/// Brief: PhiInv(1 - q), without forming 1 - q.
/// Throws: argument_error unless 0 <= q <= 1.
[[nodiscard]] inline double normal_quantile_of_complement(double q) { return -normal_quantile(q); }

/// Brief: PhiInv of p clamped to [floor, 1 - floor]; always finite.
/// Throws: argument_error unless 0 < floor < 1/2 and p is a number.
[[nodiscard]] inline double clamped_normal_quantile(double p, double floor) {
  expect(floor > 0.0 && floor < 0.5, "clamped_normal_quantile: floor must lie in (0, 0.5), got ", floor);
  expect(!std::isnan(p), "clamped_normal_quantile: p is not a number");
  return normal_quantile(std::clamp(p, floor, 1.0 - floor));
}

/// Brief: PhiInv(p_a) - PhiInv(p_b); infinite only if a probability is exactly 0 or 1.
/// Throws: argument_error unless both lie in [0,1] and the gap is a number.
[[nodiscard]] inline double normal_gap(double p_a, double p_b) {
  const double gap = normal_quantile(p_a) - normal_quantile(p_b);
  expect(!std::isnan(gap), "normal_gap: both probabilities are the same end of [0,1], got ", p_a);
  return gap;
}

}  // namespace v1
}  // namespace certssb
