// SPDX-License-Identifier: MIT
#include "certssb/run/run_settings.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace certssb;

namespace {

json config_of(const run_settings& s) {
  json j = json::object();
  for (const auto& option : options_of(s)) {
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
            j[option.first] = nullptr;
          } else {
            j[option.first] = value;
          }
        },
        option.second);
  }
  return j;
}

}  // namespace

TEST_CASE("settings read back from their JSON are the settings", "[run]") {
  run_settings s;
  s.data = {"idx:/somewhere", "all", 100,          20,           "blending", 0.3, 0.2,  1,  "all-to-all",
            "label",          "no",  "ranges.npy", "words.json", "16x16",    3,   0.25, 77, 0.3,
            "picture.npy"};
  s.training = {0.25, "logistic", "file", 50, 4, 64, 0.5, "mean:4", "own", 3, 5, 0.1, 0.2, 2.0, "grid"};
  s.certified = {"frozen+joint", {"scales_independent_of_features"}, "s.npy", 9, 0.01, "one", 0.1, 0.3, 4};
  s.certification = {0.01, "mixture", {0.0, 0.5}, "slack", 0.2, 0.8, true};
  s.defences = {"certified"};
  s.keep_votes = true;
  s.keep_models = true;
  s.seed = 18446744073709551615U;
  run_settings read;
  read_settings(config_of(s), read);
  CHECK(config_of(read) == config_of(s));
  CHECK(read.seed == 18446744073709551615U);
  CHECK(read.training.averaged_tail == 0.5);
}

TEST_CASE("absent settings are null, and null makes a setting absent", "[run]") {
  const json config = config_of(run_settings{});
  for (const char* name : {"train_rows", "epochs", "bound", "mode", "stop_at_radius", "test_noise", "seed"}) {
    CAPTURE(name);
    CHECK(config.at(name).is_null());
  }
  run_settings s;
  s.training.epochs = 9;
  read_settings(config, s);
  CHECK_FALSE(s.training.epochs.has_value());
}

TEST_CASE("no two settings share a name", "[run]") {
  std::multiset<std::string> names;
  run_settings s;
  visit_settings(s, [&](const char* name, const auto&) { names.insert(name); });
  for (const std::string& name : names) CHECK(names.count(name) == 1);
}

TEST_CASE("a setting of another type or out of its type's range is refused by name", "[run]") {
  run_settings s;
  const auto refused = [&](const char* config, const char* naming) {
    CAPTURE(config);
    CHECK_THROWS_AS(read_settings(json::parse(config), s), data_error);
    CHECK_THROWS_WITH(read_settings(json::parse(config), s), Catch::Contains(naming));
  };
  refused(R"({"models": 20.5})", "models: expected a whole number, got 20.5");
  refused(R"({"models": -1})", "models: the whole number is out of range");
  refused(R"({"epochs": "two"})", "epochs: expected a whole number");
  refused(R"({"sigma": "wide"})", "sigma: expected a number");
  refused(R"({"radii": ["a"]})", "radii");
  refused(R"({"seed": 1e300})", "seed");
}

TEST_CASE("settings out of range are refused by name", "[run]") {
  const auto refused = [](const char* config, const char* naming) {
    run_settings s;
    read_settings(json::parse(config), s);
    CAPTURE(config);
    CHECK_THROWS_WITH(s.validate(), Catch::StartsWith(naming));
  };
  refused(R"({"rate": 0.0})", "rate:");
  refused(R"({"sigma": 0.0})", "sigma:");
  refused(R"({"models": 0})", "models:");
  refused(R"({"models": 16777216})", "models:");
  refused(R"({"batch": 0})", "batch:");
  refused(R"({"alpha": 1.0})", "alpha:");
  refused(R"({"bound": "magic"})", "bound:");
  refused(R"({"radii": [0.2, 0.1]})", "radii:");
  refused(R"({"storage": "large"})", "storage:");
  refused(R"({"defences": ["magic"]})", "defences:");
  refused(R"({"test_noise": "mean:0"})", "test_noise:");
  refused(R"({"test_noise": "mean:2x"})", "test_noise:");
  refused(R"({"test_noise_scale": "wide"})", "test_noise_scale:");
  refused(R"({"ascent_estimator": "magic"})", "ascent_estimator:");
  refused(R"({"stop_at_radius": 0.1, "bound": "hoeffding"})", "bound:");
  refused(R"({"mode": "uniform+label-noise", "flip_probability": 0.5})", "flip_probability:");
}
