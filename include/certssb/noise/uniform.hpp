// SPDX-License-Identifier: MIT
#pragma once
// Brief: uniform noise, certified in L1.

#include "certssb/core/random.hpp"
#include "certssb/noise/concept.hpp"

#include <concepts>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: independent entries, uniform on (-1,1); a scale lambda makes them uniform on (-lambda, lambda).
/// Determinism: the k-th entry depends on the key and k alone.
/// Reference: Weber et al., RAB (S&P 2023), corollary 2.
struct uniform_noise {
  using certified_norm = l1_norm;
  static constexpr double variance = 1.0 / 3.0;

  template <std::floating_point Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    random_stream stream(key);
    for (Scalar& value : out) value = static_cast<Scalar>(2.0 * stream.uniform() - 1.0);
  }
};

static_assert(noise_distribution<uniform_noise, float> && noise_distribution<uniform_noise, double>);

}  // namespace v1
}  // namespace certssb
