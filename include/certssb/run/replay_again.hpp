// SPDX-License-Identifier: MIT
#pragma once
// Brief: the attack of a finished run carried out again, and members of its defences trained again, from its folder.

#include "certssb/core/random.hpp"
#include "certssb/run/replay.hpp"
#include "certssb/run/replay_attack.hpp"
#include "certssb/run/replay_report.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>

namespace certssb {
inline namespace v1 {

/// Brief: compares the attack with what the run recorded, and with `members` so many members of each defence, which
/// `chooser` picks.
/// Throws: data_error if results.json or the files of the data set cannot be read, or the run's configuration does not
/// hold; cancelled.
/// Cost: one attack, and the training of the members.
template <class Method, executor Executor, observer Observer>
[[nodiscard]] replay_report replay_again(const std::filesystem::path& folder, const Method& method,
                                         std::optional<std::size_t> members, const random_key& chooser,
                                         const Executor& executor, Observer& watch,
                                         slope_maker (*slopes)(const run_settings&) = nullptr) {
  const run_results results = read_results(folder / "results.json");
  const auto data = data_again(results, slopes);
  replay_report report;
  compare_attack(report, folder, results, data);
  if (members) report.add(run_replay(folder, results, data, method, executor, watch).replay({*members, chooser}));
  return report;
}

}  // namespace v1
}  // namespace certssb
