// SPDX-License-Identifier: MIT
#pragma once
// Brief: doing parts of a finished run again, in the translation unit that trains.

#include "certssb/run/replay_report.hpp"
#include "command.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace certssb::cli {

/// Brief: what is done again: the attack, and with `members` also the training of so many members of each defence.
struct replay_options {
  std::optional<std::size_t> members;
  std::optional<std::uint64_t> seed;  ///< chooses the members; by default the operating system gives one
  std::size_t threads = 0;
};

/// Brief: the attack of the run in `folder`, and members of its defences, once more.
/// Throws: data_error if the data set's files are missing, or the run's configuration does not hold; cancelled.
[[nodiscard]] replay_report replay(const std::string& folder, const replay_options& o, const speech& say);

}  // namespace certssb::cli
