// SPDX-License-Identifier: MIT
#pragma once
// Brief: the bundled learners by their names, as one type.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/any_rows.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/model/small_cnn.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace certssb {
inline namespace v1 {

/// Brief: the names of the bundled learners.
inline constexpr auto model_names = std::to_array<std::string_view>({"small-cnn", "logistic", "nearest-mean"});

/// Brief: a model of any bundled learner.
template <std::floating_point Scalar>
class named_classifier {
public:
  template <class Model>
  explicit named_classifier(Model model) : model_(std::move(model)) {}

  [[nodiscard]] std::size_t classes() const {
    return std::visit([](const auto& model) { return static_cast<std::size_t>(model.classes()); }, model_);
  }
  template <tensor Tensor>
  void scores(const Tensor& x, std::span<Scalar> out) {
    std::visit([&](auto& model) { model.scores(x, out); }, model_);
  }
  template <tensor Tensor>
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<Scalar> out, std::span<Scalar> slopes) {
    std::visit([&](auto& model) { model.directional_scores(x, direction, out, slopes); }, model_);
  }

private:
  std::variant<small_cnn<Scalar>, logistic<Scalar>> model_;
};

/// Brief: the learner of a name: the network of the papers or softmax regression, trained by Adam, or nearest class
/// means.
/// Determinism: a function of the rows, the key and the options; nearest-mean of the rows alone.
template <std::floating_point Scalar>
class named_learner {
public:
  /// Throws: argument_error for an unknown name, and for options outside their ranges.
  named_learner(std::string name, fit_options options) : name_(std::move(name)), options_(std::move(options)) {
    expect(std::ranges::find(model_names, name_) != model_names.end(),
           "model: expected small-cnn, logistic or nearest-mean, got ", name_);
  }

  /// Throws: argument_error for no rows, and rows that are no images where the network is asked for; cancelled.
  template <row_source Rows>
  [[nodiscard]] named_classifier<Scalar> fit(const Rows& rows, const random_key& key) const {
    const any_rows<typename Rows::tensor_type> seen(rows);
    if (name_ == "nearest-mean") return named_classifier<Scalar>(nearest_mean{}.fit(seen, key));
    if (name_ == "logistic") return named_classifier<Scalar>(logistic_learner<Scalar>(options_).fit(seen, key));
    return named_classifier<Scalar>(cnn_learner<Scalar>(options_).fit(seen, key));
  }

private:
  std::string name_;
  fit_options options_;
};

}  // namespace v1
}  // namespace certssb
