// SPDX-License-Identifier: MIT
#pragma once
// Brief: standard normal draws from a keyed stream, made sixteen blocks at a time.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

namespace certssb::inline v1 {

namespace detail {

/// Brief: the constants of the elementary functions below, for float and double. The polynomials are Chebyshev fits,
/// lowest degree first: log_ratio of log((1+s)/(1-s))/s in s^2, |s| <= (sqrt2 - 1)/(sqrt2 + 1); sine of sin(pi t)/t and
/// cosine of cos(pi t) in t^2, |t| <= 1/2; each within a tenth of the type's epsilon.
template <class Scalar>
struct normal_constants;

template <>
struct normal_constants<float> {
  using word = std::uint32_t;
  static constexpr int fraction_bits = 23;
  static constexpr word one = 0x3f800000U;
  static constexpr word root_half = 0x3f3504f3U;
  static constexpr word inverse_root = 0x5f3759dfU;
  static constexpr int root_steps = 3;
  static constexpr std::array log_ratio{1.99999999863131817F, 0.666668153381511875F, 0.399748505175190478F,
                                        0.299243904791449868F};
  static constexpr std::array sine{3.14159264007720325F, -5.16771007666831441F, 2.55007738652891187F,
                                   -0.598290411283427535F, 0.0776559122760138694F};
  static constexpr std::array cosine{0.999999999779154032F, -4.93480213692894564F, 4.05870915476313425F,
                                     -1.33521194939055034F, 0.23493706859508651F,  -0.0243959320975504445F};
};

template <>
struct normal_constants<double> {
  using word = std::uint64_t;
  static constexpr int fraction_bits = 52;
  static constexpr word one = 0x3ff0000000000000U;
  static constexpr word root_half = 0x3fe6a09e667f3bcdU;
  static constexpr word inverse_root = 0x5fe6eb50c7b537a9U;
  static constexpr int root_steps = 4;
  static constexpr std::array log_ratio{2.0,
                                        0.666666666666676457,
                                        0.399999999993023381,
                                        0.285714287606416799,
                                        0.222221970567260466,
                                        0.181836316802293288,
                                        0.15312528148364191,
                                        0.148097103606552767};
  static constexpr std::array sine{3.14159265358979324,    -5.16771278004996961,      2.55016403987730047,
                                   -0.599264529318944681,  0.082145886573102895,      -0.0073704305059169434,
                                   0.00046629981618983938, -0.0000219034970746260172, 7.69782676822419065e-7};
  static constexpr std::array cosine{1.0,
                                     -4.93480220054467677,
                                     4.058712126416497,
                                     -1.33526276884344709,
                                     0.235330630129532854,
                                     -0.0258068887370022033,
                                     0.00192955627248171315,
                                     -0.000104566553487387482,
                                     4.14956435394258551e-6};
};

template <const auto& Coefficients, std::size_t First = 0, class Scalar>
[[gnu::always_inline]] constexpr Scalar polynomial(Scalar x) {
  constexpr Scalar coefficient = Coefficients[First];
  if constexpr (First + 1 == Coefficients.size()) {
    return coefficient;
  } else {
    return polynomial<Coefficients, First + 1>(x) * x + coefficient;
  }
}

/// Brief: sqrt(-2 log u) for u in (0,1], without a call the compiler could not vectorise.
template <class Scalar>
[[gnu::always_inline]] inline Scalar normal_radius(Scalar u) {
  using constants = normal_constants<Scalar>;
  using word = typename constants::word;
  constexpr int shift = constants::fraction_bits;
  const auto bits = std::bit_cast<word>(u);
  const word biased = (bits + (constants::one - constants::root_half)) >> shift;
  const auto mantissa = std::bit_cast<Scalar>(bits - (biased << shift) + constants::one);
  constexpr auto integers = static_cast<Scalar>(word{1} << shift);
  constexpr word integer_bits = std::bit_cast<word>(integers);
  constexpr Scalar bias = integers + static_cast<Scalar>(constants::one >> shift);
  const Scalar exponent = std::bit_cast<Scalar>(biased | integer_bits) - bias;
  const Scalar s = (mantissa - 1) / (mantissa + 1);
  const Scalar log = s * polynomial<constants::log_ratio>(s * s) + exponent * std::numbers::ln2_v<Scalar>;
  const Scalar square = -2 * log;
  const Scalar half = -log;
  auto inverse = std::bit_cast<Scalar>(constants::inverse_root - (std::bit_cast<word>(square) >> 1U));
  for (int step = 0; step < constants::root_steps; ++step) {
    inverse *= Scalar{1.5} - (half * inverse) * inverse;
  }
  return square * inverse;
}

/// Brief: value with its sign turned where the lowest bit of `coin` is set.
template <class Scalar, class Word>
[[gnu::always_inline]] inline Scalar turn(Scalar value, Word coin) {
  return std::bit_cast<Scalar>(std::bit_cast<Word>(value) ^ (coin << (8 * sizeof(Word) - 1)));
}

/// Brief: two independent normals from two words (Box-Muller): the angle is pi t, plus pi by the coin.
template <class Scalar, class Word>
[[gnu::always_inline]] inline void normal_pair(Scalar u, Scalar t, Word coin, Scalar& first, Scalar& second) {
  using constants = normal_constants<Scalar>;
  const Scalar radius = turn(normal_radius(u), coin);
  first = radius * polynomial<constants::cosine>(t * t);
  second = radius * (t * polynomial<constants::sine>(t * t));
}

[[gnu::always_inline]] inline void normal_pair(std::uint32_t a, std::uint32_t b, float& first, float& second) {
  const float u = (static_cast<float>(static_cast<std::int32_t>(a >> 1U)) + 0.5F) * 0x1p-31F;
  const float t = (static_cast<float>(static_cast<std::int32_t>(b) >> 1) + 0.5F) * 0x1p-31F;
  normal_pair(u, t, b, first, second);
}

[[gnu::always_inline]] inline void normal_pair(std::uint64_t a, std::uint64_t b, double& first, double& second) {
  constexpr std::uint64_t one = normal_constants<double>::one;
  const double u = (std::bit_cast<double>(one | (a >> 12U)) - 1.0) + 0x1p-53;
  const double t = (std::bit_cast<double>(one | (b >> 12U)) - 1.5) + 0x1p-53;
  normal_pair(u, t, b, first, second);
}

template <class Scalar>
using normal_chunk = std::array<Scalar, 16 / sizeof(Scalar) * blocks_at_once>;

/// Brief: the normals of blocks first .. first + 15. Not inlined, so that one build has one rounding of each draw.
[[gnu::noinline]] inline void draw_normal_chunk(const random_key& key, std::uint32_t first, normal_chunk<float>& out) {
  constexpr std::size_t n = blocks_at_once;
  const random_words words = random_blocks(key, first);
  for (std::size_t i = 0; i < n; ++i) normal_pair(words[0][i], words[1][i], out[i], out[n + i]);
  for (std::size_t i = 0; i < n; ++i) normal_pair(words[2][i], words[3][i], out[2 * n + i], out[3 * n + i]);
}

[[gnu::noinline]] inline void draw_normal_chunk(const random_key& key, std::uint32_t first, normal_chunk<double>& out) {
  constexpr std::size_t n = blocks_at_once;
  const random_words words = random_blocks(key, first);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t a = (static_cast<std::uint64_t>(words[0][i]) << 32U) | words[1][i];
    const std::uint64_t b = (static_cast<std::uint64_t>(words[2][i]) << 32U) | words[3][i];
    normal_pair(a, b, out[i], out[n + i]);
  }
}

}  // namespace detail

