// SPDX-License-Identifier: MIT
#pragma once
// Brief: the configuration of a run, looked up by name and type; a missing value is an error.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the settings of one defence, and the configuration of the run for what the defence does not set.
/// Requires: both outlive it.
class defence_options {
public:
  defence_options(const run_results& run, const defence_result& defence)
      : own_(&defence.settings), shared_(&run.config) {}
  /// Brief: the configuration alone.
  explicit defence_options(const run_results& run) : own_(&run.config), shared_(&run.config) {}

  /// Throws: data_error if neither has an option of this name.
  [[nodiscard]] const option_value& value(std::string_view name) const {
    const option_value* found = find_option(*own_, name);
    if (found == nullptr) found = find_option(*shared_, name);
    expect<data_error>(found != nullptr, "config.", name, ": missing");
    return *found;
  }

  /// Brief: the value as it is typed on the command line; empty for null.
  [[nodiscard]] std::string text(std::string_view name) const { return option_text(value(name)); }

  /// Brief: a finite number; the text of a number counts.
  /// Throws: data_error for anything else, null included.
  [[nodiscard]] double number(std::string_view name) const {
    const std::optional<double> found = as_number(value(name));
    expect<data_error>(found.has_value(), "config.", name, ": expected a number, got ", shown(name));
    return *found;
  }

  /// Brief: the same, or empty for null.
  [[nodiscard]] std::optional<double> number_or_null(std::string_view name) const {
    const bool all = std::holds_alternative<std::string>(value(name)) && text(name) == "all";  // in schema 1
    if (all || is_null(name)) return std::nullopt;
    return number(name);
  }

  /// Brief: whether the option is absent: its value is null.
  [[nodiscard]] bool is_null(std::string_view name) const {
    return std::holds_alternative<std::monostate>(value(name));
  }

  /// Brief: a list of texts.
  /// Throws: data_error for anything else.
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view name) const {
    const auto* const list = std::get_if<std::vector<std::string>>(&value(name));
    expect<data_error>(list != nullptr, "config.", name, ": expected a list of texts, got ", shown(name));
    return *list;
  }

  /// Brief: a list of numbers; an empty list of anything counts.
  [[nodiscard]] std::vector<double> numbers(std::string_view name) const {
    if (const auto* const list = std::get_if<std::vector<double>>(&value(name))) return *list;
    expect<data_error>(texts(name).empty(), "config.", name, ": expected a list of numbers, got ", shown(name));
    return {};
  }

  /// Brief: whether the caller of the run stated an assumption.
  [[nodiscard]] bool assumes(std::string_view assumption) const {
    const std::vector<std::string>& all = texts("assume");
    return std::ranges::find(all, assumption) != all.end();
  }

  /// Brief: noise draws per vote, by `test_noise`: none, one, or mean:K.
  [[nodiscard]] std::size_t test_draws() const {
    const std::string noise = text("test_noise");
    if (noise == "none") return 0;
    if (noise == "one") return 1;
    std::size_t draws = 0;
    const char* const last = noise.data() + noise.size();
    const bool mean = noise.starts_with("mean:");
    const auto [end, failure] = std::from_chars(noise.data() + (mean ? 5 : noise.size()), last, draws);
    expect<data_error>(mean && failure == std::errc{} && end == last && draws > 0,
                       "config.test_noise: expected none, one or mean:K, got ", noise);
    return draws;
  }

private:
  [[nodiscard]] std::string shown(std::string_view name) const {
    const std::string typed = text(name);
    return typed.empty() ? "nothing" : typed;
  }

  [[nodiscard]] static std::optional<double> as_number(const option_value& value) {
    double number = std::nan("");
    if (const auto* const real = std::get_if<double>(&value)) number = *real;
    if (const auto* const whole = std::get_if<std::int64_t>(&value)) number = static_cast<double>(*whole);
    if (const auto* const whole = std::get_if<std::uint64_t>(&value)) number = static_cast<double>(*whole);
    if (const auto* const typed = std::get_if<std::string>(&value)) {
      const char* const last = typed->data() + typed->size();
      const auto [end, failure] = std::from_chars(typed->data(), last, number);
      if (failure != std::errc{} || end != last) return std::nullopt;
    }
    if (!std::isfinite(number)) return std::nullopt;
    return number;
  }

  const option_list* own_;
  const option_list* shared_;
};

}  // namespace v1
}  // namespace certssb
