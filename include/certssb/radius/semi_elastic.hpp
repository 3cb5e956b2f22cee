// SPDX-License-Identifier: MIT
#pragma once
// Brief: how much a change of the training features can lower p_A if the noise scales depend on the features: |log s(x)
// - log s(x')| <= eta |x - x'|, with s fixed independently of the data.

#include "certssb/core/normal.hpp"

#include <boost/math/distributions/non_central_chi_squared.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <exception>

namespace certssb {
inline namespace v1 {

/// Brief: many changed rows: first the means are shifted at fixed scales, then the scales are changed.
/// Maths: with B = PhiInv(p_A), S^2 = sum |delta_i|^2/sigma_i^2, h = eta max|delta_i| and rows of d entries, A stays if
/// Phi(B - S) - sqrt(d/2) e^h eta sqrt(sum |delta_i|^2) > 1/2. The change of scales costs, by Pinsker, at most
/// sqrt(KL/2), and KL(N(0,(sigma e^t)^2 I) || N(0,sigma^2 I)) = d/2 (e^{2t} - 1 - 2t) <= d t^2 e^{2|t|}, added over
/// rows.
/// Determinism: conservative by 1e-13.
struct elastic_rows {
  double eta;
  double d;

  /// Brief: whether A stays after a change of weighted size S, Frobenius norm `norm` and largest row `largest`.
  [[nodiscard]] bool holds(double budget, double weighted, double norm, double largest) const {
    const double slack = std::sqrt(0.5 * d) * std::exp(eta * largest) * eta * norm;
    return normal_cdf(budget - weighted) - slack > 0.5 + 1e-13;
  }
};

/// Brief: one changed row: the largest probability that an event of probability Phi(-B) under N(0, I_d) can have under
/// N(a e, e^{2t} I_d), and what follows for a row that moves by a at scale 1.
/// Maths: likelihood-ratio sets are balls or their complements, so it is a non-central chi-square probability; it grows
/// with a at every t (translate the optimal set), so that only the largest a matters. Scales not tested lie within TV
/// sqrt(d/2) t e^t of a tested one, where t is the distance of their logarithms.
/// Reference: Sukenik et al. (ICML 2022).
struct elastic_row {
  double eta;  ///< per unit of the row's scale
  double d;

  /// Brief: the exact value. Near t = 0, where the non-centrality is too large to compute with, an upper bound of it:
  /// the Gaussian value plus the TV of the scales.
  [[nodiscard]] double worst(double budget, double a, double t) const {
    const double gaussian = normal_cdf(a - budget);
    if (t == 0.0) return gaussian;
    if (std::abs(t) < smallest_t) return std::min(1.0, gaussian + scale_slack(std::abs(t)));
    const double gap = -std::expm1(2.0 * t);  // 1 - s1^2
    const double apart = (a / gap) * (a / gap);
    using law = boost::math::non_central_chi_squared_distribution<>;
    const double shrink = std::exp(-2.0 * t);
    try {
      const law here(d, apart);
      const law there(d, apart / shrink);
      const double p = normal_cdf(-budget);
      if (t < 0.0) return boost::math::cdf(there, shrink * boost::math::quantile(here, p));
      const double edge = boost::math::quantile(boost::math::complement(here, p));
      return boost::math::cdf(boost::math::complement(there, shrink * edge));
    } catch (const std::exception&) {  // no value in Boost's number of terms
      return std::min(1.0, gaussian + scale_slack(std::abs(t)));
    }
  }

  /// Brief: whether the other class stays below 1/2 for every move up to `a` and every scale it allows.
  [[nodiscard]] bool holds(double budget, double a) const {
    const double t = eta * a;
    std::array<double, 5> edges{-t, -std::min(t, smallest_t), 0.0, std::min(t, smallest_t), t};
    std::array<tested, 5> values{};
    for (const std::size_t k : {0U, 4U, 2U, 1U, 3U}) {
      values[k] = {edges[k], worst(budget, a, edges[k]) + guard};
      if (!(values[k].value < 0.5)) return false;
    }
    for (const std::size_t k : {1U, 2U, 0U, 3U}) {
      if (!holds_between(budget, a, values[k], values[k + 1], 0)) return false;
    }
    return true;
  }

  /// Brief: the largest a for which holds(budget, a), rounded down.
  /// Cost: about a hundred non-central chi-square quantiles.
  [[nodiscard]] double radius(double budget) const {
    if (!(budget > 0.0)) return 0.0;
    const auto ends_hold = [&](double a) {
      return worst(budget, a, -eta * a) + guard < 0.5 && worst(budget, a, eta * a) + guard < 0.5;
    };
    double low = 0.0;
    double high = budget;
    while (high - low > 1e-9 * high && high > 1e-12) {
      const double middle = 0.5 * (low + high);
      (ends_hold(middle) ? low : high) = middle;
    }
    for (double step = 1e-6; step < 1.0; step *= 2.0) {
      if (holds(budget, low * (1.0 - step))) return low * (1.0 - step);
    }
    return 0.0;
  }

private:
  static constexpr double guard = 1e-9;       ///< more than the error of a non-central chi-square probability
  static constexpr double smallest_t = 3e-5;  ///< below it, Boost sums too many terms

  struct tested {
    double t;
    double value;
  };

  [[nodiscard]] double scale_slack(double t) const { return std::sqrt(0.5 * d) * t * std::exp(t); }

  [[nodiscard]] bool holds_between(double budget, double a, tested left, tested right, int depth) const {
    const double half = 0.5 * (right.t - left.t);
    if (std::max(left.value, right.value) + scale_slack(half) < 0.5) return true;
    if (depth == 40 || std::max(std::abs(left.t), std::abs(right.t)) <= smallest_t) return false;
    const double middle = 0.5 * (left.t + right.t);
    const tested between{middle, worst(budget, a, middle) + guard};
    return between.value < 0.5 && holds_between(budget, a, left, between, depth + 1) &&
           holds_between(budget, a, between, right, depth + 1);
  }
};

}  // namespace v1
}  // namespace certssb
