// SPDX-License-Identifier: MIT
#pragma once
// Brief: the bundled models by their names, as one type: the network of the papers for images; softmax regression, a
// perceptron, nearest means and nearest neighbours for rows of any shape.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/mlp.hpp"
#include "certssb/model/names.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/model/nearest_neighbours.hpp"
#include "certssb/model/optimiser.hpp"
#include "certssb/model/small_cnn.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one of the models that have gradients; it is trained and asked as the model in it is.
template <std::floating_point Scalar>
class bundled_network {
public:
  template <class Model>
  explicit bundled_network(Model model) : model_(std::move(model)) {}

  [[nodiscard]] std::size_t classes() const {
    return std::visit([](const auto& m) { return m.classes(); }, model_);
  }
  [[nodiscard]] std::span<Scalar> parameters() {
    return std::visit([](auto& m) { return m.parameters(); }, model_);
  }
  [[nodiscard]] std::span<const Scalar> gradient() {
    return std::visit([](auto& m) { return m.gradient(); }, model_);
  }
  void initialise(const random_key& key) {
    std::visit([&](auto& m) { m.initialise(key); }, model_);
  }
  /// Brief: as sequential::tensors and load.
  [[nodiscard]] std::vector<saved_tensor> tensors() const {
    return std::visit([](const auto& m) { return m.tensors(); }, model_);
  }
  void load(std::span<const saved_tensor> saved) {
    std::visit([&](auto& m) { m.load(saved); }, model_);
  }
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void scores(const Tensor& x, std::span<Scalar> out) {
    std::visit([&](auto& m) { m.scores(x, out); }, model_);
  }
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<Scalar> out, std::span<Scalar> slopes) {
    std::visit([&](auto& m) { m.directional_scores(x, direction, out, slopes); }, model_);
  }
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  double loss_and_gradient(const Tensor& x, std::span<const label_type> labels) {
    return std::visit([&](auto& m) { return static_cast<double>(m.loss_and_gradient(x, labels)); }, model_);
  }

  /// Brief: as sequential::input_gradients.
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void input_gradients(const Tensor& x, std::span<const label_type> labels, std::span<Scalar> out) {
    std::visit([&](auto& m) { m.input_gradients(x, labels, out); }, model_);
  }

private:
  std::variant<small_cnn<Scalar>, logistic<Scalar>, mlp<Scalar>> model_;
};

/// Brief: makes an untrained model with gradients by its name: small-cnn, logistic or mlp.
template <std::floating_point Scalar>
struct bundled_network_maker {
  std::string name;

  /// Throws: argument_error for rows that the network does not take.
  [[nodiscard]] bundled_network<Scalar> operator()(std::span<const std::size_t> row_shape, std::size_t classes) const {
    if (name == "logistic") return bundled_network<Scalar>(make_logistic<Scalar>(row_shape, classes));
    if (name == "mlp") return bundled_network<Scalar>(make_mlp<Scalar>(row_shape, classes));
    return bundled_network<Scalar>(make_small_cnn<Scalar>(row_shape, classes));
  }
};

/// Brief: what a bundled learner has made.
template <std::floating_point Scalar>
class bundled_classifier {
public:
  template <class Model>
  explicit bundled_classifier(Model model) : model_(std::move(model)) {}

  [[nodiscard]] std::size_t classes() const {
    return std::visit([](const auto& m) { return m.classes(); }, model_);
  }
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void scores(const Tensor& x, std::span<Scalar> out) {
    std::visit([&](auto& m) { m.scores(x, out); }, model_);
  }
  [[nodiscard]] std::vector<saved_tensor> tensors() const {
    return std::visit([](const auto& m) { return m.tensors(); }, model_);
  }
  /// Throws: argument_error if the model is nearest-neighbours, whose scores are steps.
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<Scalar> out, std::span<Scalar> slopes) {
    auto* const network = std::get_if<bundled_network<Scalar>>(&model_);
    expect(network != nullptr, "model: the scores of nearest-neighbours are steps and have no slopes");
    network->directional_scores(x, direction, out, slopes);
  }

private:
  std::variant<bundled_network<Scalar>, neighbour_vote<Scalar>> model_;
};

/// Brief: the learner of a bundled model. Networks are trained by Adam; nearest-mean (whose model is a softmax regression
/// in closed form) and nearest-neighbours correct for the noise that the rows state.
/// Determinism: the bits of cnn_learner, logistic_learner, nearest_mean and nearest_neighbours.
template <std::floating_point Scalar>
class bundled_learner {
public:
  /// Brief: `neighbours` is the number of rows that vote in nearest-neighbours.
  /// Throws: argument_error for an unknown name, and for options outside their ranges.
  explicit bundled_learner(std::string name, fit_options options = {}, std::size_t neighbours = 15)
      : in_steps_(bundled_model(name).in_steps),
        means_(name == "nearest-mean"),
        neighbours_(neighbours),
        networks_(bundled_network_maker<Scalar>{std::move(name)}, adam<Scalar>{}, std::move(options)) {}

  /// Throws: argument_error for no rows, and rows that the model does not take; cancelled.
  template <row_source Rows>
  [[nodiscard]] bundled_classifier<Scalar> fit(const Rows& rows, const random_key& key) const {
    if (in_steps_) return bundled_classifier<Scalar>(networks_.fit(rows, key));
    if (means_) return bundled_classifier<Scalar>(bundled_network<Scalar>(nearest_mean{}.fit(rows, key)));
    return bundled_classifier<Scalar>(neighbours_.fit(rows, key));
  }

  /// Brief: the trained model again, from its arrays.
  /// Throws: data_error for arrays of another model; argument_error for rows that the model does not take.
  [[nodiscard]] bundled_classifier<Scalar> restore(std::span<const std::size_t> row_shape, std::size_t classes,
                                                   std::span<const saved_tensor> saved) const {
    if (in_steps_) return bundled_classifier<Scalar>(networks_.restore(row_shape, classes, saved));
    if (!means_) return bundled_classifier<Scalar>(neighbour_vote<Scalar>::restore(classes, saved));
    bundled_network<Scalar> means(make_logistic<Scalar>(row_shape, classes));
    means.load(saved);
    return bundled_classifier<Scalar>(std::move(means));
  }

private:
  bool in_steps_;
  bool means_;
  nearest_neighbours neighbours_;
  gradient_learner<bundled_network_maker<Scalar>, adam<Scalar>> networks_;
};

}  // namespace v1
}  // namespace certssb
