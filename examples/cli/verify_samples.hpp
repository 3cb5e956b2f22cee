// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of one defence's votes on one set of test inputs, of the certificates on them, and of their summary.

#include "evidence.hpp"
#include "findings.hpp"
#include "recompute.hpp"

#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: one sample as an evaluation counts it.
struct counted {
  std::int64_t predicted;
  std::int64_t label;  ///< abstain: names no class
  double budget;
  double radius;
  std::string outcome;
};

/// Brief: votes, scores and scales are possible, and those of the table of samples.
void check_ballot(findings& f, const ballot_evidence& e, const mode_evidence& m, const std::string& inputs);

/// Brief: what the mode makes of the bounds; after storage-update, and in mode `memory`, with these test inputs.
/// Shapes: inputs [n,d], read only where they are needed.
[[nodiscard]] std::vector<counted> count_samples(const std::vector<plain_bound>& bounds, const plain_mode& m,
                                                 const evaluation_result& stated, const mode_evidence& e);

/// Brief: the certificates are those of the table of samples; `first`: of its common columns too.
void check_samples(findings& f, const ballot_evidence& e, const std::vector<plain_bound>& bounds,
                   const std::vector<counted>& all, const evaluation_result& stated, bool first);

/// Brief: the evaluation says of the mode what the mode states.
void check_mode(findings& f, const plain_mode& m, const evaluation_result& stated, const run_results& run);

/// Brief: the evaluation's numbers are those of the samples.
void check_summary(findings& f, const ballot_evidence& e, const std::vector<counted>& all, const plain_mode& m,
                   const evaluation_result& stated, const run_results& run);

}  // namespace certssb::cli
