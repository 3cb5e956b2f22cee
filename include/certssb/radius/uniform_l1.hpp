// SPDX-License-Identifier: MIT
#pragma once
// Brief: the radius of uniform noise in L1, with one scale per training row.

#include "certssb/core/expect.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/radius/concept.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: noise uniform on (-lambda_i, lambda_i) on each entry of row i certifies every change delta of the training
/// features with sum_i |delta_i|_1 / lambda_i < B.
/// Maths: B = p_A - p_B. The noisy training sets of both worlds differ in total variation by
/// TV = 1 - prod_{i,j} max(0, 1 - |delta_ij|/(2 lambda_i)), at most half that sum; p_A falls and p_B rises by at most
/// TV, so TV < (p_A - p_B)/2 suffices.
/// Determinism: budgets are rounded down, TV up.
/// Reference: Weber et al., RAB (S&P 2023), corollary 2.
struct uniform_l1 {
  using certified_norm = l1_norm;
  using certified_law = uniform_noise;
  static constexpr std::string_view name = "uniform-l1";

  /// Throws: argument_error unless both bounds lie in [0,1].
  [[nodiscard]] static double budget(double lower, double upper) {
    expect(lower >= 0.0 && lower <= 1.0 && upper >= 0.0 && upper <= 1.0, "uniform_l1: bounds must lie in [0,1], got ",
           lower, " and ", upper);
    return lower > upper ? std::nextafter(lower - upper, 0.0) : 0.0;
  }

  /// Brief: TV of one change of all training rows.
  /// Shapes: changes [rows, d], the signed entries of delta.
  /// Throws: argument_error unless there are as many finite entries in each row.
  [[nodiscard]] static double total_variation(std::span<const double> changes, const noise_scales& scales) {
    expect(!changes.empty() && changes.size() % scales.size() == 0, "uniform_l1: ", scales.size(), " scales but ",
           changes.size(), " entries, which is not a whole number a row");
    const std::size_t d = changes.size() / scales.size();
    double log_overlap = 0.0;
    for (std::size_t k = 0; k < changes.size(); ++k) {
      expect(std::isfinite(changes[k]), "uniform_l1: a change must be finite, got ", changes[k]);
      const double gone = std::abs(changes[k]) / (2.0 * scales[k / d]);
      if (gone >= 1.0) return 1.0;
      log_overlap += std::log1p(-gone);
    }
    const double slack = 1.0 + (static_cast<double>(changes.size()) + 16.0) * 0x1p-53;
    return std::min(1.0, -std::expm1(log_overlap * slack) * (1.0 + 0x1p-50));
  }
};

static_assert(radius_rule<uniform_l1>);

}  // namespace v1
}  // namespace certssb
