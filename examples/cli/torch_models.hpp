// SPDX-License-Identifier: MIT
#pragma once
// Brief: the models of PyTorch, in a translation unit of their own: its headers take longer to compile than the rest of
// the program.

#include "certssb/model/any_learner.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/run/settings.hpp"
#include "certssb/tensor/host_array.hpp"

#include <functional>
#include <string>

namespace certssb::cli {

/// Brief: makes the learners of resnet-cifar, resnet18 and torchscript:FILE; empty in a program built without PyTorch.
[[nodiscard]] std::function<any_learner<host_array<float>>(const defence_settings&, const fit_options&)> torch_models();

/// Brief: a line on what such models are computed by; empty in a program built without PyTorch.
[[nodiscard]] std::string torch_words();

}  // namespace certssb::cli
