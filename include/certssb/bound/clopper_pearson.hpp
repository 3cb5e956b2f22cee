// SPDX-License-Identifier: MIT
#pragma once
// Brief: the exact binomial bound, for hard votes.

#include "certssb/bound/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/vote_count.hpp"

#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: Clopper-Pearson bounds of a binomial proportion.
/// Maths: L solves P(Bin(n,L) >= k) = alpha, that is L = BetaInv(alpha; k, n - k + 1); L = 0 at k = 0 and alpha^(1/n)
/// at k = n. U(k) = 1 - L(n - k). The quantile of the library is checked against the cdf and lowered until the tail
/// probability is at most alpha (1 - 5e-13): the margin covers the rounding error of the cdf.
/// Requires: hard votes of a number of members fixed beforehand (fixed_number).
/// Throws: argument_error unless n > 0, 0 <= k <= n and 0 < alpha < 1.
/// Cost: some microseconds; about 100 where the quantile fails and the cdf is bisected.
/// Reference: Clopper and Pearson (Biometrika 1934).
struct clopper_pearson {
  static constexpr std::string_view name = "clopper-pearson";
  static constexpr sampling_design design = sampling_design::fixed_number;

  [[nodiscard]] static double lower(std::int64_t successes, std::int64_t trials, double alpha) {
    check(successes, trials, alpha);
    if (successes == 0) return 0.0;
    const auto n = static_cast<double>(trials);
    if (successes == trials) {
      const double exponent = std::log(alpha) / n;
      return shrink(std::exp(exponent), 4.0 - 4.0 * exponent);
    }
    const auto k = static_cast<double>(successes);
    return verified(quantile(k, n - k + 1.0, alpha), k, n - k + 1.0, alpha);
  }

  [[nodiscard]] static double upper(std::int64_t successes, std::int64_t trials, double alpha) {
    check(successes, trials, alpha);
    if (successes == trials) return 1.0;
    const double above = successes == 0 ? -std::expm1(std::log(alpha) / static_cast<double>(trials)) * (1.0 + 0x1p-50)
                                        : 1.0 - lower(trials - successes, trials, alpha);
    return std::min(1.0, std::nextafter(above, 2.0));
  }

  [[nodiscard]] static double lower(const vote_count& votes, std::size_t c, double alpha) {
    return lower(votes.counts[c], votes.trials, alpha);
  }
  [[nodiscard]] static double upper(const vote_count& votes, std::size_t c, double alpha) {
    return upper(votes.counts[c], votes.trials, alpha);
  }

private:
  static void check(std::int64_t successes, std::int64_t trials, double alpha) {
    detail::expect_bound_arguments(name, trials, alpha);
    expect(successes >= 0 && successes <= trials, "clopper-pearson: successes must lie in [0, ", trials, "], got ",
           successes);
  }

  static double shrink(double p, double units) { return std::nextafter(p * (1.0 - units * 0x1p-53), 0.0); }

  /// Brief: P(Bin(a + b - 1, p) >= a).
  static double tail(double a, double b, double p) { return boost::math::ibeta(a, b, p); }

  static double quantile(double a, double b, double alpha) {
    try {
      return boost::math::ibeta_inv(a, b, alpha * (1.0 - 1e-12));
    } catch (const std::exception&) {
      return bisected(a, b, alpha);
    }
  }

  /// Brief: the largest p, to the last bit, whose tail stays below alpha. Bisects over bit patterns, so that tiny p are
  /// reached.
  static double bisected(double a, double b, double alpha) {
    std::uint64_t below = 0;
    auto above = std::bit_cast<std::uint64_t>(1.0);
    while (above - below > 1) {
      const std::uint64_t middle = below + (above - below) / 2;
      (tail(a, b, std::bit_cast<double>(middle)) <= alpha * (1.0 - 1e-12) ? below : above) = middle;
    }
    return std::bit_cast<double>(below);
  }

  /// Brief: p, moved down until the cdf confirms that it is a lower bound, and bisected if it is needlessly low.
  static double verified(double p, double a, double b, double alpha) {
    const double most = alpha * (1.0 - 5e-13);
    if (!(tail(a, b, p) >= alpha * (1.0 - 1e-6))) p = bisected(a, b, alpha);
    for (double units = 1.0; tail(a, b, p) > most; units *= 2.0) p = shrink(p, units);
    return p;
  }
};

static_assert(confidence_bound<clopper_pearson, vote_count>);

}  // namespace v1
}  // namespace certssb
