// SPDX-License-Identifier: MIT
#pragma once
// Brief: the extents that the convolution kernels share.

#include "certssb/model/detail/kernel/simd.hpp"
#include "certssb/model/layer/concept.hpp"

#include <cstddef>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: a convolution of stride 1 without padding, of which windows of 2 x 2 outputs are pooled.
struct convolution_shape {
  image_shape in;
  std::size_t filters = 0;
  std::size_t kernel = 0;

  /// Brief: scalars of one kernel row, contiguous in the image and in the weights.
  [[nodiscard]] constexpr std::size_t run() const noexcept { return kernel * in.channels; }
  [[nodiscard]] constexpr std::size_t line() const noexcept { return in.width * in.channels; }
  [[nodiscard]] constexpr std::size_t fan_in() const noexcept { return kernel * run(); }
  [[nodiscard]] constexpr image_shape pooled() const noexcept {
    return {(in.height - kernel + 1) / 2, (in.width - kernel + 1) / 2, filters};
  }
  [[nodiscard]] constexpr std::size_t windows() const noexcept { return pooled().height * pooled().width; }

  /// Brief: offset in the image of the first pixel under the kernel at a window's first output.
  [[nodiscard]] constexpr std::size_t corner(std::size_t window) const noexcept {
    const std::size_t width = pooled().width;
    return window / width * 2 * line() + window % width * 2 * in.channels;
  }

  /// Brief: body(corner(window)) for all windows, without corner's division.
  template <class Body>
  CERTSSB_INLINE void for_each_corner(Body&& body) const {
    const image_shape out = pooled();
    for (std::size_t i = 0; i < out.height; ++i) {
      const std::size_t first = i * 2 * line();
      for (std::size_t j = 0; j < out.width; ++j) body(first + j * 2 * in.channels);
    }
  }

  /// Brief: offset from there at the window's d-th output, in reading order.
  [[nodiscard]] constexpr std::size_t step(std::size_t d) const noexcept {
    return d / 2 * line() + d % 2 * in.channels;
  }
};

/// Brief: which output of a window is its maximum, 0 to 3 in reading order, or that the window is cut off by the
/// rectifier and passes no derivative.
using window_code = signed char;
inline constexpr window_code cut_off = 4;

}  // namespace detail
}  // namespace v1
}  // namespace certssb
