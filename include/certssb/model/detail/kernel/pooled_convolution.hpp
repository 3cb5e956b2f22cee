// SPDX-License-Identifier: MIT
#pragma once
// Brief: convolution, 2 x 2 max-pool and rectifier as one step of a network: the same function and derivatives as the
// three layers, which are its reference, without the convolution's outputs ever in memory.

#include "certssb/model/detail/kernel/convolution_backward.hpp"
#include "certssb/model/detail/kernel/convolution_forward.hpp"
#include "certssb/model/detail/kernel/convolution_shape.hpp"
#include "certssb/model/detail/kernel/winograd.hpp"
#include "certssb/model/detail/kernel/working_memory.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/max_pool.hpp"

#include <algorithm>
#include <cstddef>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: parameters as conv2d has them; kept from forward for the derivatives: one code an output.
/// Cost: forward, all products of the convolution, or a good third of them where the kernel is 5 x 5 and the channels
/// fill vectors; tangent, and backward for the parameters and for the input, at most
/// a quarter of them each, or all where a kernel row does not fill a vector.
class pooled_convolution {
public:
  static constexpr std::size_t layers = 3;

  explicit pooled_convolution(const conv2d& convolution) : convolution_(convolution) {}

  /// Throws: argument_error as the layers do.
  image_shape bind(const image_shape& input) {
    shape_ = {input, convolution_.filters(), convolution_.kernel()};
    return max_pool<2>{}.bind(convolution_.bind(input));
  }

  [[nodiscard]] std::size_t parameter_count() const noexcept { return convolution_.parameter_count(); }
  [[nodiscard]] std::size_t fan_in() const noexcept { return convolution_.fan_in(); }
  [[nodiscard]] std::size_t scratch_size() const noexcept { return packed_size(shape_) + winograd_size(shape_); }
  [[nodiscard]] std::size_t outputs_size() const noexcept { return images_at_once() * shape_.windows(); }
  [[nodiscard]] std::size_t kept_size() const noexcept { return shape_.pooled().size(); }

  /// Brief: `codes` may be null where no derivative will be asked for.
  template <class Scalar>
  void forward(std::size_t rows, const Scalar* parameters, const Scalar* x, Scalar* y, window_code* codes,
               const working_memory<Scalar>& work) const {
    pack_filters(shape_, parameters, work.scratch);
    if (shape_.kernel == winograd_kernel && shape_.in.channels % lanes<Scalar> == 0) {
      convolve_and_pool_by_values(shape_, rows, work.scratch, x, y, codes, work.scratch + packed_size(shape_));
    } else {
      for_each_part(rows, 1, [&](std::size_t, std::size_t in, std::size_t out) {
        convolve_and_pool(shape_, work.scratch, x + in, y + out, codes == nullptr ? nullptr : codes + out);
      });
    }
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar* parameters, const Scalar*, const Scalar*, const window_code* codes,
               const Scalar* dx, Scalar* dy, const working_memory<Scalar>& work) const {
    if (few_channels<Scalar>()) {
      pack_filters(shape_, parameters, work.scratch);
      for_each_part(rows, 1, [&](std::size_t, std::size_t in, std::size_t out) {
        convolve_and_select(shape_, work.scratch, dx + in, codes + out, dy + out);
      });
    } else {
      for_each_part(rows, images_at_once(), [&](std::size_t n, std::size_t in, std::size_t out) {
        output_tangent(shape_, n, parameters, codes + out, dx + in, dy + out, work.outputs);
      });
    }
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar* parameters, const Scalar* x, const Scalar*, const window_code* codes,
                const Scalar* gradient_y, Scalar* gradient, Scalar* gradient_x,
                const working_memory<Scalar>& work) const {
    add_bias_gradient(rows * shape_.windows(), shape_.filters, codes, gradient_y,
                      gradient + shape_.filters * shape_.fan_in());
    if (few_channels<Scalar>()) {
      add_filter_gradient_of_few_channels(shape_, rows, x, codes, gradient_y, gradient);
    } else {
      for_each_part(rows, images_at_once(), [&](std::size_t n, std::size_t in, std::size_t out) {
        add_filter_gradient(shape_, n, x + in, codes + out, gradient_y + out, gradient, work.outputs);
      });
    }
    if (gradient_x == nullptr) return;
    for_each_part(rows, images_at_once(), [&](std::size_t n, std::size_t in, std::size_t out) {
      input_gradient(shape_, n, parameters, codes + out, gradient_y + out, gradient_x + in, work.outputs);
    });
  }

private:
  /// Brief: whether a kernel row is too short for vectors, so that filters are put side by side instead.
  template <class Scalar>
  [[nodiscard]] bool few_channels() const noexcept {
    return shape_.run() < lanes<Scalar>;
  }

  /// Brief: body(images, offset of the first input, offset of the first output), `at_once` images or fewer at a time.
  template <class Body>
  void for_each_part(std::size_t rows, std::size_t at_once, Body&& body) const {
    for (std::size_t r = 0; r < rows; r += at_once) {
      body(std::min(at_once, rows - r), r * shape_.in.size(), r * kept_size());
    }
  }

  /// Brief: images that stay in the first-level cache while filter after filter is held against them.
  [[nodiscard]] std::size_t images_at_once() const noexcept {
    return std::max<std::size_t>(1, 8192 / std::max<std::size_t>(1, shape_.in.size()));
  }

  conv2d convolution_;
  convolution_shape shape_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
