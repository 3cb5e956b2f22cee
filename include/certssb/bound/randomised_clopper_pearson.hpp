// SPDX-License-Identifier: MIT
#pragma once
// Brief: the exact binomial bound for hard votes, made continuous by a random draw.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/detail/boundary.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/vote_count.hpp"

#include <boost/math/special_functions/beta.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: Clopper-Pearson bounds with a uniform draw u, which makes their error exactly alpha. u = 1 gives
/// Clopper-Pearson.
/// Maths: L solves P(Bin(n,L) > k) + u P(Bin(n,L) = k) = alpha; L = 1 if the left side is always smaller, and 0 if it
/// is always larger. U is 1 - L of n - k.
/// Requires: hard votes of a number of members fixed beforehand (fixed_number), and u uniform on (0,1), drawn
/// independently of the votes before any vote is seen. The bound is not valid if u is drawn again after seeing it.
/// Throws: argument_error unless n > 0, 0 <= k <= n, 0 <= u <= 1 and 0 < alpha < 1.
/// Cost: about 25 incomplete beta functions. Rounded outward.
/// Reference: Voracek (NeurIPS 2024), for randomized smoothing.
class randomised_clopper_pearson {
public:
  static constexpr std::string_view name = "randomised-clopper-pearson";
  static constexpr sampling_design design = sampling_design::fixed_number;

  explicit randomised_clopper_pearson(double u) : u_(u) {
    expect(u >= 0.0 && u <= 1.0, "randomised-clopper-pearson: u must lie in [0,1], got ", u);
  }

  [[nodiscard]] double lower(std::int64_t successes, std::int64_t trials, double alpha) const {
    check(successes, trials, alpha);
    return detail::lower_boundary([&](double p) { return evidence(successes, trials, p, false); }, 1.0,
                                  -std::log(alpha));
  }
  [[nodiscard]] double upper(std::int64_t successes, std::int64_t trials, double alpha) const {
    check(successes, trials, alpha);
    return detail::upper_boundary([&](double p) { return evidence(successes, trials, p, true); }, 0.0,
                                  -std::log(alpha));
  }

  [[nodiscard]] double lower(const vote_count& votes, std::size_t c, double alpha) const {
    return lower(votes.counts[c], votes.trials, alpha);
  }
  [[nodiscard]] double upper(const vote_count& votes, std::size_t c, double alpha) const {
    return upper(votes.counts[c], votes.trials, alpha);
  }

private:
  static void check(std::int64_t successes, std::int64_t trials, double alpha) {
    detail::expect_bound_arguments(name, trials, alpha);
    expect(successes >= 0 && successes <= trials, "randomised-clopper-pearson: successes must lie in [0, ", trials,
           "], got ", successes);
  }

  /// Brief: -log(P(X beyond k) + u P(X = k)), beyond being above, or below; understated by the tail's error.
  [[nodiscard]] double evidence(std::int64_t successes, std::int64_t trials, double p, bool below) const {
    const auto at_least = [&](std::int64_t k) {  // P(X >= k), and 1 - it
      if (k <= 0) return below ? 0.0 : 1.0;
      if (k > trials) return below ? 1.0 : 0.0;
      const auto a = static_cast<double>(k);
      const double b = static_cast<double>(trials - k) + 1.0;
      return below ? boost::math::ibetac(a, b, p) : boost::math::ibeta(a, b, p);
    };
    const double closed = at_least(below ? successes + 1 : successes);
    const double open = at_least(below ? successes : successes + 1);
    return -std::log((u_ * closed + (1.0 - u_) * open) * (1.0 + 1e-12));
  }

  double u_;
};

static_assert(confidence_bound<randomised_clopper_pearson, vote_count>);

}  // namespace v1
}  // namespace certssb
