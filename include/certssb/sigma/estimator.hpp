// SPDX-License-Identifier: MIT
#pragma once
// Brief: two gradients: the true one, pathwise, and that of the published code, kept for comparison.

#include "certssb/sigma/concept.hpp"

#include <cmath>

namespace certssb {
inline namespace v1 {

/// Brief: the derivative of R along the draws.
/// Maths: dR/dsigma = gap/2 + sigma/2 * d gap/dsigma, the second term by forward mode.
/// The bias is O(variance of the mean scores). With one draw the penalty for noise vanishes.
/// Reference: Cert-SSB, gradient of the noise optimisation.
struct pathwise_estimator {
  static constexpr const char* name = "pathwise";
  static constexpr bool needs_slopes = true;

  [[nodiscard]] double gradient(const radius_proxy& proxy, const score_moments& m, double sigma) const {
    return 0.5 * proxy.gap(m) + 0.5 * sigma * proxy.gap_slope(m);
  }
};

/// Brief: |gap|/2, what remains of the derivative when the scores are cut off from sigma and the gap loses its sign.
/// It is never negative, so sigma can only grow, also for wrongly classified samples. It does not estimate dR/dsigma.
/// Reference: the published Cert-SSB code.
struct detached_estimator {
  static constexpr const char* name = "detached";
  static constexpr bool needs_slopes = false;

  [[nodiscard]] double gradient(const radius_proxy& proxy, const score_moments& m, double) const {
    return 0.5 * std::abs(proxy.gap(m));
  }
};

static_assert(gradient_estimator<pathwise_estimator> && gradient_estimator<detached_estimator>);

}  // namespace v1
}  // namespace certssb
