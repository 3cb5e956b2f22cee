// SPDX-License-Identifier: MIT
// Brief: in the place of torch_models.cpp where the program is built without PyTorch.
#include "torch_models.hpp"

namespace certssb::cli {

std::function<any_learner<host_array<float>>(const defence_settings&, const fit_options&)> torch_models() { return {}; }

std::string torch_words() { return {}; }

}  // namespace certssb::cli
