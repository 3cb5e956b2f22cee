// SPDX-License-Identifier: MIT
#pragma once
// Brief: numbers on the command line: one conversion for every option that takes one. Decimal, all of the text, in range;
// anything else ends the program with status 2 and a line that names the option.

#include "certssb/core/expect.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace certssb::cli {

/// Brief: the type of the number that a variable holds; the variable may be optional.
template <class T>
struct number_held {
  using type = T;
};
template <class T>
struct number_held<std::optional<T>> {
  using type = T;
};
template <class T>
using number_of = typename number_held<T>::type;

/// Brief: true for a digit after a leading zero, as in 010, which some programs read as 8.
[[nodiscard]] inline bool has_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

/// Brief: what the whole text says in decimal, or nothing.
template <class T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text) {
  T value{};
  const char* const last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, value);
  if (failure != std::errc{} || end != last || has_leading_zero(text)) return std::nullopt;
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

/// Brief: the numbers that a real option takes, always finite; each end belongs to it or not.
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

/// Brief: an option whose text `convert` turns into a value or into what it expected; its default is shown in the help.
template <class Number, class Convert>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& value, const std::string& help,
                        const std::string& type, const std::string& expected, Convert convert) {
  const CLI::callback_t read = [&value, name, expected, convert](const CLI::results_t& words) {
    const std::string& text = words.front();
    const std::optional<number_of<Number>> number = convert(text);
    if (!number) {
      throw CLI::ValidationError(name, concatenate("expected ", expected, ", got ", text.empty() ? "nothing" : text));
    }
    value = *number;
    return true;
  };
  CLI::Option* option = app.add_option(name, read, help)->type_name(type);
  if constexpr (std::is_arithmetic_v<Number>) option->default_str(concatenate(value));
  return option;
}

/// Brief: an integer or an optional integer; a double or an optional double.
template <class T>
concept whole_variable = std::integral<number_of<T>>;
template <class T>
concept real_variable = std::same_as < number_of<T>,
double > ;

/// Brief: an option that takes a whole number from `low` to `high`. `value` outlives the parse; where it is not optional
/// it is the default, and the help shows it.
template <whole_variable Whole>
CLI::Option* add_whole(CLI::App& app, const std::string& name, Whole& value, const std::string& help,
                       std::type_identity_t<number_of<Whole>> low,
                       std::type_identity_t<number_of<Whole>> high = std::numeric_limits<number_of<Whole>>::max()) {
  const auto convert = [low, high](std::string_view text) {
    const auto number = to_whole<number_of<Whole>>(text);
    return number && *number >= low && *number <= high ? number : std::nullopt;
  };
  return add_number(app, name, value, help, "WHOLE", concatenate("a whole number from ", low, " to ", high), convert);
}

/// Brief: an option that takes a number in `range`. `value` outlives the parse; where it is not optional it is the
/// default, and the help shows it.
template <real_variable Real>
CLI::Option* add_real(CLI::App& app, const std::string& name, Real& value, const std::string& help,
                      const real_range& range) {
  const auto convert = [range](std::string_view text) {
    const std::optional<double> number = to_real(text);
    return number && range.holds(*number) ? number : std::nullopt;
  };
  return add_number(app, name, value, help, "REAL", range.text(), convert);
}

}  // namespace certssb::cli
