// SPDX-License-Identifier: MIT
#pragma once
// Brief: lower bounds of the mean of numbers in [0,1], given in member order.

#include "certssb/verify/count_laws.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

using series = std::span<const double>;

[[nodiscard]] inline long double sum_of(series x) { return std::accumulate(x.begin(), x.end(), 0.0L); }
[[nodiscard]] inline double mean_of(series x) {
  return static_cast<double>(sum_of(x) / static_cast<long double>(x.size()));
}

[[nodiscard]] inline double hoeffding_mean(series x, double alpha) {
  return mean_of(x) - std::sqrt(-std::log(alpha) / (2.0 * static_cast<double>(x.size())));
}

[[nodiscard]] inline double chernoff(series x, double alpha) {
  const auto n = static_cast<double>(x.size());
  const double p = std::min(1.0, mean_of(x));
  return largest_rejected(p, alpha, [&](double m) {
    return n * (x_log(p, p) + x_log(1.0 - p, 1.0 - p) - x_log(p, m) - x_log(1.0 - p, 1.0 - m));
  });
}

[[nodiscard]] inline double bentkus(series x, double alpha) {
  const auto whole = static_cast<double>(std::floor(sum_of(x)));
  return std::max(chernoff(x, alpha), exact_binomial(whole, static_cast<double>(x.size()), alpha / std::numbers::e));
}

[[nodiscard]] inline double empirical_bernstein(series x, double alpha) {
  const auto n = static_cast<double>(x.size());
  if (n < 2.0) return 0.0;
  const double mean = mean_of(x);
  double squares = 0.0;
  for (const double one : x) squares += (one - mean) * (one - mean);
  const double term = std::log(2.0 / alpha);
  return mean - std::sqrt(2.0 * squares / (n - 1.0) * term / n) - 7.0 * term / (3.0 * (n - 1.0));
}

[[nodiscard]] inline double betting_in_order(series x, double alpha) {
  const auto n = static_cast<double>(x.size());
  std::vector<double> bets;
  double sum = 0.5;
  double squares = 0.25;
  for (const double one : x) {
    const auto seen = static_cast<double>(bets.size() + 1);
    bets.push_back(std::sqrt(-2.0 * std::log(alpha) / (n * squares / seen)));
    sum += one;
    squares += (one - sum / (seen + 1.0)) * (one - sum / (seen + 1.0));
  }
  return largest_rejected(1.0, alpha, [&](double m) {
    double wealth = 0.0;
    double most = 0.0;
    for (std::size_t t = 0; t < x.size(); ++t) {
      wealth += std::log1p(std::min(bets[t], 0.9 / m) * (x[t] - m));
      most = std::max(most, wealth);
    }
    return most;
  });
}

[[nodiscard]] inline double mixture_of_bets(series x, double alpha) {
  constexpr std::array<double, 15> stakes = {.05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98, .99, .995, .999};
  return largest_rejected(std::min(1.0, mean_of(x)), alpha, [&](double m) {
    std::array<double, 15> logs{};
    for (std::size_t d = 0; d < stakes.size(); ++d) {
      logs[d] = std::log(d + 1 == stakes.size() ? 1.0 / 2.0 : 1.0 / 28.0);
      for (const double one : x) logs[d] += std::log1p(stakes[d] * (one / m - 1.0));
    }
    const double most = *std::ranges::max_element(logs);
    double sum = 0.0;
    for (const double one : logs) sum += std::exp(one - most);
    return most + std::log(sum);
  });
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
