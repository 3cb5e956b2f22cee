// SPDX-License-Identifier: MIT
#pragma once
// Brief: compares the votes of parts that were trained again with those that a run kept.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/replay_report.hpp"
#include "certssb/run/trained_defence.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: the cut, and the votes of every part on both sets of test inputs.
template <class Comparison, std::floating_point Scalar>
void compare_parts(Comparison& comparison, const std::filesystem::path& folder, const defence_result& d,
                   const trained_defence<Scalar>& trained) {
  const std::filesystem::path place = folder / d.name;
  const auto part_of = trained.parts->cut.values();
  comparison.compare(d.name + ", part_of_row", read_npy_integers(place / "part_of_row.npy").values,
                     std::vector<std::int64_t>(part_of.begin(), part_of.end()));
  for (std::size_t which = 0; which < trained.ballots.size(); ++which) {
    const std::string inputs = input_names[which];
    std::vector<std::int64_t> votes;
    if (trained.settings.plain_parts()) {
      const hard_votes& kept = trained.ballots[which].member_votes;
      for (std::size_t j = 0; j < kept.members(); ++j) {
        for (std::size_t i = 0; i < kept.samples(); ++i) votes.push_back(kept(j, i));
      }
    }
    for (const auto& sets : trained.parts->ballots) {
      const auto values = sets[which].votes.values();
      votes.insert(votes.end(), values.begin(), values.end());
    }
    const std::string kind = trained.settings.plain_parts() ? "member_votes_" : "part_votes_";
    comparison.compare(concatenate(d.name, ", ", inputs, ", votes of the parts"),
                       read_npy_integers(place / (kind + inputs + ".npy")).values, votes);
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
