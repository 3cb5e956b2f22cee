// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of arguments; a message is built only when its check fails.

#include "certssb/core/error.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

namespace detail {

inline void append(std::string& line, std::string_view part) { line += part; }

template <class Number>
requires(std::integral<Number> || std::floating_point<Number>) void append(std::string& line, Number part) {
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), part).ptr;
  line.append(digits.data(), end);
}

}  // namespace detail

/// Brief: the parts written one after the other; numbers in their shortest round-trip form.
template <class... Parts>
[[nodiscard]] std::string concatenate(const Parts&... parts) {
  std::string line;
  (detail::append(line, parts), ...);
  return line;
}

/// Brief: throws `Error` with the parts as one line unless `holds`.
/// Throws: `Error` (argument_error unless said otherwise).
template <class Error = argument_error, class... Parts>
void expect(bool holds, const Parts&... parts) {
  if (!holds) throw Error(concatenate(parts...));
}

}  // namespace v1
}  // namespace certssb
