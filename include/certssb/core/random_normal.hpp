// SPDX-License-Identifier: MIT
#pragma once
// Brief: standard normal draws from a keyed stream, made sixteen blocks at a time.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/core/same_bits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: value with its sign turned where the lowest bit of `coin` is set.
template <class Scalar, class Word>
[[gnu::always_inline]] inline Scalar turn(Scalar value, Word coin) {
  return std::bit_cast<Scalar>(std::bit_cast<Word>(value) ^ (coin << (8 * sizeof(Word) - 1)));
}

/// Brief: two independent normals from two words (Box-Muller): the angle is pi t, plus pi by the coin.
template <class Scalar, class Word>
[[gnu::always_inline]] inline void normal_pair(const same_bits<Scalar>& maths, Scalar u, Scalar t, Word coin,
                                               Scalar& first, Scalar& second) {
  const Scalar radius = turn(maths.normal_radius(u), coin);
  first = radius * maths.cosine(t);
  second = radius * maths.sine(t);
}

[[gnu::always_inline]] inline void normal_pair(const same_bits<float>& maths, std::uint32_t a, std::uint32_t b,
                                               float& first, float& second) {
  const float u = (static_cast<float>(static_cast<std::int32_t>(a >> 1U)) + 0.5F) * 0x1p-31F;
  const float t = (static_cast<float>(static_cast<std::int32_t>(b) >> 1) + 0.5F) * 0x1p-31F;
  normal_pair(maths, u, t, b, first, second);
}

[[gnu::always_inline]] inline void normal_pair(const same_bits<double>& maths, std::uint64_t a, std::uint64_t b,
                                               double& first, double& second) {
  constexpr std::uint64_t one = same_bits_constants<double>::one;
  const double u = (std::bit_cast<double>(one | (a >> 12U)) - 1.0) + 0x1p-53;
  const double t = (std::bit_cast<double>(one | (b >> 12U)) - 1.5) + 0x1p-53;
  normal_pair(maths, u, t, b, first, second);
}

template <class Scalar>
using normal_chunk = std::array<Scalar, 16 / sizeof(Scalar) * blocks_at_once>;

/// Brief: the normals of blocks first .. first + 15. Not inlined: if GCC 12 inlines it, it no longer vectorises the
/// loops.
[[gnu::noinline]] inline void draw_normal_chunk(const same_bits<float>& maths, const random_key& key,
                                                std::uint32_t first, normal_chunk<float>& out) {
  constexpr std::size_t n = blocks_at_once;
  const random_words words = random_blocks(key, first);
  for (std::size_t i = 0; i < n; ++i) normal_pair(maths, words[0][i], words[1][i], out[i], out[n + i]);
  for (std::size_t i = 0; i < n; ++i) normal_pair(maths, words[2][i], words[3][i], out[2 * n + i], out[3 * n + i]);
}

[[gnu::noinline]] inline void draw_normal_chunk(const same_bits<double>& maths, const random_key& key,
                                                std::uint32_t first, normal_chunk<double>& out) {
  constexpr std::size_t n = blocks_at_once;
  const random_words words = random_blocks(key, first);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t a = (static_cast<std::uint64_t>(words[0][i]) << 32U) | words[1][i];
    const std::uint64_t b = (static_cast<std::uint64_t>(words[2][i]) << 32U) | words[3][i];
    normal_pair(maths, a, b, out[i], out[n + i]);
  }
}

}  // namespace detail

/// Brief: fills `out` with the first independent standard normal draws of `key`.
/// Maths: Box-Muller on the words of Philox4x32-10. float: 31 bits for the radius and the angle each, |draw| < 6.7;
/// double: 52 bits each, |draw| < 8.6. The transform's error is below 4 units of epsilon times the larger of 1 and the
/// radius (2.2 is the worst its test has met).
/// Throws: argument_error for a key whose model is not below 2^24.
/// Cost: no memory; see benchmarks/noise.cpp.
/// Determinism: the k-th draw depends on the key and k alone, not on out.size(). The same bits on every machine, by
/// every compiler, with and without fused multiply-add (core/same_bits.hpp).
/// Reference: Box and Muller, A note on the generation of random normal deviates (1958).
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
void fill_normal(const random_key& key, std::span<Scalar> out) {
  expect(key.model < (1U << 24U), "fill_normal: model index must be below 2^24, got ", key.model);
  const detail::same_bits<Scalar> maths(detail::opaque_zero);
  detail::normal_chunk<Scalar> chunk;
  for (std::uint32_t first = 0; !out.empty(); first += blocks_at_once) {
    detail::draw_normal_chunk(maths, key, first, chunk);
    const std::size_t count = std::min(chunk.size(), out.size());
    std::copy_n(chunk.begin(), count, out.begin());
    out = out.subspan(count);
  }
}

}  // namespace v1
}  // namespace certssb
