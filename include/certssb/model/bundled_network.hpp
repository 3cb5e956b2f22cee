// SPDX-License-Identifier: MIT
#pragma once
// Brief: the bundled models that are trained by gradients, as one type: the network of the papers for images, softmax
// regression for rows of any shape.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/optimiser.hpp"
#include "certssb/model/small_cnn.hpp"
#include "certssb/tensor/concept.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace certssb {
inline namespace v1 {

/// Brief: one of the bundled models; it is trained and asked as the model in it is.
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

private:
  std::variant<small_cnn<Scalar>, logistic<Scalar>> model_;
};

/// Brief: makes an untrained bundled model by its name: small-cnn or logistic.
template <std::floating_point Scalar>
struct bundled_network_maker {
  std::string name;

  /// Throws: argument_error for another name, and for rows that the network does not take.
  [[nodiscard]] bundled_network<Scalar> operator()(std::span<const std::size_t> row_shape, std::size_t classes) const {
    if (name == "logistic") return bundled_network<Scalar>(make_logistic<Scalar>(row_shape, classes));
    expect(name == "small-cnn", "model: expected small-cnn or logistic, got ", name);
    return bundled_network<Scalar>(make_small_cnn<Scalar>(row_shape, classes));
  }
};

/// Brief: a bundled model by its name, trained by Adam. Its bits are those of cnn_learner and logistic_learner.
template <std::floating_point Scalar>
[[nodiscard]] auto bundled_learner(std::string name, fit_options options = {}) {
  return gradient_learner(bundled_network_maker<Scalar>{std::move(name)}, adam<Scalar>{}, std::move(options));
}

}  // namespace v1
}  // namespace certssb
