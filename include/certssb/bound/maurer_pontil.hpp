// SPDX-License-Identifier: MIT
#pragma once
// Brief: the empirical Bernstein bound, for any votes in [0,1]: tight if their variance is small and M is in the
// thousands.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/detail/score_sum.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: bounds of the expectation of votes in [0,1] from their mean p and variance V.
/// Maths: p -+ (sqrt(2 V log(2/alpha) / M) + 7 log(2/alpha) / (3 (M - 1))), clipped to [0,1]; V = sum (x - p)^2 / (M -
/// 1), k (M - k) / (M (M - 1)) for counts. For one vote the bounds are 0 and 1.
/// Requires: a number of members fixed beforehand (fixed_number); hard or soft votes, in any order.
/// Throws: argument_error unless M > 0, 0 <= k <= M, scores lie in [0,1] and 0 < alpha < 1.
/// Cost: two passes over soft votes. Rounded outward.
/// Reference: Maurer and Pontil (COLT 2009), theorem 4.
struct maurer_pontil {
  static constexpr std::string_view name = "maurer-pontil";
  static constexpr sampling_design design = sampling_design::fixed_number;

  [[nodiscard]] static double lower(const vote_count& votes, std::size_t c, double alpha) {
    const auto [k, n, width] = of_counts(votes, c, alpha);
    return std::max(0.0, k / n - width);
  }
  [[nodiscard]] static double upper(const vote_count& votes, std::size_t c, double alpha) {
    const auto [k, n, width] = of_counts(votes, c, alpha);
    return std::min(1.0, k / n + width);
  }
  [[nodiscard]] static double lower(const mean_score& votes, std::size_t c, double alpha) {
    const auto [sum, n, width] = of_scores(votes, c, alpha);
    return std::max(0.0, sum / n - width);
  }
  [[nodiscard]] static double upper(const mean_score& votes, std::size_t c, double alpha) {
    const auto [sum, n, width] = of_scores(votes, c, alpha);
    return std::min(1.0, sum / n + width);
  }

private:
  struct centre_and_width {
    double sum;
    double n;
    double width;
  };

  static centre_and_width of_counts(const vote_count& votes, std::size_t c, double alpha) {
    detail::expect_bound_arguments(name, votes.trials, alpha);
    const std::int64_t successes = votes.counts[c];
    expect(successes >= 0 && successes <= votes.trials, "maurer-pontil: successes must lie in [0, ", votes.trials,
           "], got ", successes);
    const auto k = static_cast<double>(successes);
    const auto n = static_cast<double>(votes.trials);
    return {k, n, width(k * (n - k) / n, n, alpha)};
  }

  static centre_and_width of_scores(const mean_score& votes, std::size_t c, double alpha) {
    const std::span<const double> x = detail::checked_series(name, votes, c, alpha);
    const auto n = static_cast<double>(votes.trials);
    const auto [low, high] = detail::sum_of(x);
    const double sum = 0.5 * (low + high);
    double squares = 0.0;
    for (const double score : x) squares += (score - sum / n) * (score - sum / n);
    return {sum, n, width(squares, n, alpha)};
  }

  /// Brief: from the sum of squared distances to the mean; more than rounding error is added.
  static double width(double squares, double n, double alpha) {
    if (n < 2.0) return 1.0;
    const double log_term = std::log(2.0) - std::log(alpha);
    const double spread = std::sqrt(2.0 * squares * (1.0 + (n + 16.0) * 0x1p-52) * log_term / (n * (n - 1.0)));
    return (spread + 7.0 * log_term / (3.0 * (n - 1.0))) * (1.0 + 0x1p-48) + 0x1p-50;
  }
};

static_assert(confidence_bound<maurer_pontil, vote_count> && confidence_bound<maurer_pontil, mean_score>);

}  // namespace v1
}  // namespace certssb
