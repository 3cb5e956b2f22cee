// SPDX-License-Identifier: MIT
#pragma once
// Brief: the options of `certssb run`, read and checked before anything is loaded.

#include "certssb/run/defences.hpp"
#include "certssb/report/results.hpp"
#include "command.hpp"
#include "mode_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace certssb::cli {

/// What one defence trains and votes with: the options asked for, and its own choice of the others.
struct defence_settings {
  std::size_t epochs;
  double averaged_tail;
  std::string test_noise;
  std::string test_noise_scale;  ///< own, or a number
  smoothing_options smoothing;

  [[nodiscard]] bool own_test_scale() const { return test_noise_scale == "own" && smoothing.vote.draws > 0; }
};

struct run_options {
  std::string dataset = "idx:/usr/share/datasets/fashion-mnist";
  std::string classes = "1,0";
  std::optional<std::size_t> train_rows;
  std::optional<std::size_t> test_rows;
  std::string attack = "one-pixel";
  double delta = 1.0;
  double rate = 0.1;
  label_type target = 0;
  std::string label_map = "all-to-one";
  double sigma = 0.5;
  std::size_t models = 20;
  std::optional<std::size_t> epochs;
  std::size_t batch = 128;
  double alpha = 0.001;
  std::optional<std::string> bound;
  std::string radii = "0,0.05,...,0.5";
  std::string defences = "rab,cert-ssb";
  std::optional<double> averaged_tail;
  std::optional<std::string> test_noise;
  std::optional<std::string> test_noise_scale;
  std::optional<std::string> mode;
  std::vector<std::string> assume;
  std::string train_scales;
  std::size_t trusted_rows = 500;
  double semi_elasticity = 0.005;
  std::string rows_changed = "many";
  double grid_width = 0.05;
  double flip_probability = 0.2;
  std::size_t flipped_labels = 1;
  std::optional<double> stop_at_radius;
  double decide_fraction = 0.9;
  std::size_t ascent_steps = 10;
  std::size_t ascent_draws = 8;
  double ascent_rate = 0.05;
  std::optional<double> sigma_min;
  double sigma_max = 3.0;
  std::string ascent_estimator = "pathwise";
  std::string storage = "min";
  bool allow_no_certificate = false;
  bool dry_run = false;
  std::optional<std::uint64_t> seed;
  std::size_t threads = 0;
  std::string out = "certssb-run";
  speech say;

  void add_to(CLI::App& app);

  /// Brief: checks every value that can be checked without the data.
  void validate() const;

  void expect_assumptions() const;
  [[nodiscard]] std::string bound_name() const;
  [[nodiscard]] bool counts_votes() const;
  [[nodiscard]] defence_settings settings(const std::string& defence) const;
  [[nodiscard]] ascent_options ascent() const;
  [[nodiscard]] std::vector<std::string> defence_names() const;
  [[nodiscard]] mode_request requested() const { return mode_request::parse(mode.value_or("uniform")); }
  [[nodiscard]] bool has_defence(std::string_view name) const;

  /// Brief: the options that results depend on, for results.json. Threads and the folder change no result.
  [[nodiscard]] option_list config(std::uint64_t key) const;
};

}  // namespace certssb::cli
