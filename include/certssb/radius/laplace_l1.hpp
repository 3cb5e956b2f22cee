// SPDX-License-Identifier: MIT
#pragma once
// Brief: the radius of Laplace noise in L1, with one scale per training row.

#include "certssb/core/expect.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/radius/concept.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: Laplace noise of scale b_i on each entry of row i certifies every change delta of the training features with
/// sum_i |delta_i|_1 / b_i < B.
/// Maths: B = max(log(p_A/p_B)/2, -log(1 - p_A + p_B)): for t = sum_i |delta_i|_1 / b_i the likelihood ratio lies in
/// [e^-t, e^t], so p_A becomes at least max(p_A e^-t, 1 - (1 - p_A) e^t) and p_B at most p_B e^t.
/// Determinism: budgets are rounded down; probabilities of exactly 1 and 0 are moved inward, so B is finite.
/// Reference: Teng et al. (2020); Yang et al. (ICML 2020).
struct laplace_l1 {
  using certified_norm = l1_norm;
  using certified_law = laplace_noise;
  static constexpr std::string_view name = "laplace-l1";

  /// Throws: argument_error unless both bounds lie in [0,1].
  [[nodiscard]] static double budget(double lower, double upper) {
    expect(lower >= 0.0 && lower <= 1.0 && upper >= 0.0 && upper <= 1.0, "laplace_l1: bounds must lie in [0,1], got ",
           lower, " and ", upper);
    if (lower <= upper) return 0.0;
    const double a = std::min(lower, 1.0 - 0x1p-53);
    const double b = std::max(upper, std::numeric_limits<double>::min());
    const double by_ratio = 0.5 * (std::log(a) - std::log(b)) - 0x1p-51 * (std::abs(std::log(a)) - std::log(b));
    const double by_complement = -std::log(((1.0 - a) + b) * (1.0 + 0x1p-50)) * (1.0 - 0x1p-51);
    return std::max({0.0, by_ratio, by_complement});
  }
};

static_assert(radius_rule<laplace_l1>);

}  // namespace v1
}  // namespace certssb
