// SPDX-License-Identifier: MIT
#pragma once
// Brief: the mixture betting bound, for any votes in [0,1] in any order: the default for mean scores.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/detail/boundary.hpp"
#include "certssb/bound/detail/score_sum.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/concept.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/stopped_votes.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: bounds of the expectation of votes in [0,1].
/// Maths: fifteen gamblers put the shares th_d of their stakes on each vote: K(m) = sum_d w_d prod_j (1 - th_d + th_d
/// x_j / m). Half of the money is on th = .999, the rest spread evenly over fourteen th from .05 to .995. For a mean of
/// at most m, K is a supermartingale: m is rejected where K(m) >= 1/alpha. K falls in m; U is 1 - L of 1 - x, computed
/// without the subtraction.
/// Requires: hard or soft votes, in any order. The number of members may depend on the votes (any_time).
/// Throws: argument_error unless M > 0, 0 <= k <= M, scores lie in [0,1] and 0 < alpha < 1.
/// Cost: about 12 passes of 15 M multiplications; counts have a closed form. Rounded outward.
/// Reference: Waudby-Smith and Ramdas (JRSS B 2024), section 4, with a mixture in place of bets that follow the votes.
struct mixture {
  static constexpr std::string_view name = "mixture";
  static constexpr sampling_design design = sampling_design::any_time;

  template <hard_vote_statistic Statistic>
  [[nodiscard]] static double lower(const Statistic& votes, std::size_t c, double alpha) {
    const binomial_count v = checked(votes, c, alpha);
    return detail::lower_boundary([&](double m) { return of_counts(v.k, v.n - v.k, m, 1.0 - m); }, v.k / v.n,
                                  -std::log(alpha));
  }
  template <hard_vote_statistic Statistic>
  [[nodiscard]] static double upper(const Statistic& votes, std::size_t c, double alpha) {
    const binomial_count v = checked(votes, c, alpha);
    return detail::upper_boundary([&](double m) { return of_counts(v.n - v.k, v.k, 1.0 - m, m); }, v.k / v.n,
                                  -std::log(alpha));
  }

  [[nodiscard]] static double lower(const mean_score& votes, std::size_t c, double alpha) {
    const std::span<const double> x = detail::checked_series(name, votes, c, alpha);
    const double mean = detail::sum_of(x).high / static_cast<double>(votes.trials);
    return detail::lower_boundary([&](double m) { return of_scores(x, m, [](double score) { return score; }); },
                                  std::min(1.0, mean), -std::log(alpha));
  }
  [[nodiscard]] static double upper(const mean_score& votes, std::size_t c, double alpha) {
    const std::span<const double> x = detail::checked_series(name, votes, c, alpha);
    const double mean = detail::sum_of(x).low / static_cast<double>(votes.trials);
    return detail::upper_boundary(
        [&](double m) { return of_scores(x, 1.0 - m, [](double score) { return 1.0 - score; }); }, mean,
        -std::log(alpha));
  }

private:
  static constexpr std::array<double, 15> stakes = {.05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98, .99, .995, .999};
  static constexpr double log_of_last_weight = -0.6931471805599454;   ///< log(1/2), rounded down
  static constexpr double log_of_other_weights = -3.332204510175204;  ///< log(1/28), rounded down

  struct binomial_count {
    double k;
    double n;
  };

  template <class Statistic>
  static binomial_count checked(const Statistic& votes, std::size_t c, double alpha) {
    detail::expect_bound_arguments(name, votes.trials, alpha);
    expect(votes.counts[c] >= 0 && votes.counts[c] <= votes.trials, "mixture: successes must lie in [0, ", votes.trials,
           "], got ", votes.counts[c]);
    return {static_cast<double>(votes.counts[c]), static_cast<double>(votes.trials)};
  }

  /// Brief: log of the weighted sum of exp(logs).
  static double mixed(std::array<double, 15> logs) {
    for (std::size_t d = 0; d < logs.size(); ++d) {
      logs[d] += d + 1 == logs.size() ? log_of_last_weight : log_of_other_weights;
    }
    const double largest = *std::ranges::max_element(logs);
    double sum = 0.0;
    for (const double one : logs) sum += std::exp(one - largest);
    return largest + std::log(sum) - 0x1p-46;
  }

  /// Brief: log K(m) of votes 0 and 1, understated by more than its rounding error; rest = 1 - m.
  static double of_counts(double with, double against, double m, double rest) {
    std::array<double, 15> logs{};
    for (std::size_t d = 0; d < logs.size(); ++d) {
      const double won = with > 0.0 ? with * std::log1p(stakes[d] * rest / m) : 0.0;
      const double lost = against * std::log1p(-stakes[d]);
      logs[d] = won + lost - 0x1p-49 * (won - lost);
    }
    return mixed(logs);
  }

  /// Brief: the same for scores. A logarithm is taken once the product of factors leaves [2^-20, 2^20].
  template <class Score>
  static double of_scores(std::span<const double> x, double m, Score&& score) {
    std::array<double, 15> logs{};
    for (std::size_t d = 0; d < logs.size(); ++d) {
      double log = 0.0;
      double moved = 0.0;
      double product = 1.0;
      const auto take_log = [&] {
        const double one = std::log(product);
        log += one;
        moved += std::abs(one);
        product = 1.0;
      };
      for (const double vote : x) {
        product *= (1.0 - stakes[d]) + stakes[d] * score(vote) / m;
        if (product > 0x1p20 || product < 0x1p-20) take_log();
      }
      take_log();
      logs[d] = log - 0x1p-49 * (static_cast<double>(x.size()) + moved);
    }
    return mixed(logs);
  }
};

static_assert(confidence_bound<mixture, vote_count> && confidence_bound<mixture, mean_score> &&
              confidence_bound<mixture, stopped_count>);

}  // namespace v1
}  // namespace certssb
