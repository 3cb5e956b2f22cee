// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of storage-update: random streams of test inputs, and inputs inside stored balls.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/storage/update_rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a random stream of test inputs through storage-update, and then inputs inside the stored balls, asked for
/// with another label: each must get the stored label.
/// Maths: tightness is the smallest distance from a stored centre to a region of another label, in stored radii.
[[nodiscard]] inline claim_outcome audit_memory(const instance_draws& draws) {
  constexpr int samples = 30;
  const std::size_t d = draws.count(1, 4);
  const storage_policy policy = draws.coin() ? storage_policy::min : storage_policy::slack;
  region_store<double> store(d);
  const auto ask = [&](std::vector<double> centre, const region& asked) {
    return process(store, std::span<const double>(centre), asked, policy);
  };
  for (int i = 0; i < samples; ++i) {
    std::vector<double> centre = draws.normals(d);
    for (double& x : centre) x *= 2.0;
    ask(std::move(centre), {static_cast<label_type>(draws.count(0, 2)), draws.between(0.0, 1.5)});
  }
  claim_outcome found{.claimed = store.size() > 0};
  const std::size_t stored = store.size();
  const auto distance = [&](std::size_t i, std::size_t k) {
    double sum = 0.0;
    for (std::size_t j = 0; j < d; ++j) sum += std::pow(store.centre(i)[j] - store.centre(k)[j], 2.0);
    return std::sqrt(sum);
  };
  for (std::size_t i = 0; i < stored; ++i) {
    for (std::size_t k = 0; k < stored; ++k) {
      if (store[i].label == store[k].label) continue;
      found.tightness = std::min(found.tightness, (distance(i, k) - store[k].radius) / store[i].radius);
    }
  }
  for (std::size_t i = 0; i < stored; ++i) {
    const std::vector<double> direction = draws.normals(d);
    double length = 0.0;
    for (const double x : direction) length = std::hypot(length, x);
    const double t = store[i].radius * (draws.coin() ? 1.0 - 1e-9 : draws.between(0.0, 1.0)) / length;
    std::vector<double> inside(store.centre(i).begin(), store.centre(i).end());
    for (std::size_t j = 0; j < d; ++j) inside[j] += t * direction[j];
    found.violated = found.violated || ask(std::move(inside), {(store[i].label + 1) % 3, 0.0}).label != store[i].label;
  }
  return found;
}

}  // namespace v1
}  // namespace certssb
