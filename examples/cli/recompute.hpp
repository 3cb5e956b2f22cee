// SPDX-License-Identifier: MIT
#pragma once
// Brief: a second, plain implementation of bounds and modes, for checking the first. It reads raw votes and scales, and
// uses nothing of bound/, radius/ or certificate/ but the search for one changed row of mode semi_elastic.

#include "evidence.hpp"

#include <functional>
#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: the leading class of one sample, a lower bound of its probability, and an upper bound of every other's.
struct plain_bound {
  std::int64_t label;
  double lower;
  double upper;
};

/// Brief: bounds every sample from its raw votes, scores or enclosures, selection paid for.
/// Throws: data_error for a bound it does not know, scores that sum to more than 1, or enclosures that are none.
[[nodiscard]] std::vector<plain_bound> bound_plainly(const ballot_evidence& ballot, const std::string& bound,
                                                     std::size_t models, double alpha);

/// Brief: what the checks of a mode may look at.
struct mode_evidence {
  const run_results& run;
  const defence_result& defence;
  std::filesystem::path folder;  ///< of the defence
  std::vector<double> sigma_train;
  std::vector<double> sigma_test;
  const attack_evidence& attack;
  double trigger_l2;  ///< the largest change of these test inputs

  /// Brief: a setting of the defence, or the run's option of that name.
  [[nodiscard]] std::string setting(const std::string& name) const;
  /// Throws: data_error where it is no number.
  [[nodiscard]] double number(const std::string& name) const;
  /// Brief: whether the caller of the run stated an assumption.
  [[nodiscard]] bool stated(const std::string& assumption) const;
};

/// Brief: what a mode states, in the plainest form.
struct plain_mode {
  bool certified = true;
  bool remembers = false;  ///< its radii are those of storage-update
  std::string norm = "l2";
  std::vector<std::string> conditional_on = {};
  std::vector<std::string> assumptions = {};
  std::function<double(double, double)> budget = {};            ///< of p_A and p_B
  std::function<double(double, std::size_t)> radius = {};       ///< of a budget, for a sample
  std::function<double(double, std::size_t)> per_pattern = {};  ///< of a budget, for so many rows
  std::function<double(std::size_t)> precision = {};            ///< of so many worst rows together; Gaussian noise
  std::function<bool(double)> covers = {};                      ///< whether a budget covers this run's attack
  std::vector<std::string> contradictions = {};                 ///< what the configuration says against the mode
};

/// Brief: looks the mode up by its name, flags included.
/// Throws: data_error for a mode it cannot verify.
[[nodiscard]] plain_mode state_plainly(const std::string& mode, const mode_evidence& evidence);

/// Brief: the mode with the test input as one more row, moved by the trigger.
[[nodiscard]] plain_mode add_joint(plain_mode mode, const mode_evidence& evidence);

/// Brief: the mode with some labels changed too.
[[nodiscard]] plain_mode add_label_noise(plain_mode mode, const mode_evidence& evidence);

}  // namespace certssb::cli
