// SPDX-License-Identifier: MIT
#pragma once
// Brief: from a defence's votes to certificates, their summary and the table of single samples.

#include "certssb/report/results.hpp"
#include "defend.hpp"
#include "issue.hpp"
#include "run_folder.hpp"
#include "run_options.hpp"
#include "workload.hpp"

#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: certifies both sets of test inputs in every mode the defence has, and writes its arrays and samples.
[[nodiscard]] defence_result evaluate(const defence_work& work, const workload& data, const run_options& options,
                                      run_folder& folder, evaluation_times& times);

}  // namespace certssb::cli
