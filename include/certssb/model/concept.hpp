// SPDX-License-Identifier: MIT
#pragma once
// Brief: the abilities that a model can have, each with the algorithms that need it.
//
//   classifier               scores(x)                      votes, certification
//   directional_classifier   + derivative along directions  sigma ascent (pathwise)
//   trainable                + loss and gradient            the bundled fit loop
//   learner                  rows in, classifier out        ensembles
//
// Your own model is a learner and its classifier: `fit` and `scores`, about ten lines (examples/own_model.cpp).

#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/tensor/concept.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: gives every class of every input a score.
/// Members: classes() = K; scores(x, out) writes row-major [n,K] into `out`, n the rows of x.
/// The scores are probabilities, each in [0,1] and each row summing to 1 (softmax outputs). Hard votes use their order.
/// Requires: copyable. `scores` may use scratch memory of the object, so one object serves one thread at a time; the
/// algorithms copy it for each task.
template <class Model, class Tensor>
concept classifier = tensor<Tensor> && std::copy_constructible<Model> &&
    requires(Model& model, const Tensor& x, std::span<scalar_of<Tensor>> out) {
  { model.classes() } -> std::convertible_to<std::size_t>;
  model.scores(x, out);
};

/// Brief: also gives the derivative of the scores along one direction per input.
/// Maths: slopes[j,c] = d/dt score_c(x_j + t * direction_j) at t = 0: one forward-mode pass.
/// Shapes: x and direction [n, ...]; out and slopes [n,K].
template <class Model, class Tensor>
concept directional_classifier = classifier<Model, Tensor> &&
    requires(Model& model, const Tensor& x, const Tensor& direction, std::span<scalar_of<Tensor>> out,
             std::span<scalar_of<Tensor>> slopes) {
  model.directional_scores(x, direction, out, slopes);
};

/// Brief: also knows its parameters and the gradient of its training loss in them.
/// Members: parameters() and gradient() are flat views of equal length; loss_and_gradient(x, labels) returns the mean
/// cross-entropy of the batch and overwrites gradient();
/// initialise(key) draws initial parameters from streams of that key.
template <class Model, class Tensor>
concept trainable = classifier<Model, Tensor> &&
    requires(Model& model, const Tensor& x, std::span<const label_type> labels, const random_key& key) {
  { model.parameters() } -> std::convertible_to<std::span<scalar_of<Tensor>>>;
  { model.gradient() } -> std::convertible_to<std::span<const scalar_of<Tensor>>>;
  { model.loss_and_gradient(x, labels) } -> std::convertible_to<double>;
  model.initialise(key);
};

/// Brief: rows that change with the model under training: a learner that trains in steps shows them the model and the
/// batch it has just gathered, before it takes the step.
template <class Rows, class Model>
concept adaptive_rows = row_source<Rows> &&
    requires(const Rows& rows, Model& model, std::span<const std::size_t> positions,
             const typename Rows::tensor_type& batch) {
  rows.adapt(model, positions, batch);
};

/// Brief: a training procedure: labelled rows and a key in, classifier out.
/// Requires: const and callable from several threads at once; everything random in it comes from streams of the key.
template <class Learner, class Rows>
concept learner = row_source<Rows> && requires(const Learner& l, const Rows& rows, const random_key& key) {
  { l.fit(rows, key) } -> classifier<typename Rows::tensor_type>;
};

/// Brief: the classifier that a learner makes from rows.
template <class Learner, class Rows>
using fitted = decltype(std::declval<const Learner&>().fit(std::declval<const Rows&>(), random_key{}));

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no classifier of inputs of
/// this tensor type; else true.
template <class Model, class Tensor>
constexpr bool require_classifier() {
  static_assert(std::copy_constructible<Model>, "certssb: your classifier cannot be copied");
  static_assert(
      requires(Model & model) {
        { model.classes() } -> std::convertible_to<std::size_t>;
      },
      "certssb: your classifier has no classes() that gives the number of classes");
  static_assert(
      requires(Model & model, const Tensor& x, std::span<scalar_of<Tensor>> out) { model.scores(x, out); },
      "certssb: your classifier has no scores(x, out): x a const tensor as the rows make it, out a span of its scalar");
  return true;
}

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no learner of these rows;
/// else true.
template <class Learner, class Rows>
constexpr bool require_learner() {
  static_assert(
      requires(const Learner& l, const Rows& rows, const random_key& key) { l.fit(rows, key); },
      "certssb: your learner has no const fit(rows, key) for these rows. It is given noisy rows, not your data set: "
      "make fit a template, `auto fit(const auto& rows, const random_key& key) const`.");
  if constexpr (requires(const Learner& l, const Rows& rows, const random_key& key) { l.fit(rows, key); }) {
    static_assert(require_classifier<fitted<Learner, Rows>, typename Rows::tensor_type>());
  }
  return true;
}

}  // namespace v1
}  // namespace certssb
