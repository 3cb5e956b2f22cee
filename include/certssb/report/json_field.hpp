// SPDX-License-Identifier: MIT
#pragma once
// Brief: one value of a JSON text, read with its type and range checked; mistakes are named by file and path of keys.

#include "certssb/core/expect.hpp"
#include "certssb/report/json_parse.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a value in a JSON text, and where it stands, as in `results.json: defences[0].evaluations[1].n`.
/// Requires: the JSON value outlives it.
class json_field {
public:
  /// Brief: the whole text; `source` names it in messages.
  json_field(const json& value, std::string source) : value_(&value), source_(std::move(source)) {}

  /// Brief: a part of an object that must be there.
  [[nodiscard]] json_field operator[](std::string_view key) const {
    const json* const part = look_up(key);
    expect<data_error>(part != nullptr, source_, ": ", path_below(key), ": missing");
    return {*part, source_, path_below(key)};
  }

  /// Brief: a part of an object that may be absent; null counts as absent.
  [[nodiscard]] std::optional<json_field> find(std::string_view key) const {
    const json* const part = look_up(key);
    if (part == nullptr || part->is_null()) return std::nullopt;
    return json_field(*part, source_, path_below(key));
  }

  /// Brief: a part of an object that must be there: null where it is not `known`, and then nothing is returned.
  [[nodiscard]] std::optional<json_field> known(bool known, std::string_view key) const {
    const json_field part = (*this)[key];
    if (known) return part;
    part.check(part.value().is_null(), "null");
    return std::nullopt;
  }

  /// Brief: whether an object has a part of this name, null or not.
  [[nodiscard]] bool has(std::string_view key) const { return look_up(key) != nullptr; }

  /// Brief: calls visit(field) on each entry of a list.
  template <class Visit>
  void each(const Visit& visit) const {
    check(value_->is_array(), "a list");
    for (std::size_t i = 0; i < value_->size(); ++i) {
      visit(json_field((*value_)[i], source_, concatenate(path_, "[", i, "]")));
    }
  }

  /// Brief: calls visit(key, field) on each part of an object.
  template <class Visit>
  void each_key(const Visit& visit) const {
    check(value_->is_object(), "an object");
    for (const auto& [key, part] : value_->get_ref<const json::object_t&>()) {
      visit(key, json_field(part, source_, path_below(key)));
    }
  }

  [[nodiscard]] const json& value() const noexcept { return *value_; }

  [[nodiscard]] bool flag() const {
    check(value_->is_boolean(), "true or false");
    return value_->get<bool>();
  }
  [[nodiscard]] const std::string& text() const {
    check(value_->is_string(), "a text");
    return value_->get_ref<const std::string&>();
  }
  /// Brief: a whole number from `low` on, written without a point.
  [[nodiscard]] std::size_t whole(std::size_t low = 0,
                                  std::size_t high = std::numeric_limits<std::size_t>::max()) const {
    const bool fits =
        value_->is_number_unsigned() && value_->get<std::size_t>() >= low && value_->get<std::size_t>() <= high;
    if (high == std::numeric_limits<std::size_t>::max()) {
      check(fits, "a whole number >= ", low);
    } else {
      check(fits, "a whole number from ", low, " to ", high);
    }
    return value_->get<std::size_t>();
  }
  /// Brief: a whole number of either sign.
  [[nodiscard]] std::int64_t integer() const {
    const bool fits = value_->is_number_integer() &&
                      (!value_->is_number_unsigned() ||
                       value_->get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    check(fits, "a whole number");
    return value_->get<std::int64_t>();
  }
  /// Brief: a finite number in [low, high].
  [[nodiscard]] double real(double low = -std::numeric_limits<double>::infinity(),
                            double high = std::numeric_limits<double>::infinity()) const {
    const double number = value_->is_number() ? value_->get<double>() : std::nan("");
    const bool fits = std::isfinite(number) && number >= low && number <= high;
    if (std::isfinite(low) && std::isfinite(high)) {
      check(fits, "a number from ", low, " to ", high);
    } else if (std::isfinite(low)) {
      check(fits, "a number >= ", low);
    } else {
      check(fits, "a number");
    }
    return number;
  }
  [[nodiscard]] double share() const { return real(0.0, 1.0); }
  [[nodiscard]] double above_zero() const {
    const double number = real();
    check(number > 0.0, "a number > 0");
    return number;
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    each([&](const json_field& entry) { all.push_back(entry.text()); });
    return all;
  }
  [[nodiscard]] std::vector<double> reals() const {
    std::vector<double> all;
    each([&](const json_field& entry) { all.push_back(entry.real()); });
    return all;
  }

  /// Brief: that the value is what was expected.
  /// Throws: data_error: "SOURCE: PATH: expected ..., got ...".
  template <class... Expected>
  void check(bool holds, const Expected&... expected) const {
    if (holds) return;
    expect<data_error>(false, source_, ": ", path_.empty() ? "the whole" : path_, ": expected ", expected..., ", got ",
                       shown());
  }

private:
  json_field(const json& value, std::string source, std::string path)
      : value_(&value), source_(std::move(source)), path_(std::move(path)) {}

  [[nodiscard]] const json* look_up(std::string_view key) const {
    check(value_->is_object(), "an object");
    for (const auto& [name, part] : value_->get_ref<const json::object_t&>()) {
      if (name == key) return &part;
    }
    return nullptr;
  }
  [[nodiscard]] std::string path_below(std::string_view key) const {
    return concatenate(path_, path_.empty() ? "" : ".", printable(key));
  }
  /// One line of at most 80 characters.
  [[nodiscard]] static std::string printable(std::string_view text) {
    std::string line(text.substr(0, 80));
    for (char& symbol : line) {
      if (static_cast<unsigned char>(symbol) < 0x20U) symbol = '?';
    }
    return line;
  }
  [[nodiscard]] std::string shown() const {
    if (value_->is_object()) return "an object";
    if (value_->is_array()) return "a list";
    return printable(value_->dump(-1, ' ', true, json::error_handler_t::replace));
  }

  const json* value_;
  std::string source_;
  std::string path_;
};

}  // namespace v1
}  // namespace certssb
