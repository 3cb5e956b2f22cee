// SPDX-License-Identifier: MIT
#pragma once
// Brief: a normal draw as the real number that its bits determine, to any number of places that a decision may need.

#include "certssb/core/fixed_point.hpp"
#include "certssb/core/random.hpp"
#include "certssb/core/random_normal.hpp"
#include "certssb/core/same_bits.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: four words of a stream that no draw of its own reads: those behind draw or pair `number`.
/// Maths: blocks from 2^31 on. A stream of fewer than 2^30 draws ends before them, and the last one belongs to `derive`.
/// Requires: number < 2^31 - 1.
[[nodiscard]] inline wide_word further_bits(const random_key& key, std::uint32_t number) {
  const auto words = random_block(key, (std::uint32_t{1} << 31U) | number);
  return wide_of(std::uint64_t{words[0]} << 32U | words[1], std::uint64_t{words[2]} << 32U | words[3]);
}

/// Brief: the uniforms of a pair of normals: the radius's u and the angle's t + 1/2, as places of 128 bits; whether the
/// angle is turned by pi; and which of the two normals is meant.
struct normal_bits {
  wide_word radius;
  wide_word angle;
  bool turned;
  bool second;
};

/// Brief: the bits of draw `at` of fill_normal<Scalar>, which are the first, and further ones: 64 of each uniform, or
/// as many as there are places.
/// Requires: at < 2^30.
template <class Scalar>
[[nodiscard]] normal_bits bits_of_normal(const random_key& key, std::size_t at, bool all) {
  constexpr std::size_t size = normal_chunk<Scalar>{}.size();
  const std::size_t within = at % size / blocks_at_once;
  const auto block = static_cast<std::uint32_t>(at / size * blocks_at_once + at % blocks_at_once);
  const auto words = random_block(key, block);
  if constexpr (sizeof(Scalar) == 4) {
    const std::uint32_t pair = static_cast<std::uint32_t>(within) / 2;
    const std::uint32_t a = words[2 * pair];
    const std::uint32_t b = words[2 * pair + 1];
    const std::uint32_t angle = (b ^ std::uint32_t{1} << 31U) >> 1U;  // signed 31 bits and 2^30
    const std::uint32_t number = 2 * (2 * block + pair);
    const wide_word next = further_bits(key, number);
    const wide_word last = all ? further_bits(key, number + 1) : 0;
    return {wide_word{a} << 96U | next >> 64U << 32U | last >> 96U,
            wide_word{angle} << 97U | wide_word{static_cast<std::uint64_t>(next)} << 33U |
                static_cast<std::uint64_t>(last) >> 31U,
            (b & 1U) != 0, within % 2 != 0};
  } else {
    const std::uint64_t a = std::uint64_t{words[0]} << 32U | words[1];
    const std::uint64_t b = std::uint64_t{words[2]} << 32U | words[3];
    const wide_word next = all ? further_bits(key, block) : 0;
    return {wide_word{a} << 64U | next >> 64U,
            wide_word{b >> 1U} << 65U | wide_word{static_cast<std::uint64_t>(next)} << 1U, (b & 1U) != 0, within != 0};
  }
}

/// Brief: the draw in double, not a number where u is within 2^-24 of 0 or 1; else right to 2^-31.
[[nodiscard]] inline double double_draw(const normal_bits& bits) {
  const same_bits<double> maths(opaque_zero);
  double first = 0.0;
  double second = 0.0;
  const std::uint64_t coin = bits.turned ? 1 : 0;
  normal_pair<normal_draws::marked>(maths, static_cast<std::uint64_t>(bits.radius >> 64U),
                                    (static_cast<std::uint64_t>(bits.angle >> 64U) & ~std::uint64_t{1}) | coin, first,
                                    second);
  return bits.second ? second : first;
}

/// Brief: the draw at the middle of its places, right to 2^-107 (1 + 1/radius).
[[nodiscard]] constexpr fixed_draw fixed_normal(const normal_bits& bits) {
  constexpr wide_word middle = wide_word{1} << 127U;
  const bool below = bits.angle < middle;
  const wide_word part = below ? middle - bits.angle : bits.angle - middle;  // |t| 2^128
  const wide_word radius = fixed_root(2 * fixed_minus_log(bits.radius));
  const wide_word angle = fixed_product(part >> 8U, fixed_pi);
  const wide_word of_one = fixed_alternating(angle, bits.second ? 1 : 0);
  return {fixed_product(radius, of_one), bits.turned != (bits.second && below)};
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
