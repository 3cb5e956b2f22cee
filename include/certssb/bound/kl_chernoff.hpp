// SPDX-License-Identifier: MIT
#pragma once
// Brief: the Chernoff bound in its Kullback-Leibler form, for any votes in [0,1].

#include "certssb/bound/concept.hpp"
#include "certssb/bound/detail/boundary.hpp"
#include "certssb/bound/detail/score_sum.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: bounds of the expectation of votes in [0,1] from their sum S. Never wider than Hoeffding's.
/// Maths: L is the smallest m <= S/M with M kl(S/M, m) <= log(1/alpha), U the largest such m >= S/M;
/// kl(p,m) = p log(p/m) + (1-p) log((1-p)/(1-m)). All votes for: L = alpha^(1/M).
/// Requires: a number of members fixed beforehand (fixed_number); hard or soft votes, in any order.
/// Throws: argument_error unless M > 0, the sum lies in [0,M] and 0 < alpha < 1.
/// Cost: about 12 divergences; soft votes are added up first. Rounded outward, the divergence understated by its error.
/// Reference: Hoeffding (JASA 1963), equation (2.1).
struct kl_chernoff {
  static constexpr std::string_view name = "kl";
  static constexpr sampling_design design = sampling_design::fixed_number;

  [[nodiscard]] static double lower(double sum, std::int64_t trials, double alpha) {
    const double n = checked(sum, trials, alpha);
    return detail::lower_boundary([&](double m) { return evidence(sum, n, m); }, sum / n, -std::log(alpha));
  }

  [[nodiscard]] static double upper(double sum, std::int64_t trials, double alpha) {
    const double n = checked(sum, trials, alpha);
    return detail::upper_boundary([&](double m) { return evidence(sum, n, m); }, sum / n, -std::log(alpha));
  }

  [[nodiscard]] static double lower(const vote_count& votes, std::size_t c, double alpha) {
    return lower(static_cast<double>(votes.counts[c]), votes.trials, alpha);
  }
  [[nodiscard]] static double upper(const vote_count& votes, std::size_t c, double alpha) {
    return upper(static_cast<double>(votes.counts[c]), votes.trials, alpha);
  }
  [[nodiscard]] static double lower(const mean_score& votes, std::size_t c, double alpha) {
    return lower(detail::sum_of(detail::checked_series(name, votes, c, alpha)).low, votes.trials, alpha);
  }
  [[nodiscard]] static double upper(const mean_score& votes, std::size_t c, double alpha) {
    return upper(detail::sum_of(detail::checked_series(name, votes, c, alpha)).high, votes.trials, alpha);
  }

private:
  static double checked(double sum, std::int64_t trials, double alpha) {
    detail::expect_bound_arguments(name, trials, alpha);
    const auto n = static_cast<double>(trials);
    expect(sum >= 0.0 && sum <= n, "kl: the sum of votes must lie in [0, ", trials, "], got ", sum);
    return n;
  }

  /// Brief: n kl(s/n, m), understated by more than its rounding error: logarithms weighted by p are below n together.
  static double evidence(double s, double n, double m) {
    const double f = n - s;
    const double with = s > 0.0 ? s * (std::log(s / n) - std::log(m)) : 0.0;
    const double against = f > 0.0 ? f * (std::log(f / n) - std::log1p(-m)) : 0.0;
    return with + against - 0x1p-50 * (n + std::abs(with) + std::abs(against));
  }
};

static_assert(confidence_bound<kl_chernoff, vote_count> && confidence_bound<kl_chernoff, mean_score>);

}  // namespace v1
}  // namespace certssb
