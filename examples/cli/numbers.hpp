// SPDX-License-Identifier: MIT
#pragma once
// Brief: options that take a number: one conversion for all of them. Any text that is no number in the range ends the
// program with status 2 and a line that names the option.

#include "certssb/core/number_text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace certssb::cli {

using certssb::to_real, certssb::to_whole, certssb::real_range, certssb::any_real, certssb::above_zero,
    certssb::at_least_zero, certssb::between_zero_and_one, certssb::zero_to_one, certssb::above_zero_to_one;

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

/// Brief: an option that takes a whole number from `low` to `high`. `value` outlives the parse; where it is not optional
/// it is the default, and the help shows it.
template <class Whole>
requires std::integral<number_of<Whole>> CLI::Option* add_whole(
    CLI::App& app, const std::string& name, Whole& value, const std::string& help,
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
template <class Real>
requires std::same_as < number_of<Real>,
double > CLI::Option* add_real(CLI::App& app, const std::string& name, Real& value, const std::string& help,
                               const real_range& range) {
  const auto convert = [range](std::string_view text) {
    const std::optional<double> number = to_real(text);
    return number && range.holds(*number) ? number : std::nullopt;
  };
  return add_number(app, name, value, help, "REAL", range.text(), convert);
}

}  // namespace certssb::cli
