// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of the modes that certify sums of absolute changes.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"

namespace certssb {
inline namespace v1 {

/// Brief: one-dimensional thresholds under noise that is certified in L1.
[[nodiscard]] inline claim_outcome audit_uniform_l1(const instance_draws& draws) {
  const training_scales scales = draws.scales(draws.count(1, 4), true);
  return attack_claim(uniform_l1_mode::from_parts(scales, uniform_noise{}),
                      random_threshold<uniform_law>(draws, scales, 1.5), weighted_by(scales, true), draws.stream());
}
[[nodiscard]] inline claim_outcome audit_laplace_l1(const instance_draws& draws) {
  const training_scales scales = draws.scales(draws.count(1, 4), true);
  return attack_claim(laplace_l1_mode::from_parts(scales, laplace_noise{}),
                      random_threshold<laplace_law>(draws, scales, 8.0), weighted_by(scales, true), draws.stream());
}

}  // namespace v1
}  // namespace certssb
