// SPDX-License-Identifier: MIT
#pragma once
// Brief: hard votes of members whose number was chosen by looking at the votes. Only bounds that are valid at any time
// accept them.

#include "certssb/vote/vote_count.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: one sample's counts at a stopping time.
struct stopped_count {
  std::span<const std::int64_t> counts;  ///< [K]
  std::int64_t trials;                   ///< M, the members that had voted when training stopped
  static constexpr bool exclusive = true;
  static constexpr sampling_design design = sampling_design::any_time;

  [[nodiscard]] std::size_t classes() const noexcept { return counts.size(); }
  [[nodiscard]] std::size_t top() const noexcept { return find_top(counts); }
};

static_assert(hard_vote_statistic<stopped_count>);

/// Brief: a vote_counts whose number of members depends on the votes, as under early stopping. Use it whenever somebody
/// looked at the votes before deciding to train no more members.
class stopped_votes {
public:
  explicit stopped_votes(vote_counts votes) : votes_(std::move(votes)) {}

  [[nodiscard]] std::int64_t trials() const noexcept { return votes_.trials(); }
  [[nodiscard]] std::size_t samples() const noexcept { return votes_.samples(); }
  [[nodiscard]] std::size_t classes() const noexcept { return votes_.classes(); }
  [[nodiscard]] std::span<const std::int64_t> values() const noexcept { return votes_.values(); }
  [[nodiscard]] stopped_count operator[](std::size_t i) const noexcept { return {votes_[i].counts, trials()}; }

private:
  vote_counts votes_;
};

static_assert(vote_table<stopped_votes>);

}  // namespace v1
}  // namespace certssb
