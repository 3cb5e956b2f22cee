// SPDX-License-Identifier: MIT
#include "torch_models.hpp"

#include "certssb/backend/torch/learner.hpp"
#include "certssb/backend/torch/networks.hpp"
#include "certssb/backend/torch/script.hpp"

namespace certssb::cli {

namespace {

any_learner<host_array<float>> make_learner(const defence_settings& d, const fit_options& o) {
  const torch_training training{.epochs = o.epochs,
                                .batch = o.batch,
                                .learning_rate = o.learning_rate,
                                .averaged_tail = o.averaged_tail,
                                .stop = o.stop};
  using learner = any_learner<host_array<float>>;
  if (d.model == "resnet-cifar") return learner(torch_learner(module_factory<torch_resnet_cifar>(), training));
  if (d.model == "resnet18") return learner(torch_learner(module_factory<torch_resnet18>(), training));
  const initial_weights begin = d.initial_weights == "file" ? initial_weights::file : initial_weights::fresh;
  return learner(torch_learner(torchscript_networks(d.model.substr(torchscript_prefix.size()), begin), training));
}

}  // namespace

std::function<any_learner<host_array<float>>(const defence_settings&, const fit_options&)> torch_models() {
  return make_learner;
}

std::string torch_words() {
  const std::string blas = torch_blas();
  return concatenate("PyTorch ", TORCH_VERSION, ", matrices by ", blas.empty() ? "its own library" : blas);
}

}  // namespace certssb::cli
