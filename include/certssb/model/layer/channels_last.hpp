// SPDX-License-Identifier: MIT
#pragma once
// Brief: reorders images from [channels, height, width], the order of data sets, to [height, width, channels], that of
// networks, and puts a margin of zeros around small ones.

#include "certssb/model/layer/concept.hpp"

#include <algorithm>
#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: y[row, column, channel] = x[channel, row, column], in the middle of zeros where a side is shorter than `least`.
class channels_last {
public:
  /// Brief: sides of the output are at least this long.
  explicit channels_last(std::size_t least = 1) noexcept : least_(least) {}

  image_shape bind(const image_shape& input) noexcept {
    shape_ = input;
    return output();
  }

  [[nodiscard]] static constexpr std::size_t parameter_count() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t fan_in() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t scratch_size() noexcept { return 0; }

  template <class Scalar>
  void forward(std::size_t rows, const Scalar*, const Scalar* x, Scalar* y, Scalar*) const {
    reorder(rows, x, y);
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar*, const Scalar*, const Scalar*, const Scalar* dx, Scalar* dy,
               Scalar*) const {
    reorder(rows, dx, dy);
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar*, const Scalar*, const Scalar*, const Scalar* gradient_y, Scalar*,
                Scalar* gradient_x, Scalar*) const {
    if (gradient_x == nullptr) return;
    for_each_entry(rows, [&](std::size_t in_x, std::size_t in_y) { gradient_x[in_x] = gradient_y[in_y]; });
  }

private:
  [[nodiscard]] image_shape output() const noexcept {
    return {std::max(shape_.height, least_), std::max(shape_.width, least_), shape_.channels};
  }

  template <class Scalar>
  void reorder(std::size_t rows, const Scalar* x, Scalar* y) const {
    if (shape_.channels == 1 && output() == shape_) {
      std::copy_n(x, rows * shape_.size(), y);
      return;
    }
    if (!(output() == shape_)) std::fill_n(y, rows * output().size(), Scalar{0});
    for_each_entry(rows, [&](std::size_t in_x, std::size_t in_y) { y[in_y] = x[in_x]; });
  }

  /// Brief: body(place in x, place in y) for every entry of x.
  template <class Body>
  void for_each_entry(std::size_t rows, Body body) const {
    const image_shape out = output();
    const std::size_t first = ((out.height - shape_.height) / 2 * out.width + (out.width - shape_.width) / 2);
    std::size_t in_x = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < shape_.channels; ++c) {
        std::size_t in_y = r * out.size() + first * out.channels + c;
        for (std::size_t i = 0; i < shape_.height; ++i, in_y += (out.width - shape_.width) * out.channels) {
          for (std::size_t j = 0; j < shape_.width; ++j, in_y += out.channels) body(in_x++, in_y);
        }
      }
    }
  }

  std::size_t least_;
  image_shape shape_;
};

static_assert(layer<channels_last>);

}  // namespace v1
}  // namespace certssb
