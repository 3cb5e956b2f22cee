// SPDX-License-Identifier: MIT
#pragma once
// Brief: trains one defence and takes its votes, in whatever way its mode asks for.

#include "certssb/bound/stopping.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/run/defences.hpp"
#include "progress.hpp"
#include "run_options.hpp"
#include "workload.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace certssb::cli {

/// What a defence leaves to be certified.
struct defence_work {
  defence_outcome<float> outcome;
  std::vector<double> constant_within;      ///< mode quantised: how far each row may move at the same scale
  std::vector<bounded_votes> exact_bounds;  ///< mode knn1_exact: for each set of test inputs, instead of votes
  std::vector<stopping_point> stopping;     ///< with early stopping: one point a member
};

/// The parts of a run that do not depend on the defence.
struct surroundings {
  const workload& data;
  const run_options& options;
  random_key key;
  std::size_t threads;
  std::stop_token stop;
  progress_line& line;
};

[[nodiscard]] undefended_outcome train_undefended(const surroundings& run);
[[nodiscard]] defence_work defend(const std::string& name, const surroundings& run);

}  // namespace certssb::cli
