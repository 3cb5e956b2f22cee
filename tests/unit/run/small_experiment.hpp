// SPDX-License-Identifier: MIT
#pragma once
// Brief: a small experiment on synthetic data; the same types in every test, so that the flow is compiled once.

#include "certssb/attack/label_map.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/run/experiment.hpp"
#include "support/centroid_model.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <filesystem>
#include <span>
#include <string>

namespace run_test {

using namespace certssb;

using rows_type = dataset<host_array<double>>;

/// Two blobs, and a trigger that moves the first entry; whoever carries it is to be called 0.
struct first_entry {
  void apply(std::span<double> row, std::span<const std::size_t>) const { row[0] += 0.5; }
};

struct small_experiment {
  gaussian_blobs_problem problem{2, 4, 4.0, 0.5};
  train_and_test<host_array<double>> split{draw_dataset(problem, 80, random_key{1}),
                                           draw_dataset(problem, 30, random_key{2})};
  backdoor_attack<first_entry, all_to_one> attack{first_entry{}, all_to_one{0}, 0.1};
  test::centroid_learner method;
  silent_observer silent;
  run_settings settings = [] {
    run_settings s;
    s.training.sigma = 0.4;
    s.training.models = 15;
    s.training.ascent_steps = 2;
    s.training.ascent_draws = 4;
    s.certification.alpha = 0.02;
    s.certification.radii = {0.0, 0.1, 0.2};
    s.seed = 5;
    return s;
  }();

  template <class Executor>
  run_results run(const Executor& executor, run_folder* folder = nullptr) {
    return run_experiment(split, attack, method, settings, executor, silent, folder);
  }
};

class temporary_place {
public:
  temporary_place() {
    std::string name = (std::filesystem::temp_directory_path() / "certssb-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    place_ = name;
  }
  ~temporary_place() { std::filesystem::remove_all(place_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return place_ / name; }

private:
  std::filesystem::path place_;
};

}  // namespace run_test
