// SPDX-License-Identifier: MIT
#pragma once
// Brief: where the evidence against a value of p reaches the amount that alpha needs.

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: the end of [from, to], shrunk around the crossing of `needed` to 2 ulp, at which the evidence is enough.
/// Requires: evidence(enough) >= needed > evidence(short_of); monotone in between.
template <class Evidence>
double crossing(Evidence&& evidence, double needed, double enough, double short_of) {
  const auto excess = [&](double p) { return std::clamp(evidence(p) - needed, -1e9, 1e9); };
  const bool upwards = short_of > enough;
  const double at_enough = excess(enough);
  const double at_short = excess(short_of);
  std::uintmax_t steps = 500;
  const auto [low, high] =
      upwards ? boost::math::tools::toms748_solve(excess, enough, short_of, at_enough, at_short,
                                                  boost::math::tools::eps_tolerance<double>(51), steps)
              : boost::math::tools::toms748_solve(excess, short_of, enough, at_short, at_enough,
                                                  boost::math::tools::eps_tolerance<double>(51), steps);
  return upwards ? low : high;
}

/// Brief: the largest p < mean that the evidence rejects, rounded down; 0 where it rejects none.
/// Requires: the evidence decreases in p on (0, mean) and is understated by its own rounding.
template <class Evidence>
double lower_boundary(Evidence&& evidence, double mean, double needed) {
  if (!(mean > 0.0)) return 0.0;
  if (evidence(mean) >= needed) return mean;
  for (double halvings = 1.0; halvings <= 1024.0; halvings *= 2.0) {
    const double p = std::max(mean * std::exp2(-halvings), std::numeric_limits<double>::min());
    if (p < mean && evidence(p) >= needed) return crossing(evidence, needed, p, mean);
  }
  return 0.0;
}

/// Brief: the smallest p > mean that the evidence rejects, rounded up; 1 where it rejects none.
/// Requires: the evidence increases in p on (mean, 1) and is understated by its own rounding.
template <class Evidence>
double upper_boundary(Evidence&& evidence, double mean, double needed) {
  if (!(mean < 1.0)) return 1.0;
  if (evidence(mean) >= needed) return mean;
  for (int halvings = 1; halvings <= 53; ++halvings) {
    const double p = 1.0 - (1.0 - mean) * std::exp2(-halvings);
    if (!(p < 1.0)) break;
    if (evidence(p) >= needed) return crossing(evidence, needed, p, mean);
  }
  return 1.0;
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
