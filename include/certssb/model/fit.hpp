// SPDX-License-Identifier: MIT
#pragma once
// Brief: the bundled learner: minibatch gradient descent on any trainable model.

#include "certssb/core/error.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/clipped_gradient.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/optimiser.hpp"
#include "certssb/model/small_cnn.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how long and how fast a learner trains.
struct fit_options {
  std::size_t epochs = 2;       ///< passes over the rows, at least 1
  std::size_t batch = 128;      ///< rows per step, at least 1; the last step of an epoch takes what is left
  double learning_rate = 1e-3;  ///< finite and positive
  double averaged_tail = 0.0;   ///< share of the steps, the last ones, whose parameters are averaged, in [0,1]
  dp_options dp = {};           ///< clips the gradient of each row and adds noise to their sum
  std::stop_token stop = {};    ///< asked before each step
};

/// Throws: argument_error naming the first option outside its range.
inline void validate(const fit_options& options) {
  expect(options.epochs > 0, "fit_options: epochs must be at least 1, got 0");
  expect(options.batch > 0, "fit_options: batch must be at least 1, got 0");
  expect(std::isfinite(options.learning_rate) && options.learning_rate > 0.0,
         "fit_options: learning_rate must be finite and positive, got ", options.learning_rate);
  expect(options.averaged_tail >= 0.0 && options.averaged_tail <= 1.0,
         "fit_options: averaged_tail must lie in [0,1], got ", options.averaged_tail);
  options.dp.validate();
}

namespace detail {

/// Brief: the mean of the parameters after each of the last steps; empty if none are averaged.
template <std::floating_point Scalar>
class tail_average {
public:
  tail_average(double share, std::size_t steps)
      : first_(steps - static_cast<std::size_t>(std::floor(share * static_cast<double>(steps)))) {}

  void see(std::size_t step, std::span<const Scalar> parameters) {
    if (step < first_) return;
    sum_.resize(parameters.size());
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += static_cast<double>(parameters[i]);
    ++count_;
  }

  void write(std::span<Scalar> parameters) const {
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      parameters[i] = static_cast<Scalar>(sum_[i] / static_cast<double>(count_));
    }
  }

private:
  std::size_t first_;
  std::vector<double> sum_;
  std::size_t count_ = 0;
};

}  // namespace detail

/// Brief: trains the model that `make_model(row_shape, classes)` makes, with a fresh copy of the optimiser.
/// Maths: with averaged_tail = s > 0 the result is the mean of the parameters after each of the last s * T of all T
/// steps (Polyak and Juditsky 1992). Members vary less, without another pass over the rows.
/// A model that diverges is returned like any other, and votes: no model is dropped for a reason that depends on the
/// data.
/// Determinism: everything is a function of (rows, key, options): initial parameters from the streams of
/// key.at(stage::initialise), the order of epoch e from that of key.at(stage::shuffle).for_draw(e), with options.dp the
/// noise of step t from that of key.at(stage::gradient_noise).for_draw(t).
template <class MakeModel, class Optimiser>
class gradient_learner {
public:
  /// Throws: argument_error for options outside their ranges.
  explicit gradient_learner(MakeModel make_model, Optimiser optimiser = Optimiser{}, fit_options options = {})
      : make_model_(std::move(make_model)), optimiser_(std::move(optimiser)), options_(std::move(options)) {
    validate(options_);
  }

