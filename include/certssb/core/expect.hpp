// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of arguments; a message is built only when its check fails.

#include "certssb/core/error.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace certssb {
inline namespace v1 {

/// Brief: one part of a message: text, or a number. Parts are looked at only when a message is written.
class message_part {
public:
  constexpr message_part(std::string_view text) noexcept : value_(text) {}
  constexpr message_part(const char* text) noexcept : value_(std::string_view(text)) {}
  message_part(const std::string& text) noexcept : value_(std::string_view(text)) {}
  template <std::signed_integral Number>
  constexpr message_part(Number number) noexcept : value_(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral Number>
  constexpr message_part(Number number) noexcept : value_(static_cast<std::uint64_t>(number)) {}
  constexpr message_part(double number) noexcept : value_(number) {}
  constexpr message_part(float number) noexcept : value_(number) {}

  void append_to(std::string& line) const {
    std::visit(
        [&line](auto part) {
          if constexpr (std::same_as<decltype(part), std::string_view>) {
            line += part;
          } else {
            std::array<char, 64> digits{};
            line.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), part).ptr);
          }
        },
        value_);
  }

private:
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, float> value_;
};

namespace detail {

[[nodiscard]] inline std::string write_message(std::initializer_list<message_part> parts) {
  std::string line;
  for (const message_part& part : parts) part.append_to(line);
  return line;
}

template <class Error>
[[noreturn]] void fail(std::initializer_list<message_part> parts) {
  throw Error(write_message(parts));
}

}  // namespace detail

/// Brief: the parts written one after the other; numbers in their shortest round-trip form.
template <class... Parts>
[[nodiscard]] std::string concatenate(const Parts&... parts) {
  return detail::write_message({message_part(parts)...});
}

/// Brief: throws `Error` with the parts as one line unless `holds`.
/// Throws: `Error` (argument_error unless said otherwise).
template <class Error = argument_error, class... Parts>
void expect(bool holds, const Parts&... parts) {
  if (!holds) detail::fail<Error>({message_part(parts)...});
}

}  // namespace v1
}  // namespace certssb
