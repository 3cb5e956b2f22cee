// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of the modes in which a member sees its rows more than once, or adapts to what it saw.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/audit/repeated_exposure_learner.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/noise/gaussian.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: half spaces over rows shown 1 to 20 times, and an adaptive learner that looks at a row again when in doubt.
[[nodiscard]] inline claim_outcome audit_ledger(const instance_draws& draws) {
  const gaussian_noise noise;
  if (draws.coin()) {
    const double first = draws.scale(0.2, 2.0);
    const adaptive_exposure_learner learner(first * draws.between(-1.0, 3.0), first, draws.scale(0.2, 2.0),
                                            first * draws.between(-1.0, 2.0), first * draws.between(-0.5, 0.5));
    const std::vector<double> caps{learner.cap()};
    const auto mode =
        ledger_mode::of_caps(exposure_caps<l2_norm>(caps), noise, assume::rows_read_only_through_the_ledger{});
    return attack_claim(mode, learner, {{1.0 / std::sqrt(caps[0])}}, draws.stream());
  }
  const std::size_t rows = draws.count(1, 5);
  std::vector<std::vector<double>> exposures(rows);
  std::vector<double> caps(rows);
  geometry weighted;
  for (std::size_t i = 0; i < rows; ++i) {
    exposures[i].resize(draws.count(1, 20));
    for (double& sigma : exposures[i]) {
      sigma = draws.scale(0.2, 2.0);
      caps[i] += 1.0 / (sigma * sigma);
    }
    weighted.row_scales.push_back(1.0 / std::sqrt(caps[i]));
  }
  const std::size_t d = draws.count(1, 4);
  const auto mode =
      ledger_mode::of_caps(exposure_caps<l2_norm>(caps), noise, assume::rows_read_only_through_the_ledger{});
  return attack_claim(
      mode, repeated_exposure_learner(draws.normals(rows * d), draws.between(0.02, 2.0), exposures, draws.coin()),
      weighted, draws.stream());
}

/// Brief: a half space on released rows, and a learner that adds noise of its own to what was released.
[[nodiscard]] inline claim_outcome audit_floor(const instance_draws& draws) {
  const training_scales released = draws.scales(draws.coin() ? 1 : 4, true);
  const auto mode = floor_mode::from_parts(released, gaussian_noise{});
  if (released.size() == 1) {
    const double sigma = released[0];
    return attack_claim(mode,
                        noised_first_learner(sigma * draws.between(0.05, 3.0), sigma, sigma * draws.scale(0.1, 4.0)),
                        weighted_by(released), draws.stream());
  }
  return attack_claim(mode, random_half_space(draws, released), weighted_by(released), draws.stream());
}

}  // namespace v1
}  // namespace certssb
