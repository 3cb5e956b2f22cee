// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of the modes whose scales are the same before and after the attack.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"

namespace certssb {
inline namespace v1 {

/// Brief: half spaces and thresholds at one constant scale.
[[nodiscard]] inline claim_outcome audit_uniform(const instance_draws& draws) {
  const training_scales scales = draws.scales(draws.count(1, 6), true);
  const auto mode = uniform_mode::from_parts(scales, gaussian_noise{});
  const geometry weighted = weighted_by(scales);
  if (draws.coin()) return attack_claim(mode, random_half_space(draws, scales), weighted, draws.stream());
  return attack_claim(mode, random_threshold<gaussian_law>(draws, scales, 4.0), weighted, draws.stream());
}

/// Brief: half spaces and thresholds whose rows have scales of their own, the same before and after the attack.
template <class Mode>
[[nodiscard]] claim_outcome audit_held_scales(const instance_draws& draws, const Mode& make_mode) {
  const training_scales scales = draws.scales(draws.count(1, 6), false);
  const auto mode = make_mode(scales);
  const geometry weighted = weighted_by(scales);
  if (draws.coin()) return attack_claim(mode, random_half_space(draws, scales), weighted, draws.stream());
  return attack_claim(mode, random_threshold<gaussian_law>(draws, scales, 4.0), weighted, draws.stream());
}

[[nodiscard]] inline claim_outcome audit_given_scales(const instance_draws& draws) {
  return audit_held_scales(draws, [](const training_scales& s) {
    return given_scales_mode::from_parts(s, gaussian_noise{}, test_scale_origin::fixed_or_of_each_member);
  });
}

[[nodiscard]] inline claim_outcome audit_frozen(const instance_draws& draws) {
  return audit_held_scales(draws, [](const training_scales& s) {
    return frozen_mode::from_parts(s, gaussian_noise{}, assume::scales_independent_of_features{});
  });
}

}  // namespace v1
}  // namespace certssb
