// SPDX-License-Identifier: MIT
#pragma once
// Brief: the options of `certssb run`, read and checked before anything is loaded.

#include "certssb/pipeline.hpp"
#include "certssb/report/results.hpp"
#include "command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace certssb::cli {

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
  std::size_t epochs = 2;
  std::size_t batch = 128;
  double alpha = 0.001;
  std::string bound = "clopper-pearson";
  std::string radii = "0,0.05,...,0.5";
  std::string defences = "rab,cert-ssb";
  std::string test_noise = "one";
  std::string test_noise_scale = "own";
  std::size_t ascent_steps = 10;
  std::size_t ascent_draws = 8;
  double ascent_rate = 0.05;
  std::optional<double> sigma_min;
  double sigma_max = 3.0;
  std::string ascent_estimator = "pathwise";
  std::string storage = "min";
  bool allow_no_certificate = false;
  std::optional<std::uint64_t> seed;
  std::size_t threads = 0;
  std::string out = "certssb-run";
  speech say;

  void add_to(CLI::App& app);

  /// Brief: checks every value that can be checked without the data.
  void validate() const;

  [[nodiscard]] smoothing_options smoothing() const;
  [[nodiscard]] ascent_options ascent() const;
  [[nodiscard]] std::vector<std::string> defence_names() const;

  /// Brief: the options that results depend on, for results.json. Threads and the folder change no result.
  [[nodiscard]] std::vector<std::pair<std::string, option_value>> config(std::uint64_t key) const;
};

}  // namespace certssb::cli
