// SPDX-License-Identifier: MIT
#pragma once
// Brief: the radius of Gaussian noise in L2, with one scale per training row.

#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/concept.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: Gaussian noise sigma_i on training row i certifies every change delta of the training features with
/// sqrt(sum_i |delta_i|^2 / sigma_i^2) < B.
/// Maths: B = (PhiInv(p_A) - PhiInv(p_B)) / 2.
/// Units: B has none; radii and norms are in the units of the inputs.
/// Determinism: every radius is rounded down and every size up.
/// Reference: Weber et al., RAB (S&P 2023), corollary 1, with scales that differ from row to row.
struct gaussian_l2 {
  using certified_norm = l2_norm;
  using certified_law = gaussian_noise;
  static constexpr std::string_view name = "gaussian-l2";

  /// Brief: B; 0 if lower <= upper. Probabilities of exactly 1 and 0 are moved inward, so B is finite.
  /// Throws: argument_error unless both lie in [0,1].
  [[nodiscard]] static double budget(double lower, double upper) {
    expect(lower >= 0.0 && lower <= 1.0 && upper >= 0.0 && upper <= 1.0, "gaussian_l2: bounds must lie in [0,1], got ",
           lower, " and ", upper);
    if (lower <= upper) return 0.0;
    const double a = normal_quantile(std::min(lower, 1.0 - 0x1p-53));
    const double b = normal_quantile(std::max(upper, std::numeric_limits<double>::min()));
    return std::max(0.0, 0.5 * (a - b) - 0x1p-51 * (std::abs(a) + std::abs(b)));
  }

  /// Brief: the Frobenius radius, over all rows together: B * min_i sigma_i.
  [[nodiscard]] static double frobenius_radius(double budget, const noise_scales& scales) {
    return scaled(budget, scales.smallest());
  }

  /// Brief: B * sigma, rounded down.
  [[nodiscard]] static double scaled(double budget, double sigma) {
    return budget > 0.0 ? std::nextafter(budget * sigma, 0.0) : 0.0;
  }

  /// Brief: the sum of the r largest 1/sigma_i^2: the precision on those r rows whose change is worst.
  /// Throws: argument_error unless 1 <= r <= the number of rows.
  [[nodiscard]] static double worst_precision(const noise_scales& scales, std::size_t r) {
    expect(r >= 1 && r <= scales.size(), "gaussian_l2: poisoned rows must lie in [1, ", scales.size(), "], got ", r);
    const auto precisions = largest_precisions(scales);
    double sum = 0.0;
    for (std::size_t i = 0; i < r; ++i) sum += precisions[i];
    return sum * slack(r);
  }

  /// Brief: the largest common norm of r patterns on unknown rows: B / sqrt(worst_precision(r)).
  [[nodiscard]] static double per_pattern(double budget, const noise_scales& scales, std::size_t r) {
    return per_pattern(budget, worst_precision(scales, r));
  }
  [[nodiscard]] static double per_pattern(double budget, double precision) {
    return budget > 0.0 ? budget / std::sqrt(precision) * (1.0 - 0x1p-50) : 0.0;
  }

  /// Brief: the size of an attack in noise scales: sqrt(sum_i |delta_i|^2 / sigma_i^2).
  /// Shapes: norms [rows], 0 for unchanged rows.
  /// Throws: argument_error unless there is one finite norm >= 0 per row.
  [[nodiscard]] static double weighted_size(std::span<const double> norms, const noise_scales& scales) {
    expect(norms.size() == scales.size(), "gaussian_l2: ", scales.size(), " scales but ", norms.size(), " norms");
    double sum = 0.0;
    for (std::size_t i = 0; i < norms.size(); ++i) {
      expect(std::isfinite(norms[i]) && norms[i] >= 0.0, "gaussian_l2: a pattern norm must be finite and >= 0, got ",
             norms[i]);
      const double ratio = norms[i] / scales[i];
      sum += ratio * ratio;
    }
    return std::sqrt(sum * slack(norms.size()));
  }

  /// Brief: whether B covers this attack.
  [[nodiscard]] static bool covers(double budget, std::span<const double> norms, const noise_scales& scales) {
    return weighted_size(norms, scales) < budget;
  }

  /// Brief: how many unknown rows, each changed by `norm`, B covers.
  /// Throws: argument_error unless norm is finite and positive.
  [[nodiscard]] static std::size_t max_rows(double budget, const noise_scales& scales, double norm) {
    expect(std::isfinite(norm) && norm > 0.0, "gaussian_l2: the pattern norm must be finite and positive, got ", norm);
    const auto precisions = largest_precisions(scales);
    double sum = 0.0;
    std::size_t r = 0;
    for (; r < precisions.size(); ++r) {
      sum += precisions[r];
      if (!(norm * std::sqrt(sum * slack(r + 1)) < budget)) break;
    }
    return r;
  }

private:
  /// Brief: more than the relative error of a sum of n positive terms.
  static double slack(std::size_t n) { return 1.0 + (static_cast<double>(n) + 8.0) * 0x1p-53; }

  static std::vector<double> largest_precisions(const noise_scales& scales) {
    std::vector<double> precisions;
    precisions.reserve(scales.size());
    for (const double sigma : scales.values()) precisions.push_back(1.0 / (sigma * sigma));
    std::ranges::sort(precisions, std::greater<>{});
    return precisions;
  }
};

static_assert(radius_rule<gaussian_l2>);

}  // namespace v1
}  // namespace certssb
