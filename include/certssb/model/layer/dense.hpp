// SPDX-License-Identifier: MIT
#pragma once
// Brief: the fully connected layer.

#include "certssb/core/expect.hpp"
#include "certssb/model/detail/matrix_map.hpp"
#include "certssb/model/layer/concept.hpp"

#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: y = W x + b.
/// Shapes: parameters are W [outputs, inputs], then b [outputs].
class dense {
public:
  /// Throws: argument_error for no outputs.
  explicit dense(std::size_t outputs) : outputs_(outputs) {
    expect(outputs > 0, "dense: needs at least 1 output, got 0");
  }

  image_shape bind(const image_shape& input) noexcept {
    inputs_ = input.size();
    return {1, 1, outputs_};
  }

  [[nodiscard]] std::size_t parameter_count() const noexcept { return outputs_ * (inputs_ + 1); }
  [[nodiscard]] std::size_t fan_in() const noexcept { return inputs_; }
  [[nodiscard]] static constexpr std::size_t scratch_size() noexcept { return 0; }

  template <class Scalar>
  void forward(std::size_t rows, const Scalar* parameters, const Scalar* x, Scalar* y, Scalar*) const {
    const std::size_t n = whole_groups(rows);
    auto out = detail::as_matrix(y, n, outputs_);
    out.rowwise() = detail::as_matrix(parameters + outputs_ * inputs_, 1, outputs_).row(0);
    out.noalias() += detail::as_matrix(x, n, inputs_) * weights(parameters).transpose();
  }

  template <class Scalar>
  void tangent(std::size_t rows, const Scalar* parameters, const Scalar*, const Scalar*, const Scalar* dx, Scalar* dy,
               Scalar*) const {
    const std::size_t n = whole_groups(rows);
    detail::as_matrix(dy, n, outputs_).noalias() = detail::as_matrix(dx, n, inputs_) * weights(parameters).transpose();
  }

  template <class Scalar>
  void backward(std::size_t rows, const Scalar* parameters, const Scalar* x, const Scalar*, const Scalar* gradient_y,
                Scalar* gradient, Scalar* gradient_x, Scalar*) const {
    const auto out = detail::as_matrix(gradient_y, rows, outputs_);
    detail::as_matrix(gradient, outputs_, inputs_).noalias() += out.transpose() * detail::as_matrix(x, rows, inputs_);
    detail::as_matrix(gradient + outputs_ * inputs_, 1, outputs_) += out.colwise().sum();
    if (gradient_x != nullptr) detail::as_matrix(gradient_x, rows, inputs_).noalias() = out * weights(parameters);
  }

private:
  template <class Scalar>
  [[nodiscard]] auto weights(const Scalar* parameters) const {
    return detail::as_matrix(parameters, outputs_, inputs_);
  }

  std::size_t outputs_;
  std::size_t inputs_ = 0;
};

static_assert(layer<dense>);

}  // namespace v1
}  // namespace certssb
