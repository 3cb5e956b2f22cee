// SPDX-License-Identifier: MIT
#pragma once
// Brief: the largest value of each window, channel by channel.

#include "certssb/core/expect.hpp"
#include "certssb/model/layer/concept.hpp"

#include <algorithm>
#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: maxima of windows of Size x Size pixels that do not overlap; a margin that is too small for a window is left
/// out.
/// Maths: the derivative goes through the first pixel, in reading order, that attains the maximum.
template <std::size_t Size = 2>
class max_pool {
public:
  static_assert(Size > 0);

  /// Throws: argument_error for an image smaller than one window.
  image_shape bind(const image_shape& input) {
    expect(input.height >= Size && input.width >= Size, "max_pool: a window of ", Size, "x", Size,
           " does not fit an image of ", input.height, "x", input.width);
    input_ = input;
    return output();
  }

  [[nodiscard]] static constexpr std::size_t parameter_count() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t fan_in() noexcept { return 0; }
  [[nodiscard]] std::size_t scratch_size() const noexcept { return input_.channels; }

  template <class Scalar>
  void forward(std::size_t rows, const Scalar*, const Scalar* x, Scalar* y, Scalar*) const {
    const std::size_t channels = input_.channels;
    for_each_window(rows, [&](std::size_t from, std::size_t to) {
      std::copy_n(x + from, channels, y + to);
      for (std::size_t p = 1; p < Size * Size; ++p) raise(channels, x + from + pixel(p), y + to);
    });
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar*, const Scalar* x, const Scalar* y, const Scalar* dx, Scalar* dy,
               Scalar*) const {
    const std::size_t channels = input_.channels;
    for_each_window(rows, [&](std::size_t from, std::size_t to) {
      std::fill_n(dy + to, channels, Scalar{0});
      for (std::size_t p = Size * Size; p-- > 0;) {
        select(channels, x + from + pixel(p), y + to, dx + from + pixel(p), dy + to);
      }
    });
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar*, const Scalar* x, const Scalar* y, const Scalar* gradient_y, Scalar*,
                Scalar* gradient_x, Scalar* scratch) const {
    if (gradient_x == nullptr) return;
    const std::size_t channels = input_.channels;
    if (input_.height % Size != 0 || input_.width % Size != 0) {
      std::fill_n(gradient_x, rows * input_.size(), Scalar{0});
    }
    for_each_window(rows, [&](std::size_t from, std::size_t to) {
      std::copy_n(gradient_y + to, channels, scratch);
      for (std::size_t p = 0; p < Size * Size; ++p) {
        hand_over(channels, x + from + pixel(p), y + to, scratch, gradient_x + from + pixel(p));
      }
    });
  }

private:
  [[nodiscard]] image_shape output() const noexcept {
    return {input_.height / Size, input_.width / Size, input_.channels};
  }

  /// Brief: offset of the window's p-th pixel from its first.
  [[nodiscard]] std::size_t pixel(std::size_t p) const noexcept {
    return (p / Size * input_.width + p % Size) * input_.channels;
  }

  /// Brief: body(offset of the window's first pixel in x, offset of its maxima in y).
  template <class Body>
  void for_each_window(std::size_t rows, Body body) const {
    const image_shape out = output();
    std::size_t to = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t i = 0; i < out.height; ++i) {
        for (std::size_t j = 0; j < out.width; ++j, to += out.channels) {
          body(((r * input_.height + i * Size) * input_.width + j * Size) * out.channels, to);
        }
      }
    }
  }

  template <class Scalar>
  static void raise(std::size_t n, const Scalar* __restrict x, Scalar* __restrict y) {
    for (std::size_t c = 0; c < n; ++c) y[c] = x[c] > y[c] ? x[c] : y[c];
  }

  template <class Scalar>
  static void select(std::size_t n, const Scalar* __restrict x, const Scalar* __restrict y, const Scalar* __restrict dx,
                     Scalar* __restrict dy) {
    for (std::size_t c = 0; c < n; ++c) dy[c] = x[c] == y[c] ? dx[c] : dy[c];
  }

  template <class Scalar>
  static void hand_over(std::size_t n, const Scalar* __restrict x, const Scalar* __restrict y, Scalar* __restrict left,
                        Scalar* __restrict gradient_x) {
    for (std::size_t c = 0; c < n; ++c) {
      const bool attained = x[c] == y[c];
      gradient_x[c] = attained ? left[c] : Scalar{0};
      left[c] = attained ? Scalar{0} : left[c];
    }
  }

  image_shape input_;
};

static_assert(layer<max_pool<2>>);

}  // namespace v1
}  // namespace certssb
