// SPDX-License-Identifier: MIT
#pragma once
// Brief: learners and classifiers with their types erased, so that a model whose headers take long to compile is compiled
// in one place, and one of several models is chosen when the program runs.

#include "certssb/core/random.hpp"
#include "certssb/data/any_rows.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/model/saved_model.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: any classifier with slopes of inputs of one tensor type. A copy copies the classifier in it.
/// Cost: one indirect call per batch.
template <tensor Tensor>
class any_classifier {
public:
  using scalar = scalar_of<Tensor>;

  // Its own type is ruled out first: whether that is a classifier depends on this constructor.
  template <class Model>
  requires(!std::same_as<Model, any_classifier>) &&
      directional_classifier<Model, Tensor> explicit any_classifier(Model model)
      : model_(std::make_unique<holder<Model>>(std::move(model))) {}
  any_classifier(const any_classifier& other) : model_(other.model_->copy()) {}
  any_classifier(any_classifier&&) noexcept = default;
  any_classifier& operator=(any_classifier other) noexcept {
    model_ = std::move(other.model_);
    return *this;
  }
  ~any_classifier() = default;

  [[nodiscard]] std::size_t classes() const { return model_->classes(); }
  void scores(const Tensor& x, std::span<scalar> out) { model_->scores(x, out); }
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<scalar> out, std::span<scalar> slopes) {
    model_->directional_scores(x, direction, out, slopes);
  }

  /// Brief: the arrays of the classifier in it.
  /// Throws: argument_error if it has none.
  [[nodiscard]] std::vector<saved_tensor> tensors() const { return model_->tensors(); }

  /// Brief: the classifier in it, if it is of this type; else null.
  template <class Model>
  [[nodiscard]] Model* get_if() {
    auto* const held = dynamic_cast<holder<Model>*>(model_.get());
    return held == nullptr ? nullptr : &held->model;
  }

private:
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    [[nodiscard]] virtual std::unique_ptr<base> copy() const = 0;
    [[nodiscard]] virtual std::size_t classes() const = 0;
    [[nodiscard]] virtual std::vector<saved_tensor> tensors() const = 0;
    virtual void scores(const Tensor& x, std::span<scalar> out) = 0;
    virtual void directional_scores(const Tensor& x, const Tensor& direction, std::span<scalar> out,
                                    std::span<scalar> slopes) = 0;
  };

  template <class Model>
  struct holder final : base {
    explicit holder(Model held) : model(std::move(held)) {}
    [[nodiscard]] std::unique_ptr<base> copy() const override { return std::make_unique<holder>(model); }
    [[nodiscard]] std::size_t classes() const override { return static_cast<std::size_t>(model.classes()); }
    [[nodiscard]] std::vector<saved_tensor> tensors() const override { return tensors_of(model); }
    void scores(const Tensor& x, std::span<scalar> out) override { model.scores(x, out); }
    void directional_scores(const Tensor& x, const Tensor& direction, std::span<scalar> out,
                            std::span<scalar> slopes) override {
      model.directional_scores(x, direction, out, slopes);
    }
    Model model;
  };

  std::unique_ptr<base> model_;
};

/// Brief: any learner of rows of one tensor type whose classifiers have slopes. It sees all rows as any_rows: of rows that
/// change with the model (adaptive_rows) it does not know that they do.
template <tensor Tensor>
class any_learner {
public:
  template <class Learner>
  requires(!std::same_as<Learner, any_learner>) && learner<Learner, any_rows<Tensor>> explicit any_learner(
                                                       Learner inner)
      : fit_([inner = std::move(inner)](const any_rows<Tensor>& rows, const random_key& key) {
          return any_classifier<Tensor>(inner.fit(rows, key));
        }) {}

  template <row_source Rows>
  [[nodiscard]] any_classifier<Tensor> fit(const Rows& rows, const random_key& key) const {
    return fit_(any_rows<Tensor>(rows), key);
  }

private:
  std::function<any_classifier<Tensor>(const any_rows<Tensor>&, const random_key&)> fit_;
};

}  // namespace v1
}  // namespace certssb
