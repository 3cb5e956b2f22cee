// SPDX-License-Identifier: MIT
#pragma once
// Brief: the bundled learners by their names, as one type.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/any_rows.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/input_map.hpp"
#include "certssb/model/linear_stack.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/model/small_cnn.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the names of the bundled learners.
inline constexpr auto model_names = std::to_array<std::string_view>({"small-cnn", "logistic", "nearest-mean"});

/// Brief: a model of any bundled learner, which looks at its inputs through a map.
template <std::floating_point Scalar>
class named_classifier {
public:
  template <class Model>
  named_classifier(Model model, input_map map, std::span<const std::size_t> row_shape)
      : model_(std::move(model)), map_(map), row_shape_(row_shape.begin(), row_shape.end()) {}

  [[nodiscard]] std::size_t classes() const {
    return std::visit([](const auto& model) { return static_cast<std::size_t>(model.classes()); }, model_);
  }
  template <tensor Tensor>
  void scores(const Tensor& x, std::span<Scalar> out) {
    const auto score = [&](const Tensor& seen) { std::visit([&](auto& model) { model.scores(seen, out); }, model_); };
    if (map_ == input_map::none) {
      score(x);
      return;
    }
    Tensor seen = copy_of(x);
    apply_map(map_, seen, row_shape_);
    score(seen);
  }

  [[nodiscard]] std::vector<saved_tensor> tensors() const {
    return std::visit([](const auto& model) { return model.tensors(); }, model_);
  }

  /// Brief: the hard votes of some models on all rows by one matrix product, if all are linear.
  /// Shapes: result [models, n], or none.
  /// Requires: models of one learner.
  template <row_source Rows>
  [[nodiscard]] static std::optional<std::vector<label_type>> linear_votes(std::span<const named_classifier> models,
                                                                           const Rows& rows) {
    const auto is_linear = [](const auto& m) { return std::holds_alternative<logistic<Scalar>>(m.model_); };
    if (models.empty() || !std::ranges::all_of(models, is_linear)) return std::nullopt;
    linear_stack<Scalar> stack(tensor_traits<typename Rows::tensor_type>::row_size(rows.make(1)), rows.classes(),
                               models.size());
    for (const named_classifier& m : models) stack.add(std::get<logistic<Scalar>>(m.model_));
    return stack.votes(rows, models.front().map_);
  }

private:
  std::variant<small_cnn<Scalar>, logistic<Scalar>> model_;
  input_map map_;
  std::vector<std::size_t> row_shape_;
};

/// Brief: the learner of a name: the network of the papers or softmax regression, trained by Adam, or nearest class
/// means.
/// Determinism: a function of the rows, the key and the options; nearest-mean of the rows alone.
template <std::floating_point Scalar>
class named_learner {
public:
  /// Throws: argument_error for an unknown name, and for options outside their ranges.
  named_learner(std::string name, fit_options options, input_map map = input_map::none)
      : name_(std::move(name)), options_(std::move(options)), map_(map) {
    expect(std::ranges::find(model_names, name_) != model_names.end(),
           "model: expected small-cnn, logistic or nearest-mean, got ", name_);
  }

  /// Throws: argument_error for no rows, and rows that are no images where the network is asked for; cancelled.
  template <row_source Rows>
  [[nodiscard]] named_classifier<Scalar> fit(const Rows& rows, const random_key& key) const {
    using tensor_type = typename Rows::tensor_type;
    if (map_ == input_map::none) return fit_seen(any_rows<tensor_type>(rows), key);
    const mapped_rows<Rows> mapped(rows, map_);
    return fit_seen(any_rows<tensor_type>(mapped), key);
  }

  /// Brief: the trained model again, from its arrays.
  /// Throws: data_error for arrays of another model; argument_error for rows that the model does not take.
  [[nodiscard]] named_classifier<Scalar> restore(std::span<const std::size_t> row_shape, std::size_t classes,
                                                 std::span<const saved_tensor> saved) const {
    if (name_ == "small-cnn")
      return {cnn_learner<Scalar>(options_).restore(row_shape, classes, saved), map_, row_shape};
    return {logistic_learner<Scalar>(options_).restore(row_shape, classes, saved), map_, row_shape};
  }

private:
  template <tensor Tensor>
  [[nodiscard]] named_classifier<Scalar> fit_seen(const any_rows<Tensor>& seen, const random_key& key) const {
    if (name_ == "nearest-mean") return {nearest_mean{}.fit(seen, key), map_, seen.row_shape()};
    if (name_ == "logistic") return {logistic_learner<Scalar>(options_).fit(seen, key), map_, seen.row_shape()};
    return {cnn_learner<Scalar>(options_).fit(seen, key), map_, seen.row_shape()};
  }

  std::string name_;
  fit_options options_;
  input_map map_;
};

}  // namespace v1
}  // namespace certssb
