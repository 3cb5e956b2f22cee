// SPDX-License-Identifier: MIT
#pragma once
// Brief: uniform noise, certified in L1.

#include "certssb/core/normal_bits.hpp"
#include "certssb/core/random.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/release.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the uniforms on (0,1) of a stream, two words each, and their places of 128 bits.
class uniform_bits {
public:
  explicit uniform_bits(const random_key& key) : key_(key) {}

  /// Brief: the 128 bits of uniform `at`, of which random_stream::uniform gives the first 52.
  [[nodiscard]] wide_word operator[](std::size_t at) const {
    const auto words = random_block(key_, static_cast<std::uint32_t>(at / 2));
    const std::size_t first = at % 2 * 2;
    return wide_of(std::uint64_t{words[first]} << 32U | words[first + 1],
                   static_cast<std::uint64_t>(further_bits(key_, static_cast<std::uint32_t>(at)) >> 64U));
  }
  /// Brief: the same, as random_stream::uniform gives it.
  [[nodiscard]] double in_double(std::size_t at) const {
    return (static_cast<double>(static_cast<std::uint64_t>((*this)[at] >> 76U)) + 0.5) * 0x1p-52;
  }

private:
  random_key key_;
};

/// Brief: the draws of uniform_noise, to as many places as are asked for (noise/release.hpp).
class uniform_source {
public:
  using chunk = std::array<double, 64>;

  explicit uniform_source(const random_key& key) : stream_(key), bits_(key) {}

  void fill(std::size_t, chunk& out) {
    for (double& value : out) value = 2.0 * stream_.uniform() - 1.0;
  }
  [[nodiscard]] double in_double(std::size_t at) const { return 2.0 * bits_.in_double(at) - 1.0; }
  [[nodiscard]] fixed_draw in_fixed(std::size_t at) const {
    constexpr wide_word middle = wide_word{1} << 127U;
    const wide_word place = bits_[at];
    const bool negative = place < middle;
    return {(negative ? middle - place : place - middle) >> 7U, negative};
  }

private:
  random_stream stream_;
  uniform_bits bits_;
};

}  // namespace detail

/// Brief: independent entries, uniform on (-1,1); a scale lambda makes them uniform on (-lambda, lambda).
/// Determinism: the k-th entry depends on the key and k alone.
/// Reference: Weber et al., RAB (S&P 2023), corollary 2.
struct uniform_noise {
  using certified_norm = l1_norm;
  static constexpr double variance = 1.0 / 3.0;

  double step = usual_grid_step;  ///< as gaussian_noise::step

  template <std::floating_point Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    random_stream stream(key);
    for (Scalar& value : out) value = static_cast<Scalar>(2.0 * stream.uniform() - 1.0);
  }

  /// Brief: as gaussian_noise::release.
  template <std::floating_point Scalar>
  void release(const random_key& key, double scale, std::span<Scalar> row) const {
    detail::release_on_grid(detail::uniform_source(key), scale, step, row);
  }
};

static_assert(noise_distribution<uniform_noise, float> && noise_distribution<uniform_noise, double>);

}  // namespace v1
}  // namespace certssb
