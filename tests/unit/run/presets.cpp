// SPDX-License-Identifier: MIT
#include "certssb/run/presets.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace certssb;

namespace {

run_settings preset_settings(const std::string& name) {
  run_settings s;
  set_preset(s, name);
  return s;
}

}  // namespace

TEST_CASE("presets of Cert-SSB hold the figures of its released code", "[run]") {
  struct published {
    const char* name;
    const char* classes;
    const char* model;
    std::size_t models;
    std::size_t epochs;
    std::size_t batch;
    double learning_rate;
  };
  for (const published& p : {published{"cert-ssb-mnist", "1,0", "small-cnn", 1000, 20, 128, 1e-3},
                             published{"cert-ssb-cifar10", "0,2", "resnet-cifar", 1000, 10, 64, 1e-3},
                             published{"cert-ssb-imagenette", "n03888257,n02102040", "resnet18", 200, 5, 32, 1e-4}}) {
    CAPTURE(p.name);
    const run_settings s = preset_settings(p.name);
    CHECK(s.preset == std::string(p.name));
    CHECK(s.data.classes == p.classes);
    CHECK(s.training.model == p.model);
    CHECK(s.training.models == p.models);
    CHECK(s.training.epochs == p.epochs);
    CHECK(s.training.batch == p.batch);
    CHECK(s.training.learning_rate == p.learning_rate);
    CHECK(s.data.attack == "one-pixel");
    CHECK(s.data.delta == 1.0);
    CHECK(s.data.rate == 0.02);
    CHECK(s.data.target == 0);
    CHECK(s.certification.alpha == 0.001);
    CHECK(s.certification.bound_name() == "hoeffding");
    REQUIRE(s.certification.radii.size() == 11);
    for (std::size_t i = 0; i < 11; ++i) CHECK(s.certification.radii[i] == 0.25 * static_cast<double>(i));
    CHECK(s.defences == std::vector<std::string>{"rab", "cert-ssb"});
  }
  CHECK(preset_settings("cert-ssb-imagenette").data.resize == std::string("224x224"));
}

TEST_CASE("presets of RAB hold the figures of its released code", "[run]") {
  struct published {
    const char* name;
    const char* attack;
    double rate;
    double delta;
    double sigma;
    std::vector<double> radii;
  };
  // Of spambase all lengths are a hundredth of theirs, since columns are.
  for (const published& p :
       {published{"rab-mnist", "blending", 0.1, 1.0, 2.0, {0.0, 0.2, 0.5, 1.0, 2.0, 5.0}},
        published{"rab-cifar10", "four-pixel", 0.02, 0.1, 1.0, {0.0, 0.05, 0.1, 0.2, 0.5, 1.0}},
        published{"rab-spambase", "one-pixel", 0.02, 0.001, 0.01, {0.0, 0.0005, 0.001, 0.002, 0.005, 0.01}}}) {
    CAPTURE(p.name);
    const run_settings s = preset_settings(p.name);
    CHECK(s.data.attack == p.attack);
    CHECK(s.data.rate == p.rate);
    CHECK(s.data.delta == p.delta);
    CHECK(s.training.sigma == p.sigma);
    CHECK(s.certification.radii == p.radii);
    CHECK(s.certification.alpha == 0.001);
    CHECK(s.data.target == 0);
  }
  const run_settings mnist = preset_settings("rab-mnist");
  CHECK(mnist.training.models == 1000);
  CHECK(mnist.training.epochs == 20U);
  CHECK(mnist.training.batch == 128);
  const run_settings cifar = preset_settings("rab-cifar10");
  CHECK(cifar.training.epochs == 10U);
  CHECK(cifar.training.batch == 64);
  const run_settings spam = preset_settings("rab-spambase");
  CHECK(spam.data.test_share == 0.2);
  CHECK(spam.training.model == "nearest-neighbours");
  CHECK(spam.rows.neighbours == 1U);
  CHECK(spam.defence_names() == std::vector<std::string>{"certified"});
  CHECK(spam.defence("certified").mode.name() == "knn1_exact");
  CHECK_NOTHROW(spam.validate());
  CHECK_NOTHROW(mnist.validate());
}

TEST_CASE("what a run changes of its preset is said, with the published value", "[run]") {
  run_settings s = preset_settings("cert-ssb-mnist");
  CHECK(changes_of_preset(s).empty());
  CHECK(preset_text(s) == "Preset cert-ssb-mnist, Cert-SSB on MNIST's 0 and 1, with all of its settings.");
  s.data.dataset = "idx:mnist";  // a place and a key are no changes
  s.seed = 7;
  s.training.models = 20;
  s.data.test_rows = 300;
  s.certification.bound = "clopper-pearson";
  CHECK(changes_of_preset(s) ==
        std::vector<std::string>{"test_rows 300 (all)", "models 20 (1000)", "bound clopper-pearson (hoeffding)"});
  CHECK(preset_text(s) ==
        "Preset cert-ssb-mnist, Cert-SSB on MNIST's 0 and 1; changed (theirs in brackets): test_rows 300 (all), models "
        "20 (1000), bound clopper-pearson (hoeffding).");
  CHECK(preset_text(run_settings{}).empty());
}

TEST_CASE("a preset writes over settings, survives JSON, and an unknown one is refused with all names", "[run]") {
  run_settings s;
  s.data.rate = 0.5;
  set_preset(s, "rab-mnist");
  CHECK(s.data.rate == 0.1);
  run_settings read;
  read_settings(json::parse(R"({"preset": "rab-mnist"})"), read);
  CHECK(read.preset == std::string("rab-mnist"));
  CHECK_THROWS_WITH(set_preset(s, "rab"),
                    "preset: expected cert-ssb-mnist, cert-ssb-cifar10, cert-ssb-imagenette, rab-mnist, rab-cifar10 or "
                    "rab-spambase, got rab");
}
