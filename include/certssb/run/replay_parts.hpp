// SPDX-License-Identifier: MIT
#pragma once
// Brief: compares what parts, bags and closed forms gave once more with what a run kept.

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

/// Brief: what a closed form computes, and the votes of neighbours or members, on both sets of test inputs.
template <class Comparison, std::floating_point Scalar>
void compare_rows(Comparison& comparison, const std::filesystem::path& folder, const defence_result& d,
                  const trained_defence<Scalar>& trained) {
  const std::filesystem::path place = folder / d.name;
  for (std::size_t which = 0; which < trained.ballots.size(); ++which) {
    const std::string inputs = input_names[which];
    const std::string what = concatenate(d.name, ", ", inputs, ", ");
    comparison.compare(what + "votes", read_npy_integers(place / ("votes_" + inputs + ".npy")).values,
                       trained.ballots[which].votes.values());
    if (!trained.closed || trained.closed->answers.empty()) continue;
    const closed_answers& answers = trained.closed->answers[which];
    const std::string kind = trained.settings.bag > 0 ? "probabilities" : "distances";
    comparison.compare(what + kind, read_npy_reals(place / (kind + "_" + inputs + ".npy")).values, answers.values);
    comparison.compare(what + "errors", read_npy_reals(place / ("errors_" + inputs + ".npy")).values, answers.errors);
  }
  if (!trained.closed) return;
  const std::vector<std::size_t>& counts = trained.closed->class_counts;
  comparison.compare(d.name + ", class_counts", read_npy_integers(place / "class_counts.npy").values, counts);
}

/// Brief: the cut, and the votes of every part on both sets of test inputs; without parts as compare_rows.
template <class Comparison, std::floating_point Scalar>
void compare_parts(Comparison& comparison, const std::filesystem::path& folder, const defence_result& d,
                   const trained_defence<Scalar>& trained) {
  const std::filesystem::path place = folder / d.name;
  if (!trained.parts) return compare_rows(comparison, folder, d, trained);
  const auto part_of = trained.parts->cut.values();
  comparison.compare(d.name + ", part_of_row", read_npy_integers(place / "part_of_row.npy").values,
                     std::vector<std::int64_t>(part_of.begin(), part_of.end()));
  if (!trained.parts->shifts.empty()) {
    comparison.compare(d.name + ", shifts", read_npy_integers(place / "shifts.npy").values, trained.parts->shifts);
  }
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
    if (!trained.parts->preferences.empty()) {
      const hard_votes& orders = trained.parts->preferences[which];
      std::vector<std::int64_t> places;
      for (std::size_t j = 0; j < orders.members(); ++j) {
        for (std::size_t i = 0; i < orders.samples(); ++i) places.push_back(orders(j, i));
      }
      comparison.compare(concatenate(d.name, ", ", inputs, ", orders of the parts"),
                         read_npy_integers(place / ("preferences_" + inputs + ".npy")).values, places);
    }
    const std::string kind = trained.settings.plain_parts() ? "member_votes_" : "part_votes_";
    comparison.compare(concatenate(d.name, ", ", inputs, ", votes of the parts"),
                       read_npy_integers(place / (kind + inputs + ".npy")).values, votes);
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