  /// Throws: argument_error without rows; cancelled once options.stop is set; whatever the model or the rows throw.
  /// Cost: memory for one batch and for the order of the rows, besides the model.
  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& key) const {
    using tensor_type = typename Rows::tensor_type;
    using scalar = scalar_of<tensor_type>;
    auto model = make_model_(std::span<const std::size_t>(rows.row_shape()), static_cast<std::size_t>(rows.classes()));
    static_assert(trainable<decltype(model), tensor_type>,
                  "gradient_learner: the model cannot be trained on this tensor");
    static_assert(optimiser<Optimiser, scalar>, "gradient_learner: the optimiser's scalar is not the tensor's");
    const std::size_t size = rows.size();
    expect(size > 0, "fit: no rows to train on");
    expect(size <= std::numeric_limits<std::uint32_t>::max(), "fit: at most 2^32 - 1 rows, got ", size);

    model.initialise(key);
    Optimiser step(optimiser_);
    const std::size_t batch = std::min(options_.batch, size);
    tensor_type full = rows.make(batch);
    tensor_type rest = rows.make(size % batch);
    std::vector<label_type> labels(batch);
    std::vector<std::size_t> order(size);
    const std::size_t steps_an_epoch = (size + batch - 1) / batch;
    detail::tail_average<scalar> tail(options_.averaged_tail, options_.epochs * steps_an_epoch);
    clipped_gradient<scalar> clipped(options_.dp);
    for (std::size_t epoch = 0; epoch < options_.epochs; ++epoch) {
      std::iota(order.begin(), order.end(), std::size_t{0});
      random_stream stream(key.at(stage::shuffle).for_draw(static_cast<std::uint32_t>(epoch)));
      shuffle(std::span(order), stream);
      for (std::size_t first = 0; first < size; first += batch) {
        if (options_.stop.stop_requested()) throw cancelled();
        const auto positions = std::span<const std::size_t>(order).subspan(first, std::min(batch, size - first));
        tensor_type& inputs = positions.size() == batch ? full : rest;
        rows.gather(positions, inputs);
        if constexpr (adaptive_rows<Rows, decltype(model)>) rows.adapt(model, positions, inputs);
        const std::span<const label_type> all = rows.labels();
        std::ranges::transform(positions, labels.begin(), [&](std::size_t position) { return all[position]; });
        const std::size_t steps_done = epoch * steps_an_epoch + first / batch;
        const auto own = std::span<const label_type>(labels).first(positions.size());
        if (options_.dp.active()) {
          const random_key noise = key.at(stage::gradient_noise).for_draw(static_cast<std::uint32_t>(steps_done));
          step.step(model.parameters(), clipped.of(model, inputs, own, noise), options_.learning_rate);
        } else {
          model.loss_and_gradient(inputs, own);
          step.step(model.parameters(), model.gradient(), options_.learning_rate);
        }
        tail.see(steps_done, model.parameters());
      }
    }
    tail.write(model.parameters());
    return decltype(model)(std::as_const(model));  // a copy leaves the working memory behind
  }

  /// Brief: the trained model again, from its arrays.
  /// Throws: data_error for arrays of another model; whatever make_model throws.
  template <class Make = MakeModel>
  [[nodiscard]] auto restore(std::span<const std::size_t> row_shape, std::size_t classes,
                             std::span<const saved_tensor> saved) const requires requires(const Make& make) {
    make(row_shape, classes).load(saved);
  }
  {
    auto model = make_model_(row_shape, classes);
    model.load(saved);
    return model;
  }

private:
  MakeModel make_model_;
  Optimiser optimiser_;
  fit_options options_;
};

/// Brief: makes an untrained small_cnn or logistic model for rows of a given shape.
template <std::floating_point Scalar>
struct small_cnn_maker {
  [[nodiscard]] small_cnn<Scalar> operator()(std::span<const std::size_t> row_shape, std::size_t classes) const {
    return make_small_cnn<Scalar>(row_shape, classes);
  }
};
template <std::floating_point Scalar>
struct logistic_maker {
  [[nodiscard]] logistic<Scalar> operator()(std::span<const std::size_t> row_shape, std::size_t classes) const {
    return make_logistic<Scalar>(row_shape, classes);
  }
};

/// Brief: the network of the papers, trained by Adam.
template <std::floating_point Scalar>
[[nodiscard]] auto cnn_learner(fit_options options = {}) {
  return gradient_learner(small_cnn_maker<Scalar>{}, adam<Scalar>{}, std::move(options));
}

/// Brief: softmax regression, trained by Adam.
template <std::floating_point Scalar>
[[nodiscard]] auto logistic_learner(fit_options options = {}) {
  return gradient_learner(logistic_maker<Scalar>{}, adam<Scalar>{}, std::move(options));
}

}  // namespace v1
}  // namespace certssb
