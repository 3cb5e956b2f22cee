// SPDX-License-Identifier: MIT
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/pixel_trigger.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/run/evaluate.hpp"
#include "certssb/run/load_data.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/tensor/host_array.hpp"
#include "support/folder_tree.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace certssb;

namespace {

/// Brief: 20 rows of three columns in two classes, ids from 50; all entries .5.
dataset<host_array<float>> half_rows() {
  std::vector<label_type> labels;
  std::vector<std::uint32_t> ids;
  for (std::uint32_t i = 0; i < 20; ++i) {
    labels.push_back(static_cast<label_type>(i % 2));
    ids.push_back(50 + i);
  }
  return {host_array<float>(std::vector<float>(60, 0.5F), 3), std::move(labels), 2, {}, {}, std::move(ids)};
}

loaded_data half_data() { return {{half_rows(), half_rows()}, {0, 1}}; }

/// Brief: the settings of an attack by its name.
data_settings of_attack(const std::string& name, double rate = 0.2) {
  data_settings s;
  s.attack = name;
  s.rate = rate;
  return s;
}

}  // namespace

TEST_CASE("an attack brings its usual strength, covers and label map, and what is given holds", "[run][attack]") {
  const data_settings warp = of_attack("wanet", 0.1).settled();
  CHECK(warp.delta == 0.5);
  CHECK(warp.cover_rate == 0.2);
  CHECK(warp.label_map == "all-to-one");
  CHECK(of_attack("wanet", 0.5).covers() == 0.5);
  CHECK(of_attack("sig").map_name() == "clean-label");
  CHECK(of_attack("one-pixel").strength() == 1.0);
  CHECK(of_attack("one-pixel").covers() == 0.0);
  data_settings own = of_attack("wanet");
  own.delta = 0.3;
  own.cover_rate = 0.0;
  own.label_map = "all-to-all";
  CHECK(own.settled().delta == 0.3);
  CHECK(own.settled().cover_rate == 0.0);
  CHECK(own.settled().label_map == "all-to-all");
}

TEST_CASE("attacks and label maps that do not exist or do not go together are refused", "[run][attack]") {
  CHECK_THROWS_WITH(of_attack("patch").validate(),
                    "attack: expected one-pixel, four-pixel, blending, badnets, blended, sig, wanet, label-consistent, "
                    "none, or given:FILE, got patch");
  data_settings s = of_attack("badnets");
  s.label_map = "source-specific";
  CHECK_THROWS_WITH(
      s.validate(),
      "label_map: expected all-to-one, all-to-all, source-specific:A or clean-label, got source-specific");
  s = of_attack("label-consistent");
  CHECK_NOTHROW(s.validate());
  s.label_map = "all-to-one";
  CHECK_THROWS_WITH(s.validate(),
                    "label_map: with attack label-consistent rows keep their label, which is clean-label, got "
                    "all-to-one");
  s = of_attack("badnets");
  s.cover_rate = 1.5;
  CHECK_THROWS_WITH(s.validate(), "cover_rate: expected a number in [0,1], got 1.5");
  run_settings all;
  all.training.dp_noise = 1.0;
  CHECK_THROWS_WITH(all.validate(), Catch::StartsWith("dp_noise: noise wants gradients of bounded length"));
  all.training.dp_clip = 5.0;
  CHECK_NOTHROW(all.validate());
  CHECK(all.defence("rab").dp.clip == 5.0);
  CHECK_FALSE(all.defence("parts").dp.active());
  all.defences = {"parts"};
  CHECK_THROWS_WITH(all.validate(),
                    "dp_clip: is of rab, cert-ssb and certified, and none of them is among the defences");
}

TEST_CASE("attacks by name on rows without height and width work or are refused by name", "[run][attack]") {
  const loaded_data data = half_data();
  for (const char* name : {"one-pixel", "blending", "badnets", "blended"}) {
    CAPTURE(name);
    const auto poisoned = poison_by_name(data, of_attack(name), random_key{3}, 0);
    CHECK(poisoned.train.positions.size() == 4);
    CHECK(poisoned.largest_trigger > 0.0);
    CHECK(poisoned.largest_trigger_l1 >= poisoned.largest_trigger);
    CHECK(poisoned.train.relabelled_rows() == 4);
  }
  CHECK_THROWS_WITH(poison_by_name(data, of_attack("sig"), random_key{3}, 0),
                    "sinusoid_trigger: 6 periods across 3 columns are 0 in every column");
  CHECK_THROWS_WITH(poison_by_name(data, of_attack("four-pixel"), random_key{3}, 0),
                    "pixel_trigger: the pattern needs at least 4 columns, got 3");
  CHECK_THROWS_WITH(poison_by_name(data, of_attack("wanet"), random_key{3}, 0),
                    "warp_trigger: a warp needs images, got rows of 3 columns");
  CHECK_THROWS_WITH(poison_by_name(data, of_attack("sig", 0.6), random_key{3}, 0),
                    "poison: rate 0.6 asks for 12 of 20 rows, but only 10 are of the class that the attack poisons");
  CHECK_THROWS_WITH(poison_by_name(data, of_attack("label-consistent"), random_key{3}, 0),
                    "attack: label-consistent needs a model that nobody defends, and there is none");
}

