// SPDX-License-Identifier: MIT
#pragma once
// Brief: one test sample of a finished run explained: why it is or is not certified, and what would change that.

#include "certssb/report/json.hpp"
#include "certssb/report/summary.hpp"

#include <filesystem>
#include <string>

namespace certssb::cli {

/// Brief: which sample.
struct sample_request {
  std::string inputs;   ///< clean or triggered
  std::size_t sample;   ///< row of samples_*.csv, from 0
  std::string defence;  ///< of this one alone; empty: of each
};

/// Brief: the same in two forms.
struct sample_answer {
  json object;
  std::string text;
};

/// Brief: explains the sample under every mode of the defences asked for, from raw votes and scales.
/// Throws: argument_error for a sample or defence that the run does not have; data_error where files are missing, or
/// the table of samples holds another radius than its votes give.
[[nodiscard]] sample_answer explain_sample(const named_run& run, const std::filesystem::path& folder,
                                           const sample_request& request);

}  // namespace certssb::cli
