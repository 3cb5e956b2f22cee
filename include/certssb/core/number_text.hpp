// SPDX-License-Identifier: MIT
#pragma once
// Brief: numbers in text: decimal, all of the text, and in range; and extents.

#include "certssb/core/expect.hpp"

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: true for a digit after a leading zero, as in 010, which some programs read as 8.
[[nodiscard]] inline bool has_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

}  // namespace detail

/// Brief: what the whole text says in decimal, or nothing. Of a real, also inf and nan.
template <class T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text) {
  T value{};
  const char* const last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, value);
  if (failure != std::errc{} || end != last || detail::has_leading_zero(text)) return std::nullopt;
  return value;
}

/// Brief: a whole number: decimal digits, with a minus sign where `T` has one. Nothing for any other text (also 010, +1,
/// 1.5, 1e3, and numbers that `T` cannot hold).
template <std::integral T>
[[nodiscard]] std::optional<T> to_whole(std::string_view text) {
  return text == "-0" ? std::nullopt : parse_number<T>(text);
}

/// Brief: a finite number, decimal or scientific (0.5, 1e-3). Nothing for any other text (also inf, nan, 0x10, 010, +1).
[[nodiscard]] inline std::optional<double> to_real(std::string_view text) {
  const std::optional<double> value = parse_number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Brief: some finite real numbers; each end belongs to them or not.
struct real_range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool with_low = false;
  bool with_high = false;

  [[nodiscard]] bool holds(double value) const {
    return std::isfinite(value) && (with_low ? value >= low : value > low) &&
           (with_high ? value <= high : value < high);
  }

  /// Brief: in words, as "a number in (0,1]".
  [[nodiscard]] std::string text() const {
    if (std::isinf(low)) return "a finite number";
    if (std::isinf(high)) return concatenate("a finite number ", with_low ? "of at least " : "above ", low);
    return concatenate("a number in ", with_low ? "[" : "(", low, ",", high, with_high ? "]" : ")");
  }
};

inline constexpr real_range any_real{};
inline constexpr real_range above_zero{.low = 0.0};
inline constexpr real_range at_least_zero{.low = 0.0, .with_low = true};
inline constexpr real_range between_zero_and_one{.low = 0.0, .high = 1.0};                              ///< (0,1)
inline constexpr real_range zero_to_one{.low = 0.0, .high = 1.0, .with_low = true, .with_high = true};  ///< [0,1]
inline constexpr real_range above_zero_to_one{.low = 0.0, .high = 1.0, .with_high = true};              ///< (0,1]

/// Brief: the whole numbers from `low` to `high`, both among them.
struct whole_range {
  std::uint64_t low = 0;
  std::uint64_t high = std::numeric_limits<std::uint64_t>::max();
};

/// Brief: the extents of an array, "[60000,28,28]".
[[nodiscard]] inline std::string shape_text(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (const std::size_t extent : shape) text += concatenate(text.size() > 1 ? "," : "", extent);
  return text + "]";
}

}  // namespace v1
}  // namespace certssb
