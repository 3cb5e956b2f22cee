// SPDX-License-Identifier: MIT
#pragma once
// Brief: the convolution layer: stride 1, no padding.

#include "certssb/core/expect.hpp"
#include "certssb/model/detail/matrix_map.hpp"
#include "certssb/model/layer/concept.hpp"

#include <algorithm>
#include <cstddef>

namespace certssb::inline v1 {

/// Brief: filters of kernel x kernel pixels, slid over the image.
/// Maths: y[i, j, f] = b[f] + sum over k, l, c of W[f, k, l, c] x[i + k, j + l, c].
/// Shapes: parameters are W [filters, kernel, kernel, channels], then b [filters].
/// Cost: forward, one product a row over its unfolded patches. Backward, in proportion to the entries of gradient_y
/// that are not zero: behind a max-pool of 2 x 2 at most one in four is.
class conv2d {
public:
  /// Throws: argument_error for no filters or an empty kernel.
  conv2d(std::size_t filters, std::size_t kernel) : filters_(filters), kernel_(kernel) {
    expect(filters > 0, "conv2d: needs at least 1 filter, got 0");
    expect(kernel > 0, "conv2d: the kernel must be at least 1x1, got 0x0");
  }

  /// Throws: argument_error for an image smaller than the kernel.
  image_shape bind(const image_shape& input) {
    expect(input.height >= kernel_ && input.width >= kernel_, "conv2d: a kernel of ", kernel_, "x", kernel_,
           " does not fit an image of ", input.height, "x", input.width);
    input_ = input;
    output_ = {input.height - kernel_ + 1, input.width - kernel_ + 1, filters_};
    return output_;
  }

  [[nodiscard]] std::size_t parameter_count() const noexcept { return filters_ * (fan_in() + 1); }
  [[nodiscard]] std::size_t fan_in() const noexcept { return kernel_ * run(); }
  [[nodiscard]] std::size_t scratch_size() const noexcept { return positions() * fan_in(); }

  template <class Scalar>
  void forward(std::size_t rows, const Scalar* parameters, const Scalar* x, Scalar* y, Scalar* scratch) const {
    const auto bias = detail::as_matrix(parameters + filters_ * fan_in(), 1, filters_);
    for (std::size_t r = 0; r < rows; ++r) {
      auto out = detail::as_matrix(y + r * output_.size(), positions(), filters_);
      out.rowwise() = bias.row(0);
      out.noalias() += unfold(x + r * input_.size(), scratch) * weights(parameters).transpose();
    }
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar* parameters, const Scalar*, const Scalar*, const Scalar* dx, Scalar* dy,
               Scalar* scratch) const {
    for (std::size_t r = 0; r < rows; ++r) {
      detail::as_matrix(dy + r * output_.size(), positions(), filters_).noalias() =
          unfold(dx + r * input_.size(), scratch) * weights(parameters).transpose();
    }
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar* parameters, const Scalar* x, const Scalar*, const Scalar* gradient_y,
                Scalar* gradient, Scalar* gradient_x, Scalar*) const {
    if (gradient_x != nullptr) std::fill_n(gradient_x, rows * input_.size(), Scalar{0});
    Scalar* bias = gradient + filters_ * fan_in();
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t p = 0; p < positions(); ++p) {
        const std::size_t place = r * input_.size() + corner(p);
        const Scalar* slopes = gradient_y + (r * positions() + p) * filters_;
        for (std::size_t f = 0; f < filters_; ++f) {
          if (slopes[f] == Scalar{0}) continue;
          bias[f] += slopes[f];
          for (std::size_t k = 0; k < kernel_; ++k) {
            const std::size_t pixels = place + k * input_.width * input_.channels;
            const std::size_t weight = f * fan_in() + k * run();
            add_scaled(run(), slopes[f], x + pixels, gradient + weight);
            if (gradient_x != nullptr) add_scaled(run(), slopes[f], parameters + weight, gradient_x + pixels);
          }
        }
      }
    }
  }

private:
  /// Brief: scalars of one kernel line, contiguous in the image and in the weights.
  [[nodiscard]] std::size_t run() const noexcept { return kernel_ * input_.channels; }
  [[nodiscard]] std::size_t positions() const noexcept { return output_.height * output_.width; }

  /// Brief: offset in the image of the first pixel under the kernel at output position p.
  [[nodiscard]] std::size_t corner(std::size_t p) const noexcept {
    return (p / output_.width * input_.width + p % output_.width) * input_.channels;
  }

  template <class Scalar>
  [[nodiscard]] auto weights(const Scalar* parameters) const {
    return detail::as_matrix(parameters, filters_, fan_in());
  }

  /// Brief: the patch under the kernel at each output position, one a matrix row.
  template <class Scalar>
  [[nodiscard]] auto unfold(const Scalar* image, Scalar* scratch) const {
    Scalar* to = scratch;
    for (std::size_t p = 0; p < positions(); ++p) {
      const Scalar* from = image + corner(p);
      for (std::size_t k = 0; k < kernel_; ++k, from += input_.width * input_.channels) {
        to = std::copy_n(from, run(), to);
      }
    }
    return detail::as_matrix(static_cast<const Scalar*>(scratch), positions(), fan_in());
  }

  template <class Scalar>
  static void add_scaled(std::size_t count, Scalar scale, const Scalar* __restrict from, Scalar* __restrict to) {
    for (std::size_t i = 0; i < count; ++i) to[i] += scale * from[i];
  }

  std::size_t filters_;
  std::size_t kernel_;
  image_shape input_;
  image_shape output_;
};

static_assert(layer<conv2d>);

}  // namespace certssb::inline v1
