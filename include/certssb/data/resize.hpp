// SPDX-License-Identifier: MIT
#pragma once
// Brief: images of another size: the mean over areas where an axis shrinks, linear interpolation where it grows.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: rows and columns of an image.
struct image_size {
  std::size_t height = 0;
  std::size_t width = 0;
};

/// Brief: a size from a text such as 64x48: height, then width.
/// Throws: argument_error for anything else, and for sides outside 1 .. 4096.
[[nodiscard]] inline image_size parse_image_size(std::string_view text) {
  image_size size;
  const char* const last = text.data() + text.size();
  const auto [height_end, height_failure] = std::from_chars(text.data(), last, size.height);
  bool read = height_failure == std::errc{} && height_end != last && *height_end == 'x';
  if (read) {
    const auto [width_end, width_failure] = std::from_chars(height_end + 1, last, size.width);
    read = width_failure == std::errc{} && width_end == last;
  }
  constexpr std::size_t most = 4096;
  expect(read && size.height >= 1 && size.height <= most && size.width >= 1 && size.width <= most,
         "resize: expected height x width such as 64x48, each from 1 to ", most, ", got ", text);
  return size;
}

namespace detail {

/// Brief: a resized axis: each entry is a sum of a few old ones by whole weights that add up to `sum`.
struct resized_axis {
  struct entry {
    std::size_t first;
    std::vector<std::uint64_t> weights;
  };
  std::vector<entry> entries;
  std::uint64_t sum;
};

/// Maths: in units in which an old pixel is `to` wide and a new one `from` wide, a smaller axis weighs old pixels by
/// their overlap with the new one. On a larger axis the centre of new pixel o lies at ((2 o + 1) from - to) / (2 to) in
/// old pixels, between two centres or, at an edge, at the last one.
[[nodiscard]] inline resized_axis resize_axis(std::size_t from, std::size_t to) {
  resized_axis axis{{}, to < from ? from : 2 * to};
  for (std::size_t o = 0; o < to; ++o) {
    if (to < from) {
      resized_axis::entry entry{o * from / to, {}};
      for (std::size_t i = entry.first; i * to < (o + 1) * from; ++i) {
        entry.weights.push_back(std::min((i + 1) * to, (o + 1) * from) - std::max(i * to, o * from));
      }
      axis.entries.push_back(std::move(entry));
      continue;
    }
    const std::size_t centre = std::max((2 * o + 1) * from, to) - to;
    const std::size_t first = std::min(centre / (2 * to), from - 1);
    const std::uint64_t share = first + 1 < from ? centre % (2 * to) : 0;
    axis.entries.push_back({first, {2 * to - share}});
    if (share > 0) axis.entries.back().weights.push_back(share);
  }
  return axis;
}

}  // namespace detail

/// Brief: one channel of an image in another size.
/// Maths: along each axis on its own, the mean over the area of a new pixel where the axis shrinks, and linear
/// interpolation between the centres of old pixels where it grows. The aspect ratio is not kept.
/// Shapes: plane [height, width] of `from`; appends [height, width] of `to`.
/// Units: plane 0 .. white, at most 2^18; values in [0,1].
/// Requires: sides of at most 2^16 - 1.
/// Determinism: sums of whole numbers, and one division each: the same bits from every compiler.
inline void append_resized(std::span<const std::uint32_t> plane, const image_size& from, const image_size& to,
                           std::uint64_t white, std::vector<float>& values) {
  const detail::resized_axis down = detail::resize_axis(from.height, to.height);
  const detail::resized_axis across = detail::resize_axis(from.width, to.width);
  std::vector<std::uint64_t> narrow(from.height * to.width);
  for (std::size_t row = 0; row < from.height; ++row) {
    for (std::size_t column = 0; column < to.width; ++column) {
      const auto& entry = across.entries[column];
      std::uint64_t sum = 0;
      for (std::size_t k = 0; k < entry.weights.size(); ++k) {
        sum += entry.weights[k] * plane[row * from.width + entry.first + k];
      }
      narrow[row * to.width + column] = sum;
    }
  }
  const double whole = static_cast<double>(white * down.sum * across.sum);
  for (const auto& entry : down.entries) {
    for (std::size_t column = 0; column < to.width; ++column) {
      std::uint64_t sum = 0;
      for (std::size_t k = 0; k < entry.weights.size(); ++k) {
        sum += entry.weights[k] * narrow[(entry.first + k) * to.width + column];
      }
      values.push_back(static_cast<float>(static_cast<double>(sum) / whole));
    }
  }
}

}  // namespace v1
}  // namespace certssb
