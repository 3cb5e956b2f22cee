// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of a finished run, as far as its configuration says.

#include "certssb/report/json.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/run_settings.hpp"

namespace certssb {
inline namespace v1 {

/// Brief: the settings that the configuration of a run holds. What is null there (a setting that had no value, or what
/// the caller's own data took the place of) is as by default.
/// Throws: data_error naming the option whose value is of another type.
[[nodiscard]] inline run_settings stated_settings(const run_results& run) {
  const json config = results_to_json(run).at("config");
  json stated = json::object();
  for (const auto& [name, value] : config.items()) {
    if (!value.is_null()) stated[name] = value;
  }
  run_settings settings;
  read_settings(stated, settings);
  return settings;
}

}  // namespace v1
}  // namespace certssb
