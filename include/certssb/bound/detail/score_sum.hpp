// SPDX-License-Identifier: MIT
#pragma once
// Brief: the sum of scores in [0,1], enclosed.

#include "certssb/bound/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/mean_score.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: class c's scores, checked.
/// Throws: argument_error unless M > 0, there are M scores, each in [0,1], and 0 < alpha < 1.
inline std::span<const double> checked_series(std::string_view name, const mean_score& votes, std::size_t c,
                                              double alpha) {
  expect_bound_arguments(name, votes.trials, alpha);
  const auto members = static_cast<std::size_t>(votes.trials);
  expect(votes.scores.size() == votes.classes() * members, name, ": expected ", votes.classes(), " x ", members,
         " scores, got ", votes.scores.size());
  const std::span<const double> series = votes.series(c);
  for (const double score : series) {
    expect(score >= 0.0 && score <= 1.0, name, ": scores must lie in [0,1], got ", score);
  }
  return series;
}

/// Brief: the true sum of the scores lies in [low, high].
struct enclosed_sum {
  double low;
  double high;
};

/// Maths: each addition's rounding error is itself a double (Knuth's two-sum); where all are 0 the sum is exact.
inline enclosed_sum sum_of(std::span<const double> scores) {
  double sum = 0.0;
  double left_out = 0.0;
  bool exact = true;
  for (const double score : scores) {
    const double next = sum + score;
    const double back = next - sum;
    const double error = (sum - (next - back)) + (score - back);
    exact = exact && error == 0.0;
    left_out += error;
    sum = next;
  }
  if (exact) return {sum, sum};
  const auto n = static_cast<double>(scores.size());
  const double slack = (n * n * 0x1p-106 + 0x1p-52) * sum;
  return {std::max(0.0, sum + left_out - slack), std::min(n, sum + left_out + slack)};
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
