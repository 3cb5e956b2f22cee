// SPDX-License-Identifier: MIT
#pragma once
// Brief: the names of the models that defences with noise can be made of, and what each can do.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: a bundled model: its name, whether it is trained in steps along gradients, and whether its scores change little
/// by little with the input, so that they have slopes.
struct bundled_model_facts {
  std::string_view name;
  bool in_steps;
  bool slopes;
};

inline constexpr auto bundled_model_table = std::to_array<bundled_model_facts>({{"small-cnn", true, true},
                                                                                {"logistic", true, true},
                                                                                {"mlp", true, true},
                                                                                {"nearest-mean", false, true},
                                                                                {"nearest-neighbours", false, false}});

/// Throws: argument_error for another name.
[[nodiscard]] inline bundled_model_facts bundled_model(std::string_view name) {
  const auto found = std::ranges::find(bundled_model_table, name, &bundled_model_facts::name);
  if (found != bundled_model_table.end()) return *found;
  std::string names;
  for (const bundled_model_facts& known : bundled_model_table) {
    const bool last = known.name == bundled_model_table.back().name;
    names += concatenate(names.empty() ? "" : last ? " or " : ", ", known.name);
  }
  throw argument_error(concatenate("model: expected ", names, ", got ", name));
}

/// Brief: what begins the name of a model that is a file of TorchScript.
inline constexpr std::string_view torchscript_prefix = "torchscript:";

/// Brief: a model that a run can name: whether PyTorch trains it, or it is bundled, and then as bundled_model_facts.
struct model_facts {
  bool torch;
  bool in_steps;
  bool slopes;
};

/// Throws: argument_error for a name that is neither a bundled model's nor one of PyTorch's.
[[nodiscard]] inline model_facts model_facts_of(std::string_view name) {
  const bool scripted = name.starts_with(torchscript_prefix) && name.size() > torchscript_prefix.size();
  if (scripted || name == "resnet-cifar" || name == "resnet18")
    return {.torch = true, .in_steps = true, .slopes = true};
  if (std::ranges::find(bundled_model_table, name, &bundled_model_facts::name) == bundled_model_table.end()) {
    std::string names;
    for (const bundled_model_facts& known : bundled_model_table) names += concatenate(known.name, ", ");
    throw argument_error(
        concatenate("model: expected ", names, "resnet-cifar, resnet18 or torchscript:FILE, got ", name));
  }
  const bundled_model_facts bundled = bundled_model(name);
  return {.torch = false, .in_steps = bundled.in_steps, .slopes = bundled.slopes};
}

}  // namespace v1
}  // namespace certssb
