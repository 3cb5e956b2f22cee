// SPDX-License-Identifier: MIT
#pragma once
// Brief: softmax regression, the smallest complete network.

#include "certssb/model/layer/dense.hpp"
#include "certssb/model/sequential.hpp"

#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: softmax(W x + b).
template <std::floating_point Scalar>
using logistic = sequential<Scalar, dense>;

/// Brief: untrained softmax regression for rows of any shape.
/// Throws: argument_error for fewer than 2 classes.
template <std::floating_point Scalar>
[[nodiscard]] logistic<Scalar> make_logistic(std::span<const std::size_t> row_shape, std::size_t classes) {
  return logistic<Scalar>(row_shape, dense(classes));
}

}  // namespace v1
}  // namespace certssb
