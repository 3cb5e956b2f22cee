// SPDX-License-Identifier: MIT
#pragma once
// Brief: Laplace noise, certified in L1.

#include "certssb/core/random.hpp"
#include "certssb/core/same_bits.hpp"
#include "certssb/noise/concept.hpp"

#include <cmath>
#include <concepts>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: independent entries of density exp(-|z|)/2, variance 2.
/// Maths: -log(1 - |u|) with the sign of u, u uniform on (-1,1) with 1 - |u| exact.
/// Determinism: the k-th entry depends on the key and k alone; the same bits in every build.
/// Reference: Teng et al. (2020), l1 certificates by Laplace smoothing.
struct laplace_noise {
  using certified_norm = l1_norm;
  static constexpr double variance = 2.0;

  template <std::floating_point Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    random_stream stream(key);
    const detail::same_bits<double> maths(detail::opaque_zero);
    for (Scalar& value : out) {
      const double u = 2.0 * stream.uniform() - 1.0;
      value = static_cast<Scalar>(std::copysign(maths.log(1.0 - std::abs(u)), u));
    }
  }
};

static_assert(noise_distribution<laplace_noise, float> && noise_distribution<laplace_noise, double>);

}  // namespace v1
}  // namespace certssb
