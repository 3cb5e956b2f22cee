// SPDX-License-Identifier: MIT
#pragma once
// Brief: a lower and an upper confidence bound by name, of a share or of the mean of scores, without a selection among
// classes.

#include "certssb/bound/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: both bounds of one unknown; each fails with probability at most alpha.
struct two_sides {
  std::int64_t trials;
  double lower;
  double upper;
};

/// Brief: bounds the probability of success from k successes in n independent trials.
/// Throws: argument_error for an unknown method or one that is not of counts, k outside [0, n], n below 1, and alpha
/// outside (0,1).
[[nodiscard]] inline two_sides bound_share(std::string_view method, std::int64_t k, std::int64_t n, double alpha) {
  expect(k <= n, "successes: expected at most trials (", n, "), got ", k);
  const named_bound<vote_count> bound(method);
  const std::array<std::int64_t, 2> counts{k, n - k};
  const vote_count votes{counts, n};
  return {n, bound.lower(votes, 0, alpha), bound.upper(votes, 0, alpha)};
}

/// Brief: bounds the mean of independent scores, which come in the order in which they were taken.
/// Shapes: scores [n], n >= 1.
/// Throws: argument_error for an unknown method or one that is not of scores, no scores, a score outside [0,1], and
/// alpha outside (0,1).
[[nodiscard]] inline two_sides bound_mean(std::string_view method, std::span<const double> scores, double alpha) {
  const named_bound<mean_score> bound(method);
  expect(!scores.empty(), "scores: expected at least one");
  for (const double score : scores) expect(score >= 0.0 && score <= 1.0, "scores must lie in [0,1], got ", score);
  const auto n = static_cast<std::int64_t>(scores.size());
  const double mean = std::min(1.0, std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(n));
  const mean_score votes{std::span(&mean, 1), scores, n};
  return {n, bound.lower(votes, 0, alpha), bound.upper(votes, 0, alpha)};
}

}  // namespace v1
}  // namespace certssb
