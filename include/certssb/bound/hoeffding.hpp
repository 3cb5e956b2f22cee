// SPDX-License-Identifier: MIT
#pragma once
// Brief: Hoeffding's bound, for any votes in [0,1].

#include "certssb/bound/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: bounds of the expectation of votes in [0,1] from their mean.
/// Maths: mean -+ sqrt(log(1/alpha) / (2 M)), clipped to [0,1], with the M that voted. (The published code divides by
/// 1000 for every M. With 50 models the error is then up to .71 instead of .001.)
/// Requires: a number of members fixed beforehand (fixed_number); hard or soft votes, in any order.
/// Throws: argument_error unless M > 0, the mean lies in [0,1] and 0 < alpha < 1.
/// Cost: a square root. Rounded outward by more than the rounding error of a mean of M terms, (M + 8) 2^-53.
/// Reference: Hoeffding (JASA 1963), theorem 1.
struct hoeffding {
  static constexpr std::string_view name = "hoeffding";
  static constexpr sampling_design design = sampling_design::fixed_number;

  [[nodiscard]] static double lower(double mean, std::int64_t trials, double alpha) {
    return std::max(0.0, mean - width(mean, trials, alpha));
  }

  [[nodiscard]] static double upper(double mean, std::int64_t trials, double alpha) {
    return std::min(1.0, mean + width(mean, trials, alpha));
  }

  [[nodiscard]] static double lower(const mean_score& votes, std::size_t c, double alpha) {
    return lower(votes.means[c], votes.trials, alpha);
  }
  [[nodiscard]] static double upper(const mean_score& votes, std::size_t c, double alpha) {
    return upper(votes.means[c], votes.trials, alpha);
  }
  [[nodiscard]] static double lower(const vote_count& votes, std::size_t c, double alpha) {
    return lower(share(votes, c), votes.trials, alpha);
  }
  [[nodiscard]] static double upper(const vote_count& votes, std::size_t c, double alpha) {
    return upper(share(votes, c), votes.trials, alpha);
  }

private:
  static double width(double mean, std::int64_t trials, double alpha) {
    detail::expect_bound_arguments(name, trials, alpha);
    expect(mean >= 0.0 && mean <= 1.0, "hoeffding: the mean must lie in [0,1], got ", mean);
    const auto m = static_cast<double>(trials);
    return std::sqrt(-std::log(alpha) / (2.0 * m)) * (1.0 + 0x1p-50) + (m + 8.0) * 0x1p-53;
  }

  static double share(const vote_count& votes, std::size_t c) {
    detail::expect_bound_arguments(name, votes.trials, 0.5);
    return static_cast<double>(votes.counts[c]) / static_cast<double>(votes.trials);
  }
};

static_assert(confidence_bound<hoeffding, vote_count> && confidence_bound<hoeffding, mean_score>);

}  // namespace v1
}  // namespace certssb
