// SPDX-License-Identifier: MIT
#pragma once
// Brief: an input as channels of rows and columns, for triggers that have a place.

#include "certssb/core/expect.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: the extents of an input. One without height and width is one line of `width` columns.
struct row_extents {
  std::size_t channels;
  std::size_t height;
  std::size_t width;
  bool image;  ///< whether it has height and width

  /// Brief: the place of a scalar in the row.
  [[nodiscard]] std::size_t at(std::size_t channel, std::size_t y, std::size_t x) const noexcept {
    return (channel * height + y) * width + x;
  }
};

/// Brief: the extents of rows {channels, height, width}, {height, width} or {columns}.
/// Throws: argument_error, in the name of the trigger, for another number of axes, and a row of another size.
[[nodiscard]] inline row_extents extents_of(std::string_view trigger, std::span<const std::size_t> row_shape,
                                              std::size_t row_size) {
  const std::size_t axes = row_shape.size();
  expect(axes >= 1 && axes <= 3, trigger,
         ": expected rows {channels, height, width}, {height, width} or {columns}, got ", axes, " axes");
  const row_extents extents{axes == 3 ? row_shape[0] : 1, axes == 1 ? 1 : row_shape[axes - 2], row_shape[axes - 1],
                              axes > 1};
  expect(row_size == extents.channels * extents.height * extents.width, trigger, ": expected a row of ",
         extents.channels * extents.height * extents.width, " scalars, got ", row_size);
  return extents;
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
