// SPDX-License-Identifier: MIT
#pragma once
// Brief: names of a mode with a flag, put together by the compiler.

#include <array>
#include <cstddef>
#include <string_view>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: `Left::name` followed by `Right::flag`.
template <class Left, class Right>
struct joined_name {
  static constexpr std::size_t size = Left::name.size() + Right::flag.size();
  static constexpr std::array<char, size> characters = [] {
    std::array<char, size> all{};
    std::size_t at = 0;
    for (const char c : Left::name) all[at++] = c;
    for (const char c : Right::flag) all[at++] = c;
    return all;
  }();
  static constexpr std::string_view value{characters.data(), size};
};

/// Brief: one list after the other.
template <std::size_t N, std::size_t M>
constexpr std::array<std::string_view, N + M> joined_list(const std::array<std::string_view, N>& left,
                                                          const std::array<std::string_view, M>& right) {
  std::array<std::string_view, N + M> all{};
  for (std::size_t i = 0; i < N; ++i) all[i] = left[i];
  for (std::size_t i = 0; i < M; ++i) all[N + i] = right[i];
  return all;
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
