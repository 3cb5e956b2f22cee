// SPDX-License-Identifier: MIT
#pragma once
// Brief: JSON from a file that anybody may have made: sizes are limited, and no key may come twice.

#include "certssb/core/expect.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: JSON whose keys keep the order they were written in.
using json = nlohmann::ordered_json;

/// Brief: how large a JSON text may be.
struct json_limits {
  std::size_t bytes = std::size_t{1} << 26U;
  std::size_t depth = 16;          ///< of objects and lists in each other
  std::size_t keys = 4096;         ///< of one object
  std::size_t values = 1U << 22U;  ///< of the whole text, objects and lists counted too
};

namespace detail {

/// Builds the value as the parser meets its parts. The parser's own way of doing so looks through all earlier keys of
/// an object at each new one, and lets a second value take the place of the first.
class json_builder {
public:
  json_builder(const json_limits& limits, const std::string& source) : limits_(limits), source_(source) {}

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string& /*digits*/) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(json::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*size*/) { return open(json::object()); }
  bool start_array(std::size_t /*size*/) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    level& inner = open_.back();
    expect<data_error>(inner.names.size() < limits_.keys, source_, ": an object has more than ", limits_.keys, " keys");
    expect<data_error>(inner.names.insert(name).second, source_, ": the key ", std::string_view(name).substr(0, 80),
                       " comes twice in an object");
    entries(*inner.value).emplace_back(std::move(name), json());
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/, const json::exception& /*wrong*/) {
    expect<data_error>(false, source_, ": expected JSON, got something else at byte ", position);
    return false;
  }

  [[nodiscard]] json take() { return std::move(root_); }

private:
  struct level {
    json* value;
    std::unordered_set<std::string> names;
  };

  /// The parts of an object, to append to without a look at the others.
  static json::object_t::Container& entries(json& object) { return object.get_ref<json::object_t&>(); }

  json* put(json&& value) {
    expect<data_error>(++values_ <= limits_.values, source_, ": expected at most ", limits_.values, " values");
    if (open_.empty()) return &(root_ = std::move(value));
    json& outer = *open_.back().value;
    if (outer.is_array()) {
      auto& list = outer.get_ref<json::array_t&>();
      list.push_back(std::move(value));
      return &list.back();
    }
    return &(entries(outer).back().second = std::move(value));
  }
  template <class Value>
  bool add(Value&& value) {
    put(json(std::forward<Value>(value)));
    return true;
  }
  bool open(json&& value) {
    expect<data_error>(open_.size() < limits_.depth, source_, ": expected at most ", limits_.depth,
                       " objects and lists in each other");
    open_.push_back({put(std::move(value)), {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json_limits limits_;
  const std::string& source_;
  json root_;
  std::vector<level> open_;  // pointers stay valid: only the innermost of these values grows
  std::size_t values_ = 0;
};

}  // namespace detail

/// Brief: the value that a JSON text holds; `source` names it in messages.
/// Throws: data_error if the text is larger than a limit, not JSON, or has a key twice in one object.
/// Cost: linear in the text.
[[nodiscard]] inline json parse_json(std::string_view text, const std::string& source, const json_limits& limits = {}) {
  expect<data_error>(text.size() <= limits.bytes, source, ": expected at most ", limits.bytes, " bytes, got ",
                     text.size());
  detail::json_builder builder(limits, source);
  const bool whole = json::sax_parse(text.begin(), text.end(), &builder);
  expect<data_error>(whole, source, ": expected JSON, got something else");
  return builder.take();
}

}  // namespace v1
}  // namespace certssb
