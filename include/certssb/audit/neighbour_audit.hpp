// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of the nearest-neighbour learner, which is certified without sampling.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/bound/smoothed_neighbour.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/core/label.hpp"

#include <cstddef>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the smoothed nearest neighbour. The certificate comes from the library's enclosure, the truth from another
/// quadrature; an enclosure that misses the truth counts as a violation.
[[nodiscard]] inline claim_outcome audit_knn1_exact(const instance_draws& draws) {
  const training_scales scales = draws.scales(draws.count(2, 5), draws.coin());
  const nearest_neighbour_learner learner = random_neighbours(draws, scales);
  const double p = 1.0 - learner.against(learner.blank());
  if (!(p > 0.5)) return {};
  std::vector<double> distances2;
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    distances2.push_back(learner.distance(i) * learner.distance(i));
    labels.push_back(learner.in_a(i) ? 0 : 1);
  }
  const auto classes = smoothed_neighbour_bounds(distances2, labels, 2, scales, learner.dimension());
  const knn1_exact_mode mode(scales);
  const bounded_top top = find_bounded_top(classes);
  const bool missed = p < classes[0].lower - 1e-12 || p > classes[0].upper + 1e-12;
  claim_outcome found = attack_budget(mode, top.label == 0 ? mode.budget(top.lower, top.upper) : 0.0, learner,
                                      weighted_by(scales), draws.stream(), 0, 0, 2);
  found.violated = found.violated || missed;
  return found;
}

}  // namespace v1
}  // namespace certssb
