// SPDX-License-Identifier: MIT
#pragma once
// Brief: what doing parts of a finished run again has found, and what a run says it was made from.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/report_answer.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/stated_settings.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how many values were compared with those of the run, which differ, and what could not be compared, one line
/// each.
struct replay_report {
  std::size_t checked = 0;
  std::vector<std::string> violations;
  std::vector<std::string> not_checked;

  /// Brief: adds what another report has found.
  void add(const replay_report& other) {
    checked += other.checked;
    violations.insert(violations.end(), other.violations.begin(), other.violations.end());
    not_checked.insert(not_checked.end(), other.not_checked.begin(), other.not_checked.end());
  }

  void check(bool holds, const std::string& otherwise) {
    ++checked;
    if (!holds) violations.push_back(otherwise);
  }

  /// Brief: checks that a number is that of the run but for rounding, which differs between builds.
  void check_number(const std::string& what, double stated, double found) {
    check(stated == found || std::abs(stated - found) <= 1e-9 * std::abs(found) + 1e-12,
          concatenate(what, " is stated as ", stated, ", found as ", found));
  }

  /// Brief: calls part(); a file of the run that cannot be read, or does not fit, is a violation.
  template <class Part>
  void guard(const std::string& place, const Part& part) {
    try {
      part();
    } catch (const data_error& wrong) {
      check(false, place + wrong.what());
    }
  }
};

/// Brief: a report in words and as JSON; `trained` says that members were trained again.
[[nodiscard]] inline report_answer describe_checks(const replay_report& found, bool trained) {
  std::string text = concatenate(found.checked, " numbers checked", trained ? ", training included" : "", "; ",
                                 found.violations.size(), " violations.\n");
  for (const std::string& line : found.violations) text += "  " + line + "\n";
  text += "Not checked:\n";
  for (const std::string& line : found.not_checked) text += "  " + line + "\n";
  return {{{"checked", found.checked}, {"violations", found.violations}, {"not_checked", found.not_checked}}, text};
}

/// Brief: the settings of a run, complete enough to do it again.
/// Throws: data_error, naming the option, if one is of another type or out of range.
[[nodiscard]] inline run_settings settings_of(const run_results& run) {
  run_settings settings = stated_settings(run);
  expect<data_error>(settings.seed.has_value() && settings.data.data_seed.has_value(),
                     "config: seed and data_seed are needed to do the run again");
  try {
    settings.validate();
  } catch (const argument_error& wrong) {
    throw data_error(concatenate("config: ", wrong.what()));
  }
  return settings;
}

}  // namespace v1
}  // namespace certssb
