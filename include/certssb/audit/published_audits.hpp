// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances that refute the published radius, each for another reason.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/audit/repeated_exposure_learner.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/noise/gaussian.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the published radius with rows at one scale and a larger scale of the test sample, as after an ascent that
/// can only grow.
/// Maths: the released scales exceed the common one by factors of 1.16 to 2.75 in the mean.
[[nodiscard]] inline claim_outcome audit_published(const instance_draws& draws) {
  const training_scales scales = draws.scales(draws.count(1, 6), true);
  const auto mode = published_mode::from_parts(test_scales({scales[0] * draws.between(1.16, 2.75)}), gaussian_noise{});
  return attack_claim(mode, random_half_space(draws, scales), weighted_by(scales), draws.stream());
}

/// Brief: the same radius with new noise in every epoch. A member learns the mean of E noisy copies of a row, whose
/// noise has scale sigma/sqrt(E), but the radius is computed as for one copy.
/// Maths: the true radius is B sigma/sqrt(E), so tightness is 1/sqrt(E).
[[nodiscard]] inline claim_outcome audit_published_redrawn(const instance_draws& draws) {
  const training_scales scales = draws.scales(draws.count(1, 6), true);
  std::vector<std::vector<double>> exposures(scales.size(), std::vector<double>(draws.count(2, 20), scales[0]));
  const std::size_t d = draws.count(1, 5);
  std::vector<double> weights = draws.normals(scales.size() * d);
  double variance = 0.0;
  for (const double a : weights) variance += a * a * scales[0] * scales[0] / static_cast<double>(exposures[0].size());
  const double margin = draws.between(0.03, 3.5) * std::sqrt(variance);
  return attack_claim(published_mode::from_parts(test_scales({scales[0]}), gaussian_noise{}),
                      repeated_exposure_learner(std::move(weights), margin, exposures, true), weighted_by(scales),
                      draws.stream());
}

}  // namespace v1
}  // namespace certssb
