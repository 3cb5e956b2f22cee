// SPDX-License-Identifier: MIT
#pragma once
// Brief: the betting bound, for soft votes in an order fixed beforehand.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/detail/boundary.hpp"
#include "certssb/bound/detail/score_sum.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: bounds of the expectation of scores in [0,1] from the scores in member order.
/// Maths: a gambler bets that the mean exceeds m: K_t(m) = prod_{j<=t} (1 + lambda_j(m) (x_j - m)), where lambda_j(m) =
/// min(lambda_j, .9 / m), lambda_j = sqrt(2 log(1/alpha) / (M v_{j-1})), v_t = (1/4 + sum_{i<=t} (x_i - mu_i)^2)/(t +
/// 1), mu_t = (1/2 + sum_{i<=t} x_i)/(t + 1). m is rejected where max_{t<=M} K_t(m) >= 1/alpha; K falls in m, so the
/// rejected m are those below L. U is 1 - L of 1 - x, computed without the subtraction.
/// Requires: a number of members and an order of theirs, both fixed beforehand (fixed_number). The bound depends on the
/// order, which counts do not keep, so there is no overload for a vote_count.
/// Throws: argument_error unless there are M > 0 scores, each in [0,1], and 0 < alpha < 1.
/// Cost: about 12 passes of M logarithms. Rounded outward.
/// Reference: Waudby-Smith and Ramdas (JRSS B 2024), section 4.
struct betting {
  static constexpr std::string_view name = "betting";
  static constexpr sampling_design design = sampling_design::fixed_number;

  [[nodiscard]] static double lower(const mean_score& votes, std::size_t c, double alpha) {
    const std::span<const double> x = detail::checked_series(name, votes, c, alpha);
    const std::vector<double> bets = find_bets(x, alpha);
    return detail::lower_boundary([&](double m) { return evidence(x, bets, m, m, 1.0); }, 1.0, -std::log(alpha));
  }

  [[nodiscard]] static double upper(const mean_score& votes, std::size_t c, double alpha) {
    const std::span<const double> x = detail::checked_series(name, votes, c, alpha);
    const std::vector<double> bets = find_bets(x, alpha);
    return detail::upper_boundary([&](double m) { return evidence(x, bets, m, 1.0 - m, -1.0); }, 0.0, -std::log(alpha));
  }

private:
  static constexpr double most = 0.9;  ///< no single vote may cost more than this share of the stake

  /// Brief: lambda_1 .. lambda_M. Each depends only on the scores before its own, and is the same for x and 1 - x.
  static std::vector<double> find_bets(std::span<const double> x, double alpha) {
    const double scale = -2.0 * std::log(alpha) / static_cast<double>(x.size());
    std::vector<double> bets;
    bets.reserve(x.size());
    double sum = 0.5;
    double squares = 0.25;
    for (std::size_t t = 0; t < x.size(); ++t) {
      const auto seen = static_cast<double>(t + 1);
      bets.push_back(std::sqrt(scale * seen / squares));
      sum += x[t];
      const double distance = x[t] - sum / (seen + 1.0);
      squares += distance * distance;
    }
    return bets;
  }

  /// Brief: max_t log K_t(m), understated by more than its rounding error; `room` is the largest distance that a score
  /// can have from m on the losing side.
  static double evidence(std::span<const double> x, std::span<const double> bets, double m, double room, double sign) {
    double wealth = 0.0;
    double moved = 0.0;
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double gain = std::min(bets[j], most / room) * (sign * (x[j] - m));
      const double step = std::log1p(gain);
      wealth += step;
      moved += std::abs(gain) + std::abs(step);
      best = std::max(best, wealth - moved * (static_cast<double>(j) + 64.0) * 0x1p-52);
    }
    return best;
  }
};

static_assert(confidence_bound<betting, mean_score> && !confidence_bound<betting, vote_count>);

}  // namespace v1
}  // namespace certssb
