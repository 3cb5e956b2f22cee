// SPDX-License-Identifier: MIT
#pragma once
// Brief: a network of PyTorch as the learner sees it, whether a torch::nn module or a TorchScript file.

#include "certssb/backend/torch/runtime.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: an untrained network. Its parts share memory with the module that they were taken from.
struct torch_network {
  std::function<torch::Tensor(const torch::Tensor&)> forward;  ///< [n, row...] -> [n, K], before any softmax
  std::function<void(bool)> train;                             ///< true: behave as in training (batch norm)
  std::function<void(const torch::Device&)> move_to;
  std::vector<torch::Tensor> parameters;  ///< those to train
  std::vector<torch::Tensor> buffers;     ///< such as the statistics of batch norm
};

namespace detail {

/// Brief: the parameters that a module has not frozen (requires_grad).
template <class Parameters>
[[nodiscard]] std::vector<torch::Tensor> to_train(const Parameters& parameters) {
  std::vector<torch::Tensor> chosen;
  for (const torch::Tensor& parameter : parameters) {
    if (parameter.requires_grad()) chosen.push_back(parameter);
  }
  return chosen;
}

/// Throws: argument_error unless these are one score per row and class.
inline void expect_scores(const torch::Tensor& scores, std::int64_t rows, std::size_t classes) {
  expect(scores.dim() == 2 && scores.size(0) == rows && std::cmp_equal(scores.size(1), classes),
         "torch: expected the network to give ", rows, " x ", classes, " scores, got ", scores.dim(), " extents, ",
         scores.numel(), " numbers");
}

}  // namespace detail

/// Brief: makes an untrained network for rows of a shape; everything random in it comes from the key.
using torch_network_maker =
    std::function<torch_network(std::span<const std::size_t> row_shape, std::size_t classes, const random_key& key)>;

/// Brief: the network of a module.
/// Requires: a std::shared_ptr to a torch::nn::Module, or its holder, with `forward` from a tensor to a tensor.
template <class Module>
[[nodiscard]] torch_network network_of(Module module) {
  if constexpr (requires { module.ptr(); }) {
    return network_of(module.ptr());
  } else {
    return {[module](const torch::Tensor& x) { return torch::Tensor(module->forward(x)); },
            [module](bool on) { module->train(on); }, [module](const torch::Device& device) { module->to(device); },
            detail::to_train(module->parameters()), module->buffers()};
  }
}

/// Brief: the maker that calls factory(row_shape, classes) and takes the module that it returns, with the initial
/// weights that PyTorch and the module's own constructor draw.
/// Determinism: the draws of the constructor from PyTorch's default generator are a function of the key. One module is
/// made at a time.
template <class Factory>
[[nodiscard]] torch_network_maker keyed_modules(Factory factory) {
  return [factory = std::move(factory)](std::span<const std::size_t> row_shape, std::size_t classes,
                                        const random_key& key) {
    return detail::with_keyed_generator(key, [&] { return network_of(factory(row_shape, classes)); });
  };
}

}  // namespace v1
}  // namespace certssb
