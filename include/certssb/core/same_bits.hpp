// SPDX-License-Identifier: MIT
#pragma once
// Brief: arithmetic of the draws, which gives the same bits in every build: no function of libm, and no product that a
// compiler may fuse with a sum.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: a zero that no compiler can know to be zero.
inline const volatile std::uint64_t opaque_zero = 0;

/// Brief: the constants of the elementary functions of float and double. The polynomials are Chebyshev fits, lowest
/// degree first: log_ratio of log((1+s)/(1-s))/s in s^2, |s| <= (sqrt2 - 1)/(sqrt2 + 1); sine of sin(pi t)/t and cosine
/// of cos(pi t) in t^2, |t| <= 1/2; each within a tenth of the type's epsilon.
template <class Scalar>
struct same_bits_constants;

template <>
struct same_bits_constants<float> {
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
struct same_bits_constants<double> {
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

/// Brief: elementary functions, in which every operation is rounded by itself.
/// Maths: before a product is added to something, its bits are combined by exclusive or with a zero that is read at run
/// time, so that no compiler can fuse the two; a product of products needs no such step. What remains are separate IEEE
/// sums, products, quotients and conversions, so that instruction set, compiler and contraction flags (-mfma,
/// -ffp-contract=fast) change no bit. Options that break IEEE arithmetic (-ffast-math) do.
template <class Scalar>
class same_bits {
public:
  using constants = same_bits_constants<Scalar>;
  using word = typename constants::word;

  /// Brief: `zero` is to be read from opaque_zero, once for many draws.
  [[gnu::always_inline]] explicit same_bits(std::uint64_t zero) noexcept : zero_(static_cast<word>(zero)) {}

  /// Brief: a * b, to be added to something.
  [[nodiscard, gnu::always_inline]] Scalar product(Scalar a, Scalar b) const noexcept {
    return std::bit_cast<Scalar>(std::bit_cast<word>(a * b) ^ zero_);
  }

  template <const auto& Coefficients, std::size_t First = 0>
  [[nodiscard, gnu::always_inline]] Scalar polynomial(Scalar x) const noexcept {
    constexpr Scalar coefficient = Coefficients[First];
    if constexpr (First + 1 == Coefficients.size()) {
      return coefficient;
    } else {
      return product(polynomial<Coefficients, First + 1>(x), x) + coefficient;
    }
  }

  /// Brief: log u for a normal number u in (0,1].
  [[nodiscard, gnu::always_inline]] Scalar log(Scalar u) const noexcept {
    constexpr int shift = constants::fraction_bits;
    const auto bits = std::bit_cast<word>(u);
    const word biased = (bits + (constants::one - constants::root_half)) >> shift;
    const auto mantissa = std::bit_cast<Scalar>(bits - (biased << shift) + constants::one);
    constexpr auto integers = static_cast<Scalar>(word{1} << shift);
    constexpr word integer_bits = std::bit_cast<word>(integers);
    constexpr Scalar bias = integers + static_cast<Scalar>(constants::one >> shift);
    const Scalar exponent = std::bit_cast<Scalar>(biased | integer_bits) - bias;
    const Scalar s = (mantissa - 1) / (mantissa + 1);
    return product(s, polynomial<constants::log_ratio>(s * s)) + product(exponent, std::numbers::ln2_v<Scalar>);
  }

  /// Brief: sqrt(-2 log u) for u in (0,1]; a product. Calls nothing that a compiler could not vectorise.
  [[nodiscard, gnu::always_inline]] Scalar normal_radius(Scalar u) const noexcept {
    const Scalar half = -log(u);
    const Scalar square = half + half;
    auto inverse = std::bit_cast<Scalar>(constants::inverse_root - (std::bit_cast<word>(square) >> 1U));
    for (int step = 0; step < constants::root_steps; ++step) {
      inverse *= Scalar{1.5} - product(half * inverse, inverse);
    }
    return square * inverse;
  }

  /// Brief: cos(pi t) for |t| <= 1/2; a sum.
  [[nodiscard, gnu::always_inline]] Scalar cosine(Scalar t) const noexcept {
    return polynomial<constants::cosine>(t * t);
  }

  /// Brief: sin(pi t) for |t| <= 1/2; a product.
  [[nodiscard, gnu::always_inline]] Scalar sine(Scalar t) const noexcept {
    return t * polynomial<constants::sine>(t * t);
  }

private:
  word zero_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
