// SPDX-License-Identifier: MIT
#pragma once
// Brief: lower bounds of a probability from k successes of n, each by a search for the largest value that is rejected.

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <cmath>
#include <numbers>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: the largest p in (0, top) at which the evidence, which falls in p, is at least log(1/alpha).
template <class Evidence>
[[nodiscard]] double largest_rejected(double top, double alpha, const Evidence& evidence) {
  double low = 0.0;
  double high = top;
  for (double middle = 0.5 * top; low < middle && middle < high; middle = 0.5 * (low + high)) {
    (evidence(middle) >= -std::log(alpha) ? low : high) = middle;
  }
  return low;
}

/// Brief: x log y, 0 at x = 0.
[[nodiscard]] inline double x_log(double x, double y) { return x > 0.0 ? x * std::log(y) : 0.0; }

/// Brief: the p with P(Bin(n,p) >= k) = alpha.
[[nodiscard]] inline double exact_binomial(double k, double n, double alpha) {
  if (k == 0.0) return 0.0;
  return largest_rejected(1.0, alpha, [&](double p) {
    return -std::log(boost::math::cdf(boost::math::complement(boost::math::binomial_distribution<>(n, p), k - 1.0)));
  });
}

/// Brief: the p below k/n at which the likelihood of k of n under q ~ Beta(1/2,1/2) above p is 1/alpha of that under p.
[[nodiscard]] inline double jeffreys(double k, double n, double alpha) {
  return largest_rejected(k / n, alpha, [&](double p) {
    const double above = std::log(boost::math::ibetac(k + 0.5, n - k + 0.5, p)) + boost::math::lgamma(k + 0.5) +
                         boost::math::lgamma(n - k + 0.5) - boost::math::lgamma(n + 1.0);
    const double before = std::log(boost::math::ibetac(0.5, 0.5, p) * std::numbers::pi);
    return above - before - x_log(k, p) - x_log(n - k, 1.0 - p);
  });
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
