// SPDX-License-Identifier: MIT
#pragma once
// Brief: the convolution layer: stride 1, no padding.

#include "certssb/core/expect.hpp"
#include "certssb/model/detail/matrix_map.hpp"
#include "certssb/model/layer/concept.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace certssb {
inline namespace v1 {

/// Brief: filters of kernel x kernel pixels, slid over the image.
/// Maths: y[i, j, f] = b[f] + sum over k, l, c of W[f, k, l, c] x[i + k, j + l, c].
/// Shapes: parameters are W [filters, kernel, kernel, channels], then b [filters].
/// Cost: forward, one product per row over its unfolded patches. Backward, proportional to the number of entries of
/// gradient_y that are not zero: at most one in four if a max-pool of 2 x 2 follows.
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

  [[nodiscard]] std::size_t filters() const noexcept { return filters_; }
  [[nodiscard]] std::size_t kernel() const noexcept { return kernel_; }
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
                Scalar* gradient, Scalar* gradient_x, Scalar* scratch) const {
    if (gradient_x != nullptr) std::fill_n(gradient_x, rows * input_.size(), Scalar{0});
    for (std::size_t r = 0; r < rows; ++r) {
      const Scalar* slopes = gradient_y + r * output_.size();
      const auto out = detail::as_matrix(slopes, positions(), filters_);
      detail::as_matrix(gradient, filters_, fan_in()).noalias() +=
          out.transpose() * unfold(x + r * input_.size(), scratch);
      detail::as_matrix(gradient + filters_ * fan_in(), 1, filters_) += out.colwise().sum();
      if (gradient_x != nullptr) add_input_gradient(parameters, slopes, gradient_x + r * input_.size());
    }
  }

private:
  /// Brief: scalars of one kernel line, contiguous in the image and in the weights.
  [[nodiscard]] std::size_t run() const noexcept { return kernel_ * input_.channels; }
  [[nodiscard]] std::size_t line() const noexcept { return input_.width * input_.channels; }
  [[nodiscard]] std::size_t positions() const noexcept { return output_.height * output_.width; }

  /// Brief: body(p, offset in the image of the first pixel under the kernel) for every output position p.
  template <class Body>
  void for_each_corner(Body body) const {
    const image_shape in = input_;
    const image_shape out = output_;
    for (std::size_t i = 0; i < out.height; ++i) {
      for (std::size_t j = 0; j < out.width; ++j) body(i * out.width + j, (i * in.width + j) * in.channels);
    }
  }

  template <class Scalar>
  [[nodiscard]] auto weights(const Scalar* parameters) const {
    return detail::as_matrix(parameters, filters_, fan_in());
  }

  /// Brief: the patch under the kernel at each output position, one per matrix row.
  template <class Scalar>
  [[nodiscard]] auto unfold(const Scalar* image, Scalar* scratch) const {
    Scalar* to = scratch;
    for_each_corner([image, &to, kernel = kernel_, run = run(), line = line()](std::size_t, std::size_t corner) {
      const Scalar* from = image + corner;
      for (std::size_t k = 0; k < kernel; ++k, from += line, to += run) copy_run(run, from, to);
    });
    return detail::as_matrix(static_cast<const Scalar*>(scratch), positions(), fan_in());
  }

  /// Brief: the pixels under the kernel at a position += sum over filters of slope * W[f].
  template <class Scalar>
  void add_input_gradient(const Scalar* parameters, const Scalar* slopes, Scalar* image) const {
    for_each_corner([=, this, run = run(), line = line()](std::size_t p, std::size_t corner) {
      for_each_four(filters_, 1, slopes + p * filters_, [=, this](const four<Scalar>& part) {
        for (std::size_t k = 0; k < kernel_; ++k) {
          add_combination(run, part, parameters + k * run, image + corner + k * line);
        }
      });
    });
  }

  /// Brief: four slopes and where they stood.
  template <class Scalar>
  struct four {
    std::array<Scalar, 4> slope;
    std::array<std::size_t, 4> place;
  };

  /// Brief: body(four) on the slopes that are not zero, four at a time; the last four may be filled up with zeros.
  template <class Scalar, class Body>
  static void for_each_four(std::size_t count, std::size_t stride, const Scalar* slopes, Body body) {
    four<Scalar> part{};
    std::size_t filled = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Scalar slope = slopes[i * stride];
      part.slope[filled] = slope;
      part.place[filled] = i;
      filled += slope != Scalar{0} ? 1 : 0;
      if (filled == 4) {
        body(part);
        filled = 0;
      }
    }
    if (filled == 0) return;
    std::fill(part.slope.begin() + static_cast<std::ptrdiff_t>(filled), part.slope.end(), Scalar{0});
    body(part);
  }

  /// Brief: to += sum of slope * row, the rows fan_in() apart.
  template <class Scalar>
  void add_combination(std::size_t count, const four<Scalar>& part, const Scalar* rows, Scalar* to) const {
    add_four(count, part.slope, rows + part.place[0] * fan_in(), rows + part.place[1] * fan_in(),
             rows + part.place[2] * fan_in(), rows + part.place[3] * fan_in(), to);
  }

  template <class Scalar>
  static void add_four(std::size_t count, const std::array<Scalar, 4> s, const Scalar* __restrict a,
                       const Scalar* __restrict b, const Scalar* __restrict c, const Scalar* __restrict d,
                       Scalar* __restrict to) {
    for (std::size_t i = 0; i < count; ++i) to[i] += (s[0] * a[i] + s[1] * b[i]) + (s[2] * c[i] + s[3] * d[i]);
  }

  /// Brief: copies scalars that are often too few for the library call that std::copy_n would make.
  template <class Scalar>
  static void copy_run(std::size_t count, const Scalar* from, Scalar* to) {
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) std::memcpy(to + i, from + i, 4 * sizeof(Scalar));
    for (; i < count; ++i) std::memcpy(to + i, from + i, sizeof(Scalar));
  }

  std::size_t filters_;
  std::size_t kernel_;
  image_shape input_;
  image_shape output_;
};

static_assert(layer<conv2d>);

}  // namespace v1
}  // namespace certssb
