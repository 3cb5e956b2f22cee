// SPDX-License-Identifier: MIT
#pragma once
// Brief: models whose parameters can be saved, and learners that make such a model again without training.

#include "certssb/core/expect.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a model that gives everything it has learnt as arrays. Their names, types and shapes do not depend on the values.
template <class Model>
concept saved_model = requires(const Model& model) {
  { model.tensors() } -> std::same_as<std::vector<saved_tensor>>;
};

/// Brief: a learner that makes the model it once fitted from the model's arrays: restore(row_shape, classes, tensors).
/// It throws data_error for arrays that are not those of such a model.
template <class Learner>
concept restoring_learner = requires(const Learner& learner, std::span<const std::size_t> row_shape,
                                     std::size_t classes, std::span<const saved_tensor> tensors) {
  { learner.restore(row_shape, classes, tensors) } -> saved_model;
};

/// Brief: the model that a learner makes from arrays.
template <restoring_learner Learner>
using restored = decltype(std::declval<const Learner&>().restore(std::span<const std::size_t>(), std::size_t{},
                                                                 std::span<const saved_tensor>()));

/// Brief: the arrays of any model.
/// Throws: argument_error for a type of model that has none.
template <class Model>
[[nodiscard]] std::vector<saved_tensor> tensors_of(const Model& model) {
  if constexpr (saved_model<Model>) {
    return model.tensors();
  } else {
    throw argument_error("keep_models: the models of this learner have no tensors(), so that they cannot be kept");
  }
}

}  // namespace v1
}  // namespace certssb
