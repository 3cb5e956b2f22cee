// SPDX-License-Identifier: MIT
#pragma once
// Brief: a bound that computes each count once: n samples have at most M + 1 different counts.

#include "certssb/bound/concept.hpp"
#include "certssb/vote/concept.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>

namespace certssb {
inline namespace v1 {

/// Brief: the same bound on hard votes, remembering its answers.
/// Requires: `bound` outlives the object; one object serves one thread at a time.
template <class Bound>
class memoised_bound {
public:
  static constexpr sampling_design design = Bound::design;
  std::string_view name;

  explicit memoised_bound(const Bound& bound) : name(bound.name), bound_(bound) {}

  template <hard_vote_statistic Statistic>
  requires confidence_bound<Bound, Statistic>
  [[nodiscard]] double lower(const Statistic& votes, std::size_t c, double alpha) const {
    return remembered(lower_, votes, c, alpha, [&] { return bound_.lower(votes, c, alpha); });
  }
  template <hard_vote_statistic Statistic>
  requires confidence_bound<Bound, Statistic>
  [[nodiscard]] double upper(const Statistic& votes, std::size_t c, double alpha) const {
    return remembered(upper_, votes, c, alpha, [&] { return bound_.upper(votes, c, alpha); });
  }

private:
  using memory = std::map<std::tuple<std::int64_t, std::int64_t, double>, double>;

  template <class Statistic, class Compute>
  static double remembered(memory& known, const Statistic& votes, std::size_t c, double alpha, Compute&& compute) {
    const auto key = std::tuple(votes.counts[c], votes.trials, alpha);
    auto at = known.find(key);
    if (at == known.end()) at = known.emplace(key, compute()).first;
    return at->second;
  }

  const Bound& bound_;
  mutable memory lower_;
  mutable memory upper_;
};

}  // namespace v1
}  // namespace certssb
