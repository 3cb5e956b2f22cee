// SPDX-License-Identifier: MIT
#pragma once
// Brief: the objective of sigma ascent: the radius that a sample would have if its mean scores were the true
// probabilities.

#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"

namespace certssb {
inline namespace v1 {

/// Brief: means over a sample's draws: scores of class A and of its rival B, and their derivatives in sigma.
/// Maths: p_c = (1/n) sum_j f_c(x + sigma eps_j), slope_c = (1/n) sum_j grad f_c(x + sigma eps_j) . eps_j.
struct score_moments {
  double p_a;
  double p_b;
  double slope_a = 0.0;
  double slope_b = 0.0;
};

/// Brief: R(sigma) = sigma/2 * (PhiInv(p_A) - PhiInv(p_B)) with both probabilities clamped to [clamp, 1 - clamp].
/// Reference: Cert-SSB, the objective of the noise optimisation; clamp .02 is the published one.
class radius_proxy {
public:
  /// Throws: argument_error unless 0 < clamp < 1/2.
  explicit radius_proxy(double clamp) : clamp_(clamp) {
    expect(clamp > 0.0 && clamp < 0.5, "radius_proxy: clamp must lie in (0, 0.5), got ", clamp);
  }

  [[nodiscard]] double gap(const score_moments& m) const {
    return clamped_normal_quantile(m.p_a, clamp_) - clamped_normal_quantile(m.p_b, clamp_);
  }

  /// Brief: d gap / d sigma; a clamped probability has slope 0.
  [[nodiscard]] double gap_slope(const score_moments& m) const {
    return quantile_slope(m.p_a, m.slope_a) - quantile_slope(m.p_b, m.slope_b);
  }

  [[nodiscard]] double radius(const score_moments& m, double sigma) const { return 0.5 * sigma * gap(m); }

private:
  [[nodiscard]] double quantile_slope(double p, double slope) const {
    if (p <= clamp_ || p >= 1.0 - clamp_) return 0.0;
    return slope / normal_density(normal_quantile(p));
  }

  double clamp_;
};

}  // namespace v1
}  // namespace certssb
