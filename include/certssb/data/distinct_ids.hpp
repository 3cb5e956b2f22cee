// SPDX-License-Identifier: MIT
#pragma once
// Brief: no two rows with one id: noise is drawn by id, so they would get the same noise, and the proofs need independent
// noise on every row.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: refuses ids of which two are equal; `who` begins the message.
/// Throws: argument_error naming the id that repeats.
/// Cost: one pass where ids ascend, else a sort of a copy.
inline void expect_distinct_ids(std::string_view who, std::span<const std::uint32_t> ids) {
  if (std::ranges::adjacent_find(ids, std::greater_equal<>{}) == ids.end()) return;
  std::vector<std::uint32_t> sorted(ids.begin(), ids.end());
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  expect(twice == sorted.end(), who, ": ids repeat: ", twice == sorted.end() ? 0 : *twice, " is that of two rows");
}

/// Brief: the same for the ids of rows. Rows that checked them when they were made say so by
/// `static constexpr bool ids_are_distinct = true;` and are not checked again.
template <class Rows>
requires requires(const Rows& rows) { rows.ids(); }
void expect_distinct_ids(std::string_view who, const Rows& rows) {
  if constexpr (!requires { requires Rows::ids_are_distinct; }) {
    expect_distinct_ids(who, std::span<const std::uint32_t>(rows.ids()));
  }
}

}  // namespace v1
}  // namespace certssb