TEST_CASE("rows move along the slope that is made of the clean rows", "[run][attack]") {
  std::size_t asked = 0;
  const slope_maker slopes = [&](const dataset<host_array<float>>& clean, const random_key&) -> loss_slope {
    ++asked;
    CHECK(clean.size() == 15);
    return [](std::span<const double> rows, std::span<const label_type> labels, std::span<double> gradient) {
      CHECK(std::ranges::count(labels, 0) == std::ssize(labels));
      for (std::size_t i = 0; i < rows.size(); ++i) gradient[i] = i % 3 == 0 ? 1.0 : 0.0;
    };
  };
  data_settings s = of_attack("label-consistent");
  s.delta = 0.25;
  const auto poisoned = poison_by_name(half_data(), s, random_key{3}, 5, slopes);
  CHECK(asked == 1);
  REQUIRE(poisoned.train.positions.size() == 3);
  for (std::size_t p = 0; p < 3; ++p) {
    CHECK(poisoned.train.pattern_norms[p] == Approx(std::sqrt(0.75)).epsilon(1e-6));  // the corners cover the move
    CHECK(poisoned.train.data.labels()[poisoned.train.positions[p]] == 0);
  }
  CHECK(poisoned.trusted->size() == 5);
}

TEST_CASE("of rows that somebody else poisoned no length is known, and no radius covers them", "[run][attack]") {
  const auto given = given_split(half_data().split, std::vector<std::uint32_t>{52, 61}, all_to_one{0}, 4);
  CHECK(given.train.positions == std::vector<std::size_t>{2, 11});
  CHECK(std::isinf(given.largest_trigger));
  CHECK(given.triggered.size() == 10);
  const measured_attack attack(given, 1);
  CHECK(attack.extent().changed_labels == 2);
  CHECK(attack.extent().l2[2] == unknown_change);
  CHECK(attack.extent().l2[3] == 0.0);
  CHECK(attack.extent().test_l2 == unknown_change);
  CHECK_THROWS_WITH(given_split(half_data().split, std::vector<std::uint32_t>{52, 69}, all_to_one{0}, 4),
                    "given: 1 of 2 ids are of no training row, the first 69");
}

TEST_CASE("ids and pictures come from .npy files that must fit", "[run][attack]") {
  const test::temporary_folder folder;
  const auto file = [&](const std::string& name, const std::string& bytes) {
    write_file(folder.path() / name, bytes);
    return (folder.path() / name).string();
  };
  const std::vector<std::int64_t> ids{53, 50};
  const std::string of_ids = file("ids.npy", npy_bytes<std::int64_t>({2}, ids));
  const auto given = poison_by_name(half_data(), of_attack("given:" + of_ids), random_key{3}, 0);
  CHECK(given.train.positions == std::vector<std::size_t>{0, 3});
  CHECK(given.by_settings);
  const std::vector<std::int64_t> negative{-1};
  CHECK_THROWS_WITH(
      poison_by_name(half_data(), of_attack("given:" + file("no.npy", npy_bytes<std::int64_t>({1}, negative))), {}, 0),
      Catch::EndsWith("no.npy: expected ids from 0 to 2^32 - 1, got -1"));
  data_settings s = of_attack("badnets");
  const std::vector<double> picture{0.0, 0.75, 0.0};
  s.picture = file("picture.npy", npy_bytes<double>({3}, picture));
  const auto poisoned = poison_by_name(half_data(), s, random_key{3}, 0);
  for (const double norm : poisoned.train.pattern_norms) CHECK(norm == 0.25);
  s.picture = file("small.npy", npy_bytes<double>({2}, std::vector<double>{1.0, 1.0}));
  CHECK_THROWS_WITH(poison_by_name(half_data(), s, random_key{3}, 0),
                    Catch::EndsWith("small.npy: expected a picture of 3 numbers, got 2"));
  s.attack = "sig";
  s.picture = file("picture.npy", npy_bytes<double>({3}, picture));
  CHECK_THROWS_WITH(poison_by_name(half_data(), s, random_key{3}, 0), "sig: takes no picture");
}

TEST_CASE("labels that a clean-label attack keeps are not counted as changed", "[run][attack]") {
  const train_and_test<host_array<float>> split{half_rows(), half_rows()};
  const auto data =
      poison_split(split, backdoor_attack{one_pixel_trigger(0.25), clean_label{1}, 0.2, 0.1}, random_key{4});
  CHECK(data.train.positions.size() == 6);
  CHECK(data.train.relabelled_rows() == 0);
  CHECK(measured_attack(data, 0).extent().changed_labels == 0);
  CHECK(measured_attack(data, 0).poisoned_rows() == 6);
  CHECK(std::ranges::count(measured_attack(data, 0).extent().relabelled, 1) == 0);
}

TEST_CASE("lengths that are not known are null in results.json, and read back as not known", "[run][attack]") {
  run_results r;
  r.data.train = 9;
  r.data.poisoned_rows = 3;
  r.data.classes = {0, 1};
  r.data.relabelled_rows = 1;
  for (double* length : {&r.data.pattern_l2_max, &r.data.pattern_l2_frobenius, &r.data.trigger_l2_max,
                         &r.data.pattern_l1_sum, &r.data.pattern_l1_max, &r.data.trigger_l1_max}) {
    *length = std::numeric_limits<double>::infinity();
  }
  const json j = json::parse(results_to_json(r).at("data").dump());
  CHECK(j.at("pattern_l2_max").is_null());
  CHECK(j.at("trigger_l1_max").is_null());
  const data_result read = detail::read_data(json_field(j, "results.json"), true);
  CHECK(std::isinf(read.pattern_l2_frobenius));
  CHECK(std::isinf(read.trigger_l2_max));
  CHECK(read.relabelled_rows == 1);
  CHECK(attack_text(r).find("by how much is not known") != std::string::npos);
  CHECK(attack_text(r).find("2 of which keep their label") != std::string::npos);
  r.config = {{"dp_clip", 5.0}, {"dp_noise", 4.0}};
  CHECK(attack_text(r).find("gradients clipped at 5 with noise 4: this adds nothing to any radius") !=
        std::string::npos);
}
