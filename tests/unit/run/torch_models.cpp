// SPDX-License-Identifier: MIT
// Brief: models of PyTorch in the settings of a run, and in a program without PyTorch.
#include "certssb/run/bundled_models.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/undefended_slope.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace certssb;
using Catch::Contains;

namespace {

run_settings with_torch_model(const std::string& model) {
  run_settings s;
  s.training.model = model;
  s.defences = {"rab", "cert-ssb"};
  return s;
}

}  // namespace

TEST_CASE("models of PyTorch are trained by what the program gives, or refused with the way to them", "[run]") {
  for (const char* const name : {"resnet-cifar", "resnet18", "torchscript:net.pt"}) {
    const run_settings s = with_torch_model(name);
    CHECK_NOTHROW(s.validate());
    CHECK_THROWS_WITH(bundled_models{}(s.defence("rab")),
                      concatenate("model: ", name, " is trained by PyTorch, which this program was built without: ",
                                  "install libtorch-dev, and build it with -DCERTSSB_WITH_TORCH=ON"));
  }
  run_settings s = with_torch_model("torchscript:net.pt");
  s.training.initial_weights = "file";
  bundled_models models;
  std::string asked;
  models.torch = [&](const defence_settings& d, const fit_options& o) {
    asked = concatenate(d.model, " ", d.initial_weights, " ", o.epochs);
    return run_learner::other(logistic_learner<float>());
  };
  static_cast<void>(models(s.defence("cert-ssb")));
  CHECK(asked == "torchscript:net.pt file 2");
  CHECK(s.training.begins_at_file());
}

TEST_CASE("what models of PyTorch cannot do is refused", "[run]") {
  const auto refuses = [](const run_settings& s, const std::string& why) {
    CHECK_THROWS_WITH(s.validate(), Contains(why));
  };
  run_settings s = with_torch_model("resnet18");
  s.training.initial_weights = "file";
  refuses(s, "initial_weights: file is for torchscript:FILE models, got model resnet18");
  s.training.initial_weights = "old";
  refuses(s, "initial_weights: expected fresh or file, got old");
  s = with_torch_model("resnet18");
  s.training.dp_clip = 1.0;
  refuses(s, "dp_clip: is of bundled models that are trained in steps, which resnet18");
  s = with_torch_model("resnet18");
  s.certified.mode = "ledger";
  refuses(s, "mode ledger asks the model between its steps, which resnet18 does not offer");
  refuses(with_torch_model("torchscript:"), "resnet-cifar, resnet18 or torchscript:FILE, got torchscript:");
  const dataset<host_array<float>> rows(host_array<float>({0.0F, 1.0F}, 1), {0, 1}, 2);
  CHECK_THROWS_WITH(undefended_slope(with_torch_model("resnet18"))(rows, random_key{}),
                    Contains("the loss of a bundled network, which model resnet18 is not"));
}
