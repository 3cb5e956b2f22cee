// SPDX-License-Identifier: MIT
#pragma once
// Brief: how a network of PyTorch is trained: the settings, and the steps.

#include "certssb/backend/torch/network.hpp"
#include "certssb/backend/torch/runtime.hpp"
#include "certssb/core/expect.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <numbers>
#include <stop_token>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the factor of the learning rate once a share of the steps, in [0,1), is done.
using rate_schedule = std::function<double(double)>;

[[nodiscard]] inline rate_schedule constant_rate() {
  return [](double) { return 1.0; };
}

/// Brief: multiplies the rate by `factor` at each of the shares `at` of the training, for instance {0.5, 0.75}.
[[nodiscard]] inline rate_schedule step_rate(double factor, std::vector<double> at) {
  return [factor, at = std::move(at)](double done) {
    const auto passed = std::ranges::count_if(at, [&](double share) { return done >= share; });
    return std::pow(factor, static_cast<double>(passed));
  };
}

/// Maths: (1 + cos(pi done)) / 2.
/// Reference: Loshchilov and Hutter, SGDR (ICLR 2017), without restarts.
[[nodiscard]] inline rate_schedule cosine_rate() {
  return [](double done) { return 0.5 * (1.0 + std::cos(std::numbers::pi * done)); };
}

enum class torch_optimiser { adam, sgd };

/// Brief: how long, how and how fast a network is trained.
struct torch_training {
  std::size_t epochs = 2;       ///< passes over the rows, at least 1
  std::size_t batch = 128;      ///< rows per step, at least 1; the last step of an epoch takes what is left
  double learning_rate = 1e-3;  ///< finite and positive
  torch_optimiser optimiser = torch_optimiser::adam;
  double momentum = 0.9;      ///< of sgd, in [0,1)
  double weight_decay = 0.0;  ///< times the parameters is added to their gradient; finite, at least 0
  rate_schedule schedule = constant_rate();
  double averaged_tail = 0.0;  ///< share of the steps, the last ones, whose parameters and statistics are averaged
  std::stop_token stop = {};   ///< asked before each step

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(epochs > 0, "torch_training: epochs must be at least 1, got 0");
    expect(batch > 0, "torch_training: batch must be at least 1, got 0");
    expect(std::isfinite(learning_rate) && learning_rate > 0.0,
           "torch_training: learning_rate must be finite and positive, got ", learning_rate);
    expect(momentum >= 0.0 && momentum < 1.0, "torch_training: momentum must be in [0,1), got ", momentum);
    expect(std::isfinite(weight_decay) && weight_decay >= 0.0,
           "torch_training: weight_decay must be finite and >= 0, got ", weight_decay);
    expect(averaged_tail >= 0.0 && averaged_tail <= 1.0, "torch_training: averaged_tail must lie in [0,1], got ",
           averaged_tail);
    expect(static_cast<bool>(schedule), "torch_training: schedule must be a function");
  }
};

namespace detail {

/// Brief: the steps of one training.
class torch_steps {
public:
  torch_steps(torch_network& network, const torch_training& options, std::size_t steps)
      : network_(network),
        options_(options),
        steps_(steps),
        first_averaged_(steps -
                        static_cast<std::size_t>(std::floor(options.averaged_tail * static_cast<double>(steps)))) {
    if (options.optimiser == torch_optimiser::adam) {
      optimiser_ = std::make_unique<torch::optim::Adam>(
          network_.parameters, torch::optim::AdamOptions(options.learning_rate).weight_decay(options.weight_decay));
    } else {
      optimiser_ =
          std::make_unique<torch::optim::SGD>(network_.parameters, torch::optim::SGDOptions(options.learning_rate)
                                                                       .momentum(options.momentum)
                                                                       .weight_decay(options.weight_decay));
    }
    for (const auto* const tensors : {&network_.parameters, &network_.buffers}) {
      for (const torch::Tensor& t : *tensors) {
        if (t.is_floating_point()) averaged_.push_back(t);
      }
    }
  }

  void take(const torch::Tensor& inputs, const torch::Tensor& labels, std::size_t classes) {
    in_one_line("torch", [&] {
      network_.train(true);
      const torch::Tensor z =
          step_ == 0 ? without_draws([&] { return network_.forward(inputs); }) : network_.forward(inputs);
      expect_scores(z, inputs.size(0), classes);
      const double rate =
          options_.learning_rate * options_.schedule(static_cast<double>(step_) / static_cast<double>(steps_));
      expect(std::isfinite(rate) && rate >= 0.0, "torch: expected a learning rate >= 0 of the schedule, got ", rate);
      for (auto& group : optimiser_->param_groups()) group.options().set_lr(rate);
      optimiser_->zero_grad();
      torch::cross_entropy_loss(z, labels).backward();
      optimiser_->step();
    });
    if (step_++ >= first_averaged_) add_to_average();
  }

  /// Brief: leaves the network averaged, in evaluation, and without gradients.
  void finish() {
    const torch::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      averaged_[i].copy_(sums_[i] / static_cast<double>(step_ - first_averaged_));
    }
    network_.train(false);
    for (torch::Tensor& parameter : network_.parameters) {
      parameter.mutable_grad() = torch::Tensor();
      parameter.requires_grad_(false);
    }
  }

private:
  void add_to_average() {
    const torch::NoGradGuard no_gradients;
    if (sums_.empty()) {
      for (const torch::Tensor& t : averaged_) sums_.push_back(torch::zeros_like(t, torch::kFloat64));
    }
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].add_(averaged_[i]);
  }

  torch_network& network_;
  const torch_training& options_;
  std::size_t steps_;
  std::size_t first_averaged_;
  std::size_t step_ = 0;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  std::vector<torch::Tensor> averaged_;  ///< parameters and statistics
  std::vector<torch::Tensor> sums_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