/// Brief: fills `out` with the first independent standard normal draws of `key`.
/// Maths: Box-Muller on the words of Philox4x32-10. float: 31 bits for the radius and the angle each, |draw| < 6.7;
/// double: 52 bits each, |draw| < 8.6. The transform's error is below 4 units of epsilon times the larger of 1 and the
/// radius (2.2 is the worst its test has met).
/// Throws: argument_error for a key whose model is not below 2^24.
/// Determinism: the k-th draw depends on the key and k alone, not on out.size(). Equal words on every machine; the
/// last bits of a draw may differ between builds where one of them fuses multiply and add.
/// Cost: no memory; see benchmarks/noise.cpp.
/// Reference: Box and Muller, A note on the generation of random normal deviates (1958).
template <class Scalar>
requires std::same_as<Scalar, float> || std::same_as<Scalar, double>
void fill_normal(const random_key& key, std::span<Scalar> out) {
  expect(key.model < (1U << 24U), "fill_normal: model index must be below 2^24, got ", key.model);
  detail::normal_chunk<Scalar> chunk;
  for (std::uint32_t first = 0; !out.empty(); first += blocks_at_once) {
    detail::draw_normal_chunk(key, first, chunk);
    const std::size_t count = std::min(chunk.size(), out.size());
    std::copy_n(chunk.begin(), count, out.begin());
    out = out.subspan(count);
  }
}

}  // namespace certssb::inline v1
