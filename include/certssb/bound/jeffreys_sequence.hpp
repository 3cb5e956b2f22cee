// SPDX-License-Identifier: MIT
#pragma once
// Brief: the confidence sequence of hard votes: bounds that hold also if the votes decide when to stop.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/detail/boundary.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/concept.hpp"
#include "certssb/vote/stopped_votes.hpp"
#include "certssb/vote/vote_count.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: bounds of a vote's probability p after k of t votes for a class, at any stopping time.
/// Maths: e_t(m), the likelihood ratio of q to m averaged over q ~ Beta(1/2,1/2) truncated to (m,1), is a
/// supermartingale under every p <= m, so that it ever reaches 1/alpha with probability at most alpha (Ville). L is the
/// largest rejected m. (Every smaller m is rejected too: with d = k - t m, log e falls in m at a rate of at least
/// (d - (1 - 1/e)/2) / (m (1 - m)), which is positive wherever e > 1.) U is 1 - L with the roles of votes swapped.
/// Requires: votes in the order in which the stopping rule saw them. Their number may depend on the votes (any_time).
/// Throws: argument_error unless 0 <= k <= t, t > 0, 0 < m < 1 and 0 < alpha < 1.
/// Cost: about 15 incomplete beta functions. Rounded outward.
/// Reference: Ville (1939); Howard et al. (Annals of Statistics 2021) for the two-sided mixture.
struct jeffreys_sequence {
  static constexpr std::string_view name = "jeffreys-sequence";
  static constexpr sampling_design design = sampling_design::any_time;

  /// Brief: log e_t(m) after k of t votes, the evidence that p > m; log_e(t - k, t, 1 - m) is the evidence for p < m.
  [[nodiscard]] static double log_e(std::int64_t successes, std::int64_t trials, double m) {
    expect(m > 0.0 && m < 1.0, "jeffreys-sequence: p0 must lie in (0,1), got ", m);
    const parts of(successes, trials);
    return of.log_e(m, 1.0 - m);
  }

  [[nodiscard]] static double lower(std::int64_t successes, std::int64_t trials, double alpha) {
    detail::expect_bound_arguments(name, trials, alpha);
    const parts of(successes, trials);
    return detail::lower_boundary([&](double m) { return of.understated(m, 1.0 - m); }, of.k / of.t, -std::log(alpha));
  }

  [[nodiscard]] static double upper(std::int64_t successes, std::int64_t trials, double alpha) {
    detail::expect_bound_arguments(name, trials, alpha);
    const parts of(trials - successes, trials);
    return detail::upper_boundary([&](double m) { return of.understated(1.0 - m, m); }, 1.0 - of.k / of.t,
                                  -std::log(alpha));
  }

  template <hard_vote_statistic Statistic>
  [[nodiscard]] static double lower(const Statistic& votes, std::size_t c, double alpha) {
    return lower(votes.counts[c], votes.trials, alpha);
  }
  template <hard_vote_statistic Statistic>
  [[nodiscard]] static double upper(const Statistic& votes, std::size_t c, double alpha) {
    return upper(votes.counts[c], votes.trials, alpha);
  }

private:
  /// Brief: the parts that do not depend on m.
  struct parts {
    double k;
    double t;
    double log_beta;
    double largest;

    parts(std::int64_t successes, std::int64_t trials)
        : k(static_cast<double>(successes)), t(static_cast<double>(trials)) {
      expect(trials > 0, "jeffreys-sequence: trials must be positive, got ", trials);
      expect(successes >= 0 && successes <= trials, "jeffreys-sequence: successes must lie in [0, ", trials, "], got ",
             successes);
      // B(k + 1/2, t - k + 1/2) / B(1/2, 1/2)
      const double a = boost::math::lgamma(k + 0.5);
      const double b = boost::math::lgamma(t - k + 0.5);
      const double c = boost::math::lgamma(t + 1.0);
      log_beta = a + b - c - std::log(std::numbers::pi);
      largest = std::abs(a) + std::abs(b) + std::abs(c) + 4.0;
    }

    /// Brief: log e(m); rest = 1 - m.
    [[nodiscard]] double log_e(double m, double rest) const {
      if (!(m > 0.0 && rest > 0.0)) return -std::numeric_limits<double>::infinity();
      const double above = boost::math::ibetac(k + 0.5, t - k + 0.5, m);
      if (!(above > 0.0)) return -std::numeric_limits<double>::infinity();
      const double prior_above = 2.0 / std::numbers::pi * std::asin(std::sqrt(rest));
      return log_beta - log_likelihood(m, rest) + std::log(above) - std::log(prior_above);
    }

    /// Brief: log e(m), understated by more than its rounding error.
    [[nodiscard]] double understated(double m, double rest) const {
      if (!(m > 0.0 && rest > 0.0)) return -std::numeric_limits<double>::infinity();
      return log_e(m, rest) - 0x1p-49 * (largest - log_likelihood(m, rest)) - 1e-12;
    }

    [[nodiscard]] double log_likelihood(double m, double rest) const {
      return (k > 0.0 ? k * std::log(m) : 0.0) + (t > k ? (t - k) * std::log(rest) : 0.0);
    }
  };
};

static_assert(confidence_bound<jeffreys_sequence, vote_count> && confidence_bound<jeffreys_sequence, stopped_count>);

}  // namespace v1
}  // namespace certssb
