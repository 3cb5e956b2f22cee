// SPDX-License-Identifier: MIT
// Brief: the networks of the papers have the layers and the cost that the papers state.
#include "support.hpp"

#include "certssb/backend/torch/networks.hpp"

#include <ATen/record_function.h>

using namespace certssb;
using Catch::Contains;

namespace {

struct network_cost {
  double multiply_adds = 0.0;
  int layers = 0;  // convolutions and products, without 1x1 shortcuts
  int shortcuts = 0;
};

network_cost counted;  // what a callback of PyTorch can reach

struct weight_of_call : at::ObserverContext {
  explicit weight_of_call(torch::Tensor of_call) : weight(std::move(of_call)) {}
  torch::Tensor weight;
};

std::unique_ptr<at::ObserverContext> call_begins(const at::RecordFunction& call) {
  const std::string name = call.name();
  if (name != "aten::conv2d" && name != "aten::addmm") return nullptr;
  return std::make_unique<weight_of_call>(call.inputs()[name == "aten::conv2d" ? 1 : 2].toTensor());
}

void call_ends(const at::RecordFunction& call, at::ObserverContext* context) {
  if (context == nullptr) return;
  const torch::Tensor weight = static_cast<weight_of_call*>(context)->weight;
  const torch::Tensor result = call.outputs()[0].toTensor();
  const std::int64_t places = result.dim() == 4 ? result.size(2) * result.size(3) : 1;
  counted.multiply_adds += static_cast<double>(weight.numel() * places);
  (weight.dim() == 4 && weight.size(2) == 1 ? counted.shortcuts : counted.layers) += 1;
}

/// Counts the products of every convolution and matrix product that PyTorch carries out for one image.
template <class Network>
network_cost cost_of(Network& network, std::vector<std::int64_t> image) {
  counted = {};
  const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(call_begins, call_ends)
                                                     .needsInputs(true)
                                                     .needsOutputs(true)
                                                     .scopes({at::RecordScope::FUNCTION}));
  image.insert(image.begin(), 1);
  const torch::NoGradGuard no_gradients;
  network.eval();
  network.forward(torch::zeros(image));
  at::removeCallback(handle);
  return counted;
}

template <class Network>
std::int64_t parameters_of(const Network& network) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : network.parameters()) count += parameter.numel();
  return count;
}

}  // namespace

CATCH_TEST_CASE("the ResNet for CIFAR-10 has 32 layers and 69.1 million multiply-adds", "[torch]") {
  const std::vector<std::size_t> image{3, 32, 32};
  torch_resnet_cifar network(image, 10);
  const network_cost cost = cost_of(network, {3, 32, 32});
  CATCH_CHECK(cost.layers == 32);
  CATCH_CHECK(cost.shortcuts == 2);
  CATCH_CHECK(cost.multiply_adds / 1e6 == Approx(69.1).margin(0.05));
}

CATCH_TEST_CASE("ResNet-18 has its 11,689,512 parameters and 1.814 thousand million multiply-adds", "[torch]") {
  const std::vector<std::size_t> image{3, 224, 224};
  torch_resnet18 network(image, 1000);
  CATCH_CHECK(parameters_of(network) == 11'689'512);
  const network_cost cost = cost_of(network, {3, 224, 224});
  CATCH_CHECK(cost.layers == 18);
  CATCH_CHECK(cost.multiply_adds / 1e9 == Approx(1.814).margin(0.0005));
}

CATCH_TEST_CASE("slopes of the papers' networks agree with PyTorch's gradients", "[torch]") {
  const std::vector<std::size_t> image{1, 32, 32};
  const auto rows = torch_test::lines(6, 32);
  const auto check = [&]<class Network>(std::shared_ptr<Network> module) {
    const torch::Tensor inputs = torch_test::in_torch(rows).inputs().clone();
    const torch::Tensor direction = inputs.flip({2});
    module->forward(inputs);  // in training: for statistics other than 0 and 1
    module->eval();
    const torch::Tensor x = inputs.clone().requires_grad_(true);
    const torch::Tensor p = torch::softmax(module->forward(x), 1);
    const torch::Tensor gradient = torch::autograd::grad({p.select(1, 1).sum()}, {x}).front();
    const torch::Tensor expected = (gradient * direction).flatten(1).sum(1);

    torch_classifier model(std::make_shared<torch_network>(network_of(module)), image, 2);
    std::vector<float> scores(12);
    std::vector<float> slopes(12);
    model.directional_scores(inputs, direction, scores, slopes);
    const float largest = expected.abs().max().item<float>();
    CATCH_CHECK(largest > 0.0F);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CATCH_CHECK(slopes[2 * i + 1] ==
                  Approx(expected[static_cast<std::int64_t>(i)].item<float>()).margin(1e-3 * largest));
      CATCH_CHECK(slopes[2 * i] == Approx(-slopes[2 * i + 1]).margin(1e-3 * largest));
    }
  };
  check(std::make_shared<torch_resnet_cifar>(image, 2));
  check(std::make_shared<torch_resnet18>(image, 2));
}

CATCH_TEST_CASE("the ResNet for CIFAR-10 is trained", "[torch]") {
  const auto rows = torch_test::lines(48, 16);
  const auto model = torch_learner(module_factory<torch_resnet_cifar>(), {.epochs = 12, .batch = 8}).fit(rows, {1});
  CATCH_CHECK(torch_test::accuracy(model, rows) > 0.8);
  CATCH_CHECK_THROWS_WITH(torch_learner(module_factory<torch_resnet18>()).fit(rows, {1}),
                          Contains("resnet18: expected images of at least 32 x 32 pixels, got 16 x 16"));
  const std::vector<std::size_t> table{7};
  CATCH_CHECK_THROWS_WITH(torch_resnet_cifar(table, 2), Contains("resnet-cifar: expected rows {channels"));
}
