// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of a run's files, and of its defences against what its configuration asked for.

#include "evidence.hpp"
#include "findings.hpp"

#include <filesystem>
#include <vector>

namespace certssb::cli {

/// Brief: every file listed has the bytes it had, and every file needed is listed.
void check_arrays(findings& f, const std::filesystem::path& folder, const run_results& run);

/// Brief: the run's own attack; checks the numbers that describe it.
[[nodiscard]] attack_evidence check_attack(findings& f, const std::filesystem::path& folder, const run_results& run);

/// Brief: the defence was bounded as the configuration says, by what fits the way its number of models was found, and
/// issued the modes it should.
void check_setting(findings& f, const run_results& run, const defence_result& defence);

/// Brief: the scales of the training rows are usable and described as they are, in all places.
/// Throws: data_error where they are not usable.
[[nodiscard]] std::vector<double> check_scales(findings& f, const std::filesystem::path& folder, const run_results& run,
                                               const defence_result& defence);

}  // namespace certssb::cli
