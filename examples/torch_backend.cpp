// SPDX-License-Identifier: MIT
// A network of PyTorch as the model of a certified defence, on PyTorch's own tensors. Built with -DCERTSSB_WITH_TORCH=ON.
#include "certssb/backend/torch/learner.hpp"
#include "certssb/backend/torch/tensor.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/run/defences.hpp"

#include <cstdio>

using namespace certssb;

namespace {

/// Two classes of points in the plane, apart by their first number.
dataset<torch::Tensor> points(std::size_t count) {
  torch::Tensor inputs = torch::empty({static_cast<std::int64_t>(count), 2});
  std::vector<label_type> labels;
  random_stream stream(random_key{7}.at(stage::synthetic));
  for (std::size_t i = 0; i < count; ++i) {
    labels.push_back(static_cast<label_type>(i % 2));
    const auto row = static_cast<std::int64_t>(i);
    inputs[row][0] = 0.2 + 0.4 * static_cast<double>(i % 2) + 0.2 * stream.uniform();
    inputs[row][1] = stream.uniform();
  }
  return {inputs, labels, 2};
}

auto perceptron(std::span<const std::size_t> row_shape, std::size_t classes) {
  return torch::nn::Sequential(torch::nn::Linear(static_cast<std::int64_t>(row_shape.front()), 16), torch::nn::ReLU(),
                               torch::nn::Linear(16, static_cast<std::int64_t>(classes)));
}

}  // namespace

int main() {
  const auto train = points(256);
  const auto test = points(8);
  const torch_learner method(perceptron, {.epochs = 20, .batch = 32, .learning_rate = 0.01});
  const gaussian_noise noise;
  const serial_executor run;
  silent_observer silent;
  const defence_context context{method, noise, run, silent, random_key{2}};
  const auto result = run_uniform(context, train, {test}, {.sigma = 0.1, .models = 20, .vote = {.draws = 0}});
  const uniform_mode mode(result);
  for (const certificate& c : certify(result, 0, clopper_pearson{}, no_split{}, mode, 0.05)) {
    std::printf("class %d, radius %.3f\n", static_cast<int>(c.label), c.radius.value());
  }
}
