// SPDX-License-Identifier: MIT
#pragma once
// Brief: reorders images from [channels, height, width], the order of data sets, to [height, width, channels], that of
// networks.

#include "certssb/model/layer/concept.hpp"

#include <algorithm>
#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: y[row, column, channel] = x[channel, row, column]; a copy where there is one channel.
class channels_last {
public:
  image_shape bind(const image_shape& input) noexcept {
    shape_ = input;
    return input;
  }

  [[nodiscard]] static constexpr std::size_t parameter_count() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t fan_in() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t scratch_size() noexcept { return 0; }

  template <class Scalar>
  void forward(std::size_t rows, const Scalar*, const Scalar* x, Scalar* y, Scalar*) const {
    transpose(rows, shape_.channels, shape_.height * shape_.width, x, y);
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar*, const Scalar*, const Scalar*, const Scalar* dx, Scalar* dy,
               Scalar*) const {
    transpose(rows, shape_.channels, shape_.height * shape_.width, dx, dy);
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar*, const Scalar*, const Scalar*, const Scalar* gradient_y, Scalar*,
                Scalar* gradient_x, Scalar*) const {
    if (gradient_x != nullptr) {
      transpose(rows, shape_.height * shape_.width, shape_.channels, gradient_y, gradient_x);
    }
  }

private:
  /// Brief: to[r, j, i] = from[r, i, j] for i < m, j < n.
  template <class Scalar>
  static void transpose(std::size_t rows, std::size_t m, std::size_t n, const Scalar* from, Scalar* to) {
    if (m == 1 || n == 1) {
      std::copy_n(from, rows * m * n, to);
      return;
    }
    for (std::size_t r = 0; r < rows; ++r, from += m * n, to += m * n) {
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < n; ++j) to[j * m + i] = from[i * n + j];
      }
    }
  }

  image_shape shape_;
};

static_assert(layer<channels_last>);

}  // namespace v1
}  // namespace certssb
