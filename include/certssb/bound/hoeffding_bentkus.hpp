// SPDX-License-Identifier: MIT
#pragma once
// Brief: the better of the Chernoff and the Bentkus bound, for any votes in [0,1].

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/concept.hpp"
#include "certssb/bound/detail/score_sum.hpp"
#include "certssb/bound/kl_chernoff.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: bounds of the expectation of votes in [0,1] from their sum S.
/// Maths: m is rejected where min(exp(-M kl(S/M, m)), e P(Bin(M,m) >= floor(S))) <= alpha: the larger of the Chernoff
/// bound and of the binomial one of floor(S) at alpha/e; ceil(S) on the other side.
/// Requires: a number of members fixed beforehand (fixed_number); hard or soft votes, in any order.
/// Throws: argument_error unless M > 0, the sum lies in [0,M] and 0 < alpha < 1.
/// Cost: that of both. Rounded outward.
/// Reference: Bentkus (Annals of Probability 2004), theorem 1.2; Bates et al. (JACM 2021), theorem 1.
struct hoeffding_bentkus {
  static constexpr std::string_view name = "hoeffding-bentkus";
  static constexpr sampling_design design = sampling_design::fixed_number;

  [[nodiscard]] static double lower(double sum, std::int64_t trials, double alpha) {
    const double chernoff = kl_chernoff::lower(sum, trials, alpha);
    return std::max(chernoff,
                    clopper_pearson::lower(static_cast<std::int64_t>(std::floor(sum)), trials, alpha * per_binomial));
  }

  [[nodiscard]] static double upper(double sum, std::int64_t trials, double alpha) {
    const double chernoff = kl_chernoff::upper(sum, trials, alpha);
    return std::min(chernoff,
                    clopper_pearson::upper(static_cast<std::int64_t>(std::ceil(sum)), trials, alpha * per_binomial));
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
  static constexpr double per_binomial = (1.0 - 0x1p-51) / std::numbers::e;
};

static_assert(confidence_bound<hoeffding_bentkus, vote_count> && confidence_bound<hoeffding_bentkus, mean_score>);

}  // namespace v1
}  // namespace certssb
