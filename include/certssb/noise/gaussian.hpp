// SPDX-License-Identifier: MIT
#pragma once
// Brief: Gaussian noise, certified in L2.

#include "certssb/core/normal_bits.hpp"
#include "certssb/core/random_normal.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/release.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the draws of fill_normal<Scalar>, to as many places as are asked for (noise/release.hpp).
template <class Scalar>
class normal_source {
public:
  using chunk = normal_chunk<Scalar>;

  explicit normal_source(const random_key& key) : key_(key), maths_(opaque_zero) {}

  void fill(std::size_t first, chunk& out) const {
    const std::size_t block = first / out.size() * blocks_at_once;
    draw_normal_chunk<normal_draws::marked>(maths_, key_, static_cast<std::uint32_t>(block), out);
  }
  [[nodiscard]] double in_double(std::size_t at) const { return double_draw(bits_of_normal<Scalar>(key_, at, false)); }
  [[nodiscard]] fixed_draw in_fixed(std::size_t at) const { return fixed_normal(bits_of_normal<Scalar>(key_, at, true)); }

private:
  random_key key_;
  same_bits<Scalar> maths_;
};

}  // namespace detail

/// Brief: independent N(0,1) entries.
/// Determinism: the k-th entry depends on the key and k alone (core/random_normal.hpp).
/// Reference: Cert-SSB and RAB, Gaussian smoothing.
struct gaussian_noise {
  using certified_norm = l2_norm;
  static constexpr double variance = 1.0;

  double step = usual_grid_step;  ///< of the grid that released rows lie on; a power of two, fixed beforehand

  template <class Scalar>
  requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
  void fill(const random_key& key, std::span<Scalar> out) const { fill_normal(key, out); }

  /// Brief: row = the grid points nearest to row + scale * eps, where `fill` gives eps rounded.
  /// Maths: exact: the law of the result is that of a row in real numbers, rounded, but for a total variation of at most
  /// 2^-95 an entry at 512 steps per scale (docs/exact_noise.md).
  /// Throws: argument_error unless the scale lies in [step, 2^18 step] and entries within 2^26 steps of 0.
  template <class Scalar>
  requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
  void release(const random_key& key, double scale, std::span<Scalar> row) const {
    expect(key.model < (1U << 24U), "gaussian_noise: model index must be below 2^24, got ", key.model);
    detail::release_on_grid(detail::normal_source<Scalar>(key), scale, step, row);
  }
};

static_assert(noise_distribution<gaussian_noise, float> && noise_distribution<gaussian_noise, double>);

}  // namespace v1
}  // namespace certssb
