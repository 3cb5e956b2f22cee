// SPDX-License-Identifier: MIT
#pragma once
// Brief: the largest and second largest of a row of scores or counts.

#include "certssb/core/expect.hpp"

#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: indices of the winner and the runner-up.
struct top_two {
  std::size_t first;
  std::size_t second;
};

/// Brief: the two largest entries; ties go to the lower index.
/// Requires: at least two entries.
/// Throws: argument_error for fewer.
template <class Number>
[[nodiscard]] top_two find_top_two(std::span<const Number> values) {
  expect(values.size() >= 2, "find_top_two: needs at least 2 classes, got ", values.size());
  top_two top = values[1] > values[0] ? top_two{1, 0} : top_two{0, 1};
  for (std::size_t i = 2; i < values.size(); ++i) {
    if (values[i] > values[top.first]) {
      top = {i, top.first};
    } else if (values[i] > values[top.second]) {
      top.second = i;
    }
  }
  return top;
}

/// Brief: the index of the largest entry, 0 if there is none; ties go to the lower index.
template <class Number>
[[nodiscard]] std::size_t find_top(std::span<const Number> values) noexcept {
  std::size_t top = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] > values[top]) top = i;
  }
  return top;
}

}  // namespace v1
}  // namespace certssb
