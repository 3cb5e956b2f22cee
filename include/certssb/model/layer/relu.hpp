// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rectifier layer.

#include "certssb/model/layer/concept.hpp"

#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: y = max(x, 0), element by element; derivative 0 at 0; not-a-number passes through.
class relu {
public:
  image_shape bind(const image_shape& input) noexcept {
    size_ = input.size();
    return input;
  }

  [[nodiscard]] static constexpr std::size_t parameter_count() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t fan_in() noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t scratch_size() noexcept { return 0; }

  template <class Scalar>
  void forward(std::size_t rows, const Scalar*, const Scalar* __restrict x, Scalar* __restrict y, Scalar*) const {
    for (std::size_t i = 0; i < rows * size_; ++i) y[i] = x[i] < Scalar{0} ? Scalar{0} : x[i];
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar*, const Scalar*, const Scalar* y, const Scalar* dx, Scalar* dy,
               Scalar*) const {
    mask(rows * size_, y, dx, dy);
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar*, const Scalar*, const Scalar* y, const Scalar* gradient_y, Scalar*,
                Scalar* gradient_x, Scalar*) const {
    if (gradient_x != nullptr) mask(rows * size_, y, gradient_y, gradient_x);
  }

private:
  template <class Scalar>
  static void mask(std::size_t count, const Scalar* __restrict y, const Scalar* __restrict from,
                   Scalar* __restrict to) {
    for (std::size_t i = 0; i < count; ++i) to[i] = y[i] > Scalar{0} ? from[i] : Scalar{0};
  }

  std::size_t size_ = 0;
};

static_assert(layer<relu>);

}  // namespace v1
}  // namespace certssb
