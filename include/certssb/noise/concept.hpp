// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a noise distribution gives: unit draws from a keyed stream, and the norm it certifies.

#include "certssb/core/random.hpp"

#include <concepts>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: norms of the perturbation, taken over all training rows at once.
struct l1_norm {
  static constexpr const char* name = "l1";
};
struct l2_norm {
  static constexpr const char* name = "l2";
};

/// Brief: a distribution of independent entries with scale 1; the algorithms multiply by their own scales.
/// Members: `certified_norm`, the norm of the perturbations it certifies against (l1_norm, l2_norm or a user's own);
/// `fill(key, out)`, which fills `out` with the first draws of that key's stream. Optional: `variance`, of one entry.
/// Requires: `fill` depends on the key and the place in `out` alone, and may be called from several threads.
template <class Noise, class Scalar>
concept noise_distribution = std::floating_point<Scalar> && std::copy_constructible<Noise> &&
    requires(const Noise& noise, const random_key& key, std::span<Scalar> out) {
  typename Noise::certified_norm;
  noise.fill(key, out);
};

/// Brief: the variance of one entry, as the noise states it; 0 where it states none.
template <class Noise>
[[nodiscard]] constexpr double stated_variance() {
  if constexpr (requires {
                  { Noise::variance } -> std::convertible_to<double>;
                }) {
    return Noise::variance;
  } else {
    return 0.0;
  }
}

/// Brief: noise that can release rows: `release(key, scale, row)` turns a row into what others may see of it, which is
/// that row plus scale times the draws of `fill`, rounded so that nothing below a fixed step is left
/// (noise/release.hpp). For other noise, certificates assume that adding it in floating point gives nothing away.
template <class Noise, class Scalar>
concept releasing_noise = noise_distribution<Noise, Scalar> &&
    requires(const Noise& noise, const random_key& key, double scale, std::span<Scalar> row) {
  noise.release(key, scale, row);
};

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no noise; else true.
template <class Noise, class Scalar>
constexpr bool require_noise() {
  static_assert(std::copy_constructible<Noise>, "certssb: your noise cannot be copied");
  static_assert(
      requires { typename Noise::certified_norm; },
      "certssb: your noise has no type `certified_norm` (l1_norm, l2_norm or your own)");
  static_assert(
      requires(const Noise& noise, const random_key& key, std::span<Scalar> out) { noise.fill(key, out); },
      "certssb: your noise has no const fill(key, span<scalar> out), scalar that of the data set");
  return true;
}

}  // namespace v1
}  // namespace certssb
