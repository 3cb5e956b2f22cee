// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of learners whose labels the attacker also changes.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/label_flip_learner.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: learners that use features and labels; half of them are the most powerful test of the attack itself.
[[nodiscard]] inline claim_outcome audit_label_noise(const instance_draws& draws) {
  const std::size_t changed = draws.count(1, 4);
  const bool best = draws.coin();
  const std::size_t rows = best ? changed : changed + draws.count(0, 3);
  const std::size_t d = draws.count(1, 3);
  const double q = draws.between(0.2, 0.48);
  const training_scales scales = draws.scales(rows, true);
  std::vector<double> weights = draws.normals(rows * d);
  double squares = 0.0;
  for (const double a : weights) squares += a * a;
  const double tau = scales[0] * std::sqrt(squares);
  const double shift = draws.between(0.1, 2.0);
  const double odds = std::log((1.0 - q) / q);
  const double gain = best ? tau * odds / shift : tau * draws.between(0.0, 1.0);
  const double margin = best ? tau * shift * draws.between(0.3, 1.0) : tau * draws.between(0.2, 3.0);
  const label_flip_learner learner(std::move(weights), margin, scales[0], rows, gain, q);
  const label_noise<uniform_mode> mode(uniform_mode::from_parts(scales, gaussian_noise{}),
                                       label_flips(q, static_cast<std::uint32_t>(changed)),
                                       assume::labels_flipped_in_every_member{});
  return attack_claim(mode, learner, weighted_by(scales), draws.stream(), changed);
}

}  // namespace v1
}  // namespace certssb
