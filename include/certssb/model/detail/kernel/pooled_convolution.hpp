// SPDX-License-Identifier: MIT
#pragma once
// Brief: convolution, 2 x 2 max-pool and rectifier as one step of a network: the same function and derivatives as the
// three layers, which are its reference, without the convolution's outputs ever in memory.

#include "certssb/model/detail/kernel/convolution_backward.hpp"
#include "certssb/model/detail/kernel/convolution_forward.hpp"
#include "certssb/model/detail/kernel/convolution_shape.hpp"
#include "certssb/model/detail/kernel/working_memory.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/max_pool.hpp"

#include <algorithm>
#include <cstddef>

namespace certssb::inline v1::detail {

/// Brief: parameters as conv2d has them; kept from forward for the derivatives: one code an output.
/// Cost: forward, all products of the convolution; tangent, the same; backward, at most a quarter of them each for the
/// parameters and the input.
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
  [[nodiscard]] std::size_t scratch_size() const noexcept { return packed_size(shape_); }
  [[nodiscard]] std::size_t slopes_size() const noexcept {
    return std::max(images_at_once() * shape_.windows(), 5 * shape_.filters);
  }
  [[nodiscard]] std::size_t kept_size() const noexcept { return shape_.pooled().size(); }

  /// Brief: `codes` may be null where no derivative will be asked for.
  template <class Scalar>
  void forward(std::size_t rows, const Scalar* parameters, const Scalar* x, Scalar* y, window_code* codes,
               const working_memory<Scalar>& work) const {
    pack_filters(shape_, parameters, work.scratch);
    const std::size_t out = kept_size();
    for (std::size_t r = 0; r < rows; ++r) {
      convolve_and_pool(shape_, work.scratch, x + r * shape_.in.size(), y + r * out,
                        codes == nullptr ? nullptr : codes + r * out);
    }
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar* parameters, const Scalar*, const Scalar*, const window_code* codes,
               const Scalar* dx, Scalar* dy, const working_memory<Scalar>& work) const {
    pack_filters(shape_, parameters, work.scratch);
    const std::size_t out = kept_size();
    for (std::size_t r = 0; r < rows; ++r) {
      convolve_and_select(shape_, work.scratch, dx + r * shape_.in.size(), codes + r * out, dy + r * out);
    }
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar* parameters, const Scalar* x, const Scalar*, const window_code* codes,
                const Scalar* gradient_y, Scalar* gradient, Scalar* gradient_x,
                const working_memory<Scalar>& work) const {
    const std::size_t in = shape_.in.size();
    const std::size_t out = kept_size();
    add_bias_gradient(rows * shape_.windows(), shape_.filters, codes, gradient_y,
                      gradient + shape_.filters * shape_.fan_in());
    if (shape_.run() < lanes<Scalar>) {
      add_filter_gradient_of_short_runs(shape_, rows, x, codes, gradient_y, gradient);
    } else {
      for (std::size_t r = 0; r < rows; r += images_at_once()) {
        add_filter_gradient(shape_, std::min(images_at_once(), rows - r), x + r * in, codes + r * out,
                            gradient_y + r * out, gradient, work.slopes);
      }
    }
    if (gradient_x == nullptr) return;
    for (std::size_t r = 0; r < rows; ++r) {
      input_gradient(shape_, parameters, codes + r * out, gradient_y + r * out, gradient_x + r * in, work.slopes);
    }
  }

private:
  /// Brief: images that stay in the first-level cache while the gradient of every filter is taken from them.
  [[nodiscard]] std::size_t images_at_once() const noexcept {
    return std::max<std::size_t>(1, 8192 / std::max<std::size_t>(1, shape_.in.size()));
  }

  conv2d convolution_;
  convolution_shape shape_;
};

}  // namespace certssb::inline v1::detail
