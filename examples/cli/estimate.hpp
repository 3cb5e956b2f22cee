// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a run will take, from a calibration on a small part of its data.

#include "certssb/report/json.hpp"
#include "run_options.hpp"
#include "workload.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace certssb::cli {

/// What one part of a run is expected to take.
struct stage_estimate {
  std::string name;
  double seconds = 0.0;
};

struct run_estimate {
  std::vector<stage_estimate> stages;  ///< in the order of the run
  double memory_bytes = 0.0;           ///< peak, resident
  double calibration_s = 0.0;
  std::size_t threads = 1;
  bool at_most = false;  ///< where early stopping may end it sooner

  [[nodiscard]] double total_s() const;
};

/// Brief: trains and votes as the run would, with one member a thread, on as many of the first rows as take about half
/// a second a defence, and scales the times up: members by rounds of threads, everything by the number of rows.
/// Certificates and report are not counted.
/// Throws: whatever the run would throw on its data.
[[nodiscard]] run_estimate estimate(const run_options& options, const workload& data, const random_key& key,
                                    double load_seconds);

[[nodiscard]] json estimate_json(const run_estimate& expected);
[[nodiscard]] std::string estimate_text(const run_estimate& expected);

}  // namespace certssb::cli
