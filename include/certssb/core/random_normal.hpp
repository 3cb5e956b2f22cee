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
#include <limits>
#include <span>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: value with its sign turned where the lowest bit of `coin` is set.
template <class Scalar, class Word>
[[gnu::always_inline]] inline Scalar turn(Scalar value, Word coin) {
  return std::bit_cast<Scalar>(std::bit_cast<Word>(value) ^ (coin << (8 * sizeof(Word) - 1)));
}

/// Brief: whether draws of which little is known are given as they are or marked.
enum class normal_draws { plain, marked };

/// Brief: two independent normals from two words (Box-Muller): the angle is pi t, plus pi by the lowest bit of the coin.
/// Marked draws are not numbers where `doubt` is 1.
// Differences of whole numbers stand for comparisons, with which GCC 12 does not vectorise the loops.
template <normal_draws Draws, class Scalar, class Word>
[[gnu::always_inline]] inline void normal_pair(const same_bits<Scalar>& maths, Scalar u, Scalar t, Word coin,
                                               Word doubt, Scalar& first, Scalar& second) {
  Scalar radius = turn(maths.normal_radius(u), coin);
  if constexpr (Draws == normal_draws::marked) {
    constexpr auto no_number = std::bit_cast<Word>(std::numeric_limits<Scalar>::quiet_NaN());
    radius = std::bit_cast<Scalar>(std::bit_cast<Word>(radius) | ((Word{0} - doubt) & no_number));
  }
  first = radius * maths.cosine(t);
  second = radius * maths.sine(t);
}

/// Brief: u is (a/2 + 1/2) 2^-31, in doubt within 2^-12 of 0 and 2^-10 of 1.
template <normal_draws Draws>
[[gnu::always_inline]] inline void normal_pair(const same_bits<float>& maths, std::uint32_t a, std::uint32_t b,
                                               float& first, float& second) {
  const std::uint32_t place = a >> 1U;
  const std::uint32_t doubt = (place - (1U << 19U)) >> 31U | ((1U << 31U) - (1U << 21U) - place) >> 31U;
  // The 64 largest places would round to 2^31: a uniform of 1, and draws of 0.
  const std::uint32_t largest = (place + 64U) >> 31U;
  const float u = (static_cast<float>(static_cast<std::int32_t>(place - 64U * largest)) + 0.5F) * 0x1p-31F;
  const float t = (static_cast<float>(static_cast<std::int32_t>(b) >> 1) + 0.5F) * 0x1p-31F;
  normal_pair<Draws>(maths, u, t, b, doubt, first, second);
}

/// Brief: u is (a/2^12 + 1/2) 2^-52, in doubt within 2^-24 of 0 and 1.
template <normal_draws Draws>
[[gnu::always_inline]] inline void normal_pair(const same_bits<double>& maths, std::uint64_t a, std::uint64_t b,
                                               double& first, double& second) {
  constexpr std::uint64_t one = same_bits_constants<double>::one;
  const std::uint64_t place = a >> 12U;
  constexpr std::uint64_t end = std::uint64_t{1} << 28U;
  const std::uint64_t doubt = (place - end) >> 63U | ((std::uint64_t{1} << 52U) - end - place) >> 63U;
  const double u = (std::bit_cast<double>(one | (a >> 12U)) - 1.0) + 0x1p-53;
  const double t = (std::bit_cast<double>(one | (b >> 12U)) - 1.5) + 0x1p-53;
  normal_pair<Draws>(maths, u, t, b, doubt, first, second);
}

template <class Scalar>
using normal_chunk = std::array<Scalar, 16 / sizeof(Scalar) * blocks_at_once>;

/// Brief: the normals of blocks first .. first + 15. Not inlined: if GCC 12 inlines it, it no longer vectorises the
/// loops.
template <normal_draws Draws>
[[gnu::noinline]] inline void draw_normal_chunk(const same_bits<float>& maths, const random_key& key,
                                                std::uint32_t first, normal_chunk<float>& out) {
  constexpr std::size_t n = blocks_at_once;
  const random_words words = random_blocks(key, first);
  for (std::size_t i = 0; i < n; ++i) normal_pair<Draws>(maths, words[0][i], words[1][i], out[i], out[n + i]);
  for (std::size_t i = 0; i < n; ++i) {
    normal_pair<Draws>(maths, words[2][i], words[3][i], out[2 * n + i], out[3 * n + i]);
  }
}

template <normal_draws Draws>
[[gnu::noinline]] inline void draw_normal_chunk(const same_bits<double>& maths, const random_key& key,
                                                std::uint32_t first, normal_chunk<double>& out) {
  constexpr std::size_t n = blocks_at_once;
  const random_words words = random_blocks(key, first);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t a = (static_cast<std::uint64_t>(words[0][i]) << 32U) | words[1][i];
    const std::uint64_t b = (static_cast<std::uint64_t>(words[2][i]) << 32U) | words[3][i];
    normal_pair<Draws>(maths, a, b, out[i], out[n + i]);
  }
}

}  // namespace detail

/// Brief: fills `out` with the first independent standard normal draws of `key`.
/// Maths: Box-Muller on the words of Philox4x32-10. float: 31 bits for the radius and the angle each, |draw| < 6.7;
/// double: 52 bits each, |draw| < 8.6. The transform's error is below 4 units of epsilon times the larger of 1 and the
/// radius (2.2 is the worst its test has met). Noise on rows is not these numbers but the draws that they approximate
/// (noise/release.hpp).
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
    detail::draw_normal_chunk<detail::normal_draws::plain>(maths, key, first, chunk);
    const std::size_t count = std::min(chunk.size(), out.size());
    std::copy_n(chunk.begin(), count, out.begin());
    out = out.subspan(count);
  }
}

}  // namespace v1
}  // namespace certssb
