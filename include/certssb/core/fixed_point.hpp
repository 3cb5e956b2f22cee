// SPDX-License-Identifier: MIT
#pragma once
// Brief: whole-number arithmetic to 120 binary places, for the few draws that floating point cannot settle.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: 128 bits. As a place of [0,1) they count 2^-128; as a fixed-point number of [0,256) they count 2^-120.
__extension__ typedef unsigned __int128 wide_word;

[[nodiscard]] constexpr wide_word wide_of(std::uint64_t high, std::uint64_t low) noexcept {
  return wide_word{high} << 64U | low;
}

inline constexpr unsigned fixed_places = 120;
inline constexpr wide_word fixed_one = wide_word{1} << fixed_places;
inline constexpr wide_word fixed_ln2 = wide_of(0x00b17217f7d1cf79U, 0xabc9e3b39803f2f6U);
inline constexpr wide_word fixed_pi = wide_of(0x03243f6a8885a308U, 0xd313198a2e037073U);

/// Brief: a * b, rounded down.
/// Requires: a product below 256.
[[nodiscard]] constexpr wide_word fixed_product(wide_word a, wide_word b) noexcept {
  const auto a_low = static_cast<std::uint64_t>(a);
  const auto b_low = static_cast<std::uint64_t>(b);
  const wide_word a_high = a >> 64U;
  const wide_word b_high = b >> 64U;
  const wide_word low = wide_word{a_low} * b_low;
  const wide_word cross = a_high * b_low;
  const wide_word crossed = b_high * a_low;
  const wide_word middle = (low >> 64U) + static_cast<std::uint64_t>(cross) + static_cast<std::uint64_t>(crossed);
  const wide_word high = a_high * b_high + (cross >> 64U) + (crossed >> 64U) + (middle >> 64U);
  return high << 8U | static_cast<std::uint64_t>(middle) >> 56U;
}

/// Brief: a / b, rounded down.
/// Requires: a < b < 128.
[[nodiscard]] constexpr wide_word fixed_ratio(wide_word a, wide_word b) noexcept {
  wide_word quotient = 0;
  for (unsigned place = 0; place < fixed_places; ++place) {
    a <<= 1U;
    quotient <<= 1U;
    if (a >= b) {
      a -= b;
      quotient |= 1U;
    }
  }
  return quotient;
}

/// Brief: sqrt(x) for x < 250, right to 2^-119 (1 + 1/sqrt(x)).
[[nodiscard]] constexpr wide_word fixed_root(wide_word x) noexcept {
  wide_word root = 0;
  for (unsigned place = fixed_places + 4; place-- > 0;) {
    const wide_word larger = root | wide_word{1} << place;
    if (fixed_product(larger, larger) <= x) root = larger;
  }
  return root;
}

/// Brief: -log(u) for the middle u = (place + 1/2) 2^-128 of a place, right to 2^-112.
/// Maths: log m = -2 atanh((1 - m)/(1 + m)) for u = m 2^-n with m in [1/2, 1); 38 terms of the series and two roundings
/// each.
[[nodiscard]] constexpr wide_word fixed_minus_log(wide_word place) noexcept {
  const auto top = static_cast<std::uint64_t>(place >> 64U);
  const int halvings = top != 0 ? std::countl_zero(top) : 64 + std::countl_zero(static_cast<std::uint64_t>(place));
  wide_word m = fixed_one / 2;  // place 0
  if (halvings < 128) {
    m = place << static_cast<unsigned>(halvings);
    if (halvings > 0) m += wide_word{1} << static_cast<unsigned>(halvings - 1);
    m >>= 8U;
  }
  const wide_word ratio = fixed_ratio(fixed_one - m, fixed_one + m);
  const wide_word square = fixed_product(ratio, ratio);
  wide_word half = 0;
  wide_word power = ratio;
  for (unsigned k = 1; power != 0; k += 2) {
    half += power / k;
    power = fixed_product(power, square);
  }
  return 2 * half + static_cast<unsigned>(halvings) * fixed_ln2;
}

/// Brief: the sum of (-1)^k x^(first + 2k)/(first + 2k)!, the sine for first = 1 and the cosine for first = 0, for
/// 0 <= x <= pi/2; right to 2^-113.
[[nodiscard]] constexpr wide_word fixed_alternating(wide_word x, unsigned first) noexcept {
  const wide_word square = fixed_product(x, x);
  wide_word term = first == 0 ? fixed_one : x;
  wide_word sum = 0;
  for (unsigned k = first; term != 0; k += 2) {
    sum += (k / 2) % 2 == 0 ? term : wide_word{0} - term;
    term = fixed_product(term, square) / ((k + 1) * (k + 2));
  }
  return sum >> 127U != 0 ? 0 : sum;  // a cosine rounded below 0
}

/// Brief: a draw to 120 places.
struct fixed_draw {
  wide_word size;
  bool negative;
};

__extension__ typedef __int128 signed_wide;

/// Brief: x in units of 2^-100, rounded toward 0.
/// Requires: |x| < 2^27.
[[nodiscard]] constexpr signed_wide in_hundred_places(double x) noexcept {
  constexpr std::uint64_t hidden = std::uint64_t{1} << 52U;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const int exponent = static_cast<int>(bits >> 52U & 0x7ffU);
  const wide_word digits = exponent == 0 ? 0 : (bits & (hidden - 1)) | hidden;  // below 2^-1022 is 0 here
  const int shift = exponent - 1075 + 100;
  const wide_word size = shift >= 0     ? digits << static_cast<unsigned>(shift)
                         : shift > -128 ? digits >> static_cast<unsigned>(-shift)
                                        : 0;
  return x < 0.0 ? -static_cast<signed_wide>(size) : static_cast<signed_wide>(size);
}

/// Brief: floor(a + s z + 1/2): the whole number nearest to a + s z.
/// Maths: a + s z is right to (1 + s) 2^-100 and s times the error of z.
/// Requires: |a| <= 2^26 and 1 <= s <= 2^18.
[[nodiscard]] constexpr std::int64_t nearest_whole(double a, double s, const fixed_draw& z) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(s);
  const std::uint64_t digits = (bits & ((std::uint64_t{1} << 52U) - 1)) | std::uint64_t{1} << 52U;
  const auto doublings = static_cast<unsigned>(bits >> 52U) - 1023U;  // s = digits 2^(doublings - 52)
  // digits z 2^-64 counts 2^(doublings - 108).
  const wide_word product = (z.size >> 64U) * digits + (wide_word{static_cast<std::uint64_t>(z.size)} * digits >> 64U);
  const auto size = static_cast<signed_wide>(doublings < 8 ? product >> (8 - doublings) : product << (doublings - 8));
  const signed_wide sum = in_hundred_places(a) + (z.negative ? -size : size) + (signed_wide{1} << 99U);
  return static_cast<std::int64_t>(sum >> 100U);
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
