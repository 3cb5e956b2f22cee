// SPDX-License-Identifier: MIT
#pragma once
// Brief: a TorchScript file as a network: architecture and initial weights from Python, trained here.

#include "certssb/backend/torch/network.hpp"
#include "certssb/backend/torch/runtime.hpp"
#include "certssb/core/error.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: where members begin: each at weights of its own, drawn by its key, or all at those in the file. The file's must
/// have seen none of the training rows: a certificate of changed rows says nothing of what the weights learned from them.
enum class initial_weights { fresh, file };

namespace detail {

/// Throws: data_error, in one line, for what is no readable TorchScript file with parameters to train.
[[nodiscard]] inline torch::jit::Module read_torchscript(const std::filesystem::path& file) {
  const std::string name = file.string();
  expect<data_error>(std::filesystem::is_regular_file(file), name, ": is no file");
  std::array<char, 4> begin{};
  std::ifstream(file, std::ios::binary).read(begin.data(), begin.size());
  expect<data_error>(std::string_view(begin.data(), begin.size()) == "PK\x03\x04", name,
                     ": expected a TorchScript file, which begins as a zip archive");
  torch::jit::Module module =
      in_one_line<data_error>(name, [&] { return torch::jit::load(name, torch::Device(torch::kCPU)); });
  expect<data_error>(static_cast<bool>(module.find_method("forward")), name, ": the module has no method forward");
  expect<data_error>(module.parameters().size() > 0, name,
                     ": the module has no parameters to train; save it by torch.jit.script, not frozen");
  return module;
}

/// Brief: the class of a module as Python has it, without the package.
[[nodiscard]] inline std::string class_name(const torch::jit::Module& module) {
  return module.type()->name() ? module.type()->name()->name() : std::string();
}

enum class known_layer { other, weighted, norm };

[[nodiscard]] inline known_layer layer_of(const torch::jit::Module& module) {
  const std::string name = class_name(module);
  for (const char* const weighted : {"Linear", "Conv1d", "Conv2d", "Conv3d"}) {
    if (name == weighted) return known_layer::weighted;
  }
  for (const char* const norm : {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "LayerNorm"}) {
    if (name == norm) return known_layer::norm;
  }
  return known_layer::other;
}

/// Brief: the first parameter of which nothing tells how it begins; empty if the module can be reset.
[[nodiscard]] inline std::string unknown_beginning(const torch::jit::Module& module) {
  if (module.find_method("reset_parameters")) return {};
  for (const auto& part : module.named_modules()) {
    if (layer_of(part.value) != known_layer::other) continue;
    for (const auto& parameter : part.value.named_parameters(false)) {
      return part.name.empty() ? parameter.name : part.name + "." + parameter.name;
    }
  }
  return {};
}

/// Brief: new weights from PyTorch's default generator, as Python's layers begin: by the module's exported method
/// reset_parameters, or layer by layer: uniform in (-b, b), b = 1 / sqrt(fan-in), and norms that change nothing.
inline void reset_weights(torch::jit::Module& module) {
  const torch::NoGradGuard no_gradients;
  if (module.find_method("reset_parameters")) {
    module.run_method("reset_parameters");
    return;
  }
  for (const auto& part : module.named_modules()) {
    const known_layer layer = layer_of(part.value);
    double bound = 0.0;
    for (const auto& parameter : part.value.named_parameters(false)) {
      if (layer == known_layer::norm) {
        parameter.value.fill_(parameter.name == "weight" ? 1.0 : 0.0);
        continue;
      }
      if (parameter.name == "weight") {
        const std::int64_t fan_in = parameter.value.numel() / std::max<std::int64_t>(1, parameter.value.size(0));
        bound = 1.0 / std::sqrt(static_cast<double>(std::max<std::int64_t>(1, fan_in)));
      }
      parameter.value.uniform_(-bound, bound);
    }
    if (layer != known_layer::norm) continue;
    for (const auto& statistic : part.value.named_buffers(false)) {
      statistic.value.fill_(statistic.name == "running_var" ? 1.0 : 0.0);
    }
  }
}

/// Brief: a copy with weights of its own, of which the same are trained.
[[nodiscard]] inline torch::jit::Module own_copy(const torch::jit::Module& module) {
  const torch::NoGradGuard no_gradients;  // a copy is no step of a computation
  torch::jit::Module copy = module.deepcopy();
  std::vector<bool> trained;
  for (const torch::Tensor& parameter : module.parameters()) trained.push_back(parameter.requires_grad());
  std::size_t next = 0;
  for (torch::Tensor parameter : copy.parameters()) parameter.requires_grad_(trained[next++]);
  return copy;
}

[[nodiscard]] inline torch_network network_of_script(torch::jit::Module module) {
  const auto shared = std::make_shared<torch::jit::Module>(std::move(module));
  torch_network network{[shared](const torch::Tensor& x) {
                          // Optimised graphs depend on what other threads have run before.
                          const torch::jit::GraphOptimizerEnabledGuard as_written(false);
                          return shared->forward({x}).toTensor();
                        },
                        [shared](bool on) { shared->train(on); },
                        [shared](const torch::Device& device) { shared->to(device); },
                        to_train(shared->parameters()),
                        {}};
  for (const torch::Tensor& buffer : shared->buffers()) network.buffers.push_back(buffer);
  return network;
}

}  // namespace detail

/// Brief: the network in a TorchScript file, which Python's `torch.jit.script(net).save(file)` writes, for torch_learner.
/// Its `forward` takes [n, row...] and gives one score per class before any softmax; `n` is any number. Batch norm of a
/// module saved by torch.jit.trace stays as it was when it was traced.
/// Fresh weights want a module made of Python's Linear, Conv, BatchNorm, GroupNorm and LayerNorm, or an exported method
/// `reset_parameters(self)` that draws all weights by the functions of PyTorch.
/// Requires: a file that you trust as you trust a program: its code is run.
/// Throws: data_error, in one line, for what is no readable TorchScript file with parameters to train; argument_error for
/// fresh weights where the module does not tell how its parameters begin.
/// Determinism: fresh weights are a function of the key.
[[nodiscard]] inline torch_network_maker torchscript_networks(const std::filesystem::path& file,
                                                              initial_weights weights) {
  const auto module = std::make_shared<const torch::jit::Module>(detail::read_torchscript(file));
  const std::string unknown = weights == initial_weights::fresh ? detail::unknown_beginning(*module) : std::string();
  expect(
      unknown.empty(), "initial_weights: ", file.string(), " does not tell how its parameter ", unknown,
      " begins: it is in no Linear, Conv or norm layer, and there is no exported method reset_parameters. With file, "
      "all members begin at the file's weights, which must have seen none of the training rows");
  return [module, weights](std::span<const std::size_t>, std::size_t, const random_key& key) {
    torch::jit::Module own = detail::own_copy(*module);
    if (weights == initial_weights::file) return detail::network_of_script(std::move(own));
    return detail::with_keyed_generator(key, [&] {
      detail::reset_weights(own);
      return detail::network_of_script(own);
    });
  };
}

}  // namespace v1
}  // namespace certssb
