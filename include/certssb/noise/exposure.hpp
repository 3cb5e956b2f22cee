// SPDX-License-Identifier: MIT
#pragma once
// Brief: the price of showing a row once under noise of some scale, and the cap on what each row may be charged. In the
// words of differential privacy: the loss of one release, and the budget of a privacy filter.

#include "certssb/core/expect.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/scales.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

constexpr double beyond = std::numeric_limits<double>::infinity();

/// Brief: a + b, rounded up; exact where the sum is a double.
inline double add_up(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  const double lost = (a - (sum - part)) + (b - part);
  return lost > 0.0 ? std::nextafter(sum, beyond) : sum;
}

}  // namespace detail

/// Brief: the price of one exposure under noise for this norm. Prices of exposures of one row add up, also when later
/// exposures are chosen by what earlier ones showed.
/// Members: guess(scale), the price up to rounding; inverse(cost), the scale of one exposure of that price, up to
/// rounding; excess(scale, cost), positive if `cost` is more than the exact price, 0 if it is the exact price.
template <class Norm>
struct exposure_price;

/// Brief: Gaussian noise: precisions add, 1/sigma^2 each.
template <>
struct exposure_price<l2_norm> {
  static double guess(double sigma) { return 1.0 / (sigma * sigma); }
  static double inverse(double cost) { return 1.0 / std::sqrt(cost); }
  static double excess(double sigma, double cost) {
    const double square = sigma * sigma;
    const double product = square * cost;
    return (product - 1.0) + (std::fma(square, cost, -product) + std::fma(sigma, sigma, -square) * cost);
  }
};

/// Brief: Laplace and uniform noise: 1/b each.
template <>
struct exposure_price<l1_norm> {
  static double guess(double scale) { return 1.0 / scale; }
  static double inverse(double cost) { return 1.0 / cost; }
  static double excess(double scale, double cost) { return std::fma(scale, cost, -1.0); }
};

/// Brief: the price of one exposure at `scale`, rounded up.
template <class Norm>
[[nodiscard]] double exposure_cost(double scale) {
  using price = exposure_price<Norm>;
  double cost = price::guess(scale);
  while (price::excess(scale, cost) < 0.0) cost = std::nextafter(cost, detail::beyond);
  return cost;
}

/// Brief: the smallest scale at which an exposure costs at most `left`; infinite for left = 0.
template <class Norm>
[[nodiscard]] double affordable_scale(double left) {
  if (!(left > 0.0)) return detail::beyond;
  double scale = exposure_price<Norm>::inverse(left);
  while (exposure_cost<Norm>(scale) > left) scale = std::nextafter(scale, detail::beyond);
  return scale;
}

/// Brief: P_i, the most that one member may charge row i.
/// Maths: for Gaussian noise sum_t 1/sigma_{i,t}^2 <= P_i, for Laplace and uniform noise sum_t 1/b_{i,t} <= P_i.
/// Requires: fixed before any feature is read.
template <class Norm>
class exposure_caps {
public:
  /// Throws: argument_error when a cap is not finite and positive, or when there are no caps.
  explicit exposure_caps(std::vector<double> values) : values_(std::move(values)) {
    expect(!values_.empty(), "exposure_caps: no caps given");
    for (const double cap : values_) {
      expect(std::isfinite(cap) && cap > 0.0, "exposure_caps: a cap must be finite and positive, got ", cap);
    }
  }

  /// Brief: caps that allow exactly `times` exposures of every row at `scale`.
  /// Throws: argument_error for times = 0, or a scale that is not finite and positive.
  [[nodiscard]] static exposure_caps exposures(std::size_t rows, double scale, std::size_t times = 1) {
    expect(times > 0, "exposure_caps: needs at least 1 exposure");
    expect(std::isfinite(scale) && scale > 0.0, "exposure_caps: the scale must be finite and positive, got ", scale);
    const double cost = exposure_cost<Norm>(scale);
    double cap = 0.0;
    for (std::size_t t = 0; t < times; ++t) cap = detail::add_up(cap, cost);
    return exposure_caps(std::vector<double>(rows, cap));
  }

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] double operator[](std::size_t row) const noexcept { return values_[row]; }
  [[nodiscard]] std::span<const double> values() const noexcept { return values_; }

  /// Brief: for each row the scale of a single exposure that uses up its cap, rounded down. Radii are taken at these
  /// scales. This is the only conversion of caps to scales.
  /// Maths: Gaussian 1/sqrt(P_i), Laplace and uniform 1/P_i.
  [[nodiscard]] training_scales effective_scales() const {
    std::vector<double> scales(values_.size());
    for (std::size_t i = 0; i < scales.size(); ++i) {
      scales[i] = exposure_price<Norm>::inverse(values_[i]);
      while (exposure_price<Norm>::excess(scales[i], values_[i]) > 0.0) scales[i] = std::nextafter(scales[i], 0.0);
    }
    return training_scales(std::move(scales));
  }

private:
  std::vector<double> values_;
};

}  // namespace v1
}  // namespace certssb
