// SPDX-License-Identifier: MIT
#pragma once
// Brief: a second, plain implementation of bounds and modes, for checking the first: nothing of bound/, radius/ or
// certificate/ is used here.

#include "evidence.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: the leading class of one sample and the lower bound of its probability; the others share the rest.
struct plain_bound {
  std::int64_t label;
  double lower;
};

/// Brief: bounds every sample from its raw votes or scores, selection paid for.
/// Throws: data_error for a bound it does not know, or scores that sum to more than 1.
[[nodiscard]] std::vector<plain_bound> bound_plainly(const ballot_evidence& ballot, const std::string& bound,
                                                     std::size_t models, double alpha);

/// Brief: what the checks of a mode may look at.
struct mode_evidence {
  const run_results& run;
  const defence_result& defence;
  std::filesystem::path folder;  ///< of the defence
  std::vector<double> sigma_train;
  std::vector<double> sigma_test;
  std::vector<double> pattern_norms;  ///< one a training row

  /// Brief: a setting of the defence, or the run's option of that name.
  [[nodiscard]] std::string setting(const std::string& name) const;
};

/// Brief: what a mode states, in the plainest form.
struct plain_mode {
  bool certified = true;
  std::vector<std::string> conditional_on = {};
  std::vector<std::string> assumptions = {};
  std::function<double(double)> budget = {};                    ///< of p_A, p_B = 1 - p_A
  std::function<double(double, std::size_t)> radius = {};       ///< of a budget, for a sample
  std::function<double(double, std::size_t)> per_pattern = {};  ///< of a budget, for so many rows
  std::function<bool(double)> covers = {};                      ///< whether a budget covers this run's patterns
  std::vector<std::string> contradictions = {};                 ///< what the configuration says against the mode
};

/// Brief: looks the mode up by its name, flags included.
/// Throws: data_error for a mode it cannot verify.
[[nodiscard]] plain_mode state_plainly(const std::string& mode, const mode_evidence& evidence);

}  // namespace certssb::cli
