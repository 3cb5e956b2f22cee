// SPDX-License-Identifier: MIT
#pragma once
// Brief: Gaussian noise, certified in L2.

#include "certssb/core/random_normal.hpp"
#include "certssb/noise/concept.hpp"

#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: independent N(0,1) entries.
/// Determinism: the k-th entry depends on the key and k alone (core/random_normal.hpp).
/// Reference: Cert-SSB and RAB, Gaussian smoothing.
struct gaussian_noise {
  using certified_norm = l2_norm;
  static constexpr double variance = 1.0;

  template <class Scalar>
  requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
  void fill(const random_key& key, std::span<Scalar> out) const { fill_normal(key, out); }
};

static_assert(noise_distribution<gaussian_noise, float> && noise_distribution<gaussian_noise, double>);

}  // namespace v1
}  // namespace certssb
