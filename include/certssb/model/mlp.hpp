// SPDX-License-Identifier: MIT
#pragma once
// Brief: the multilayer perceptron, for tables and other rows that are no images.

#include "certssb/model/layer/dense.hpp"
#include "certssb/model/layer/relu.hpp"
#include "certssb/model/sequential.hpp"

#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: two hidden layers with rectifiers, then one output per class.
/// Maths: softmax(W3 relu(W2 relu(W1 x + b1) + b2) + b3).
template <std::floating_point Scalar>
using mlp = sequential<Scalar, dense, relu, dense, relu, dense>;

/// Brief: units of each hidden layer.
inline constexpr std::size_t mlp_width = 128;

/// Brief: the untrained network for rows of any shape.
/// Throws: argument_error for fewer than 2 classes.
template <std::floating_point Scalar>
[[nodiscard]] mlp<Scalar> make_mlp(std::span<const std::size_t> row_shape, std::size_t classes) {
  return mlp<Scalar>(row_shape, dense(mlp_width), relu{}, dense(mlp_width), relu{}, dense(classes));
}

}  // namespace v1
}  // namespace certssb
