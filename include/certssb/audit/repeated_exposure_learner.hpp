// SPDX-License-Identifier: MIT
#pragma once
// Brief: learners that see their rows more than once, which a ledger must charge for.

#include "certssb/audit/concept.hpp"
#include "certssb/audit/half_space_learner.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/scales.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a half-space vote on rows shown several times, each time under noise of another scale, and averaged.
/// Maths: with copies z_t = x_i + sigma_{i,t} eps weighted by 1/sigma_{i,t}^2, the mean of row i has scale 1/sqrt(P_i),
/// P_i = sum_t 1/sigma_{i,t}^2: this is all the information in its exposures, so that the certificate of the ledger is
/// exact. Equal weights (1/E each) are noisier: scale sqrt(sum_t sigma_{i,t}^2)/E.
/// Shapes: exposures [rows][E_i].
[[nodiscard]] inline half_space_learner repeated_exposure_learner(std::vector<double> weights, double margin,
                                                                  const std::vector<std::vector<double>>& exposures,
                                                                  bool by_precision) {
  std::vector<double> effective;
  for (const std::vector<double>& scales : exposures) {
    double precision = 0.0;
    double variance = 0.0;
    for (const double sigma : scales) {
      precision += 1.0 / (sigma * sigma);
      variance += sigma * sigma;
    }
    effective.push_back(by_precision ? 1.0 / std::sqrt(precision)
                                     : std::sqrt(variance) / static_cast<double>(scales.size()));
  }
  return {std::move(weights), margin, noise_scales(std::move(effective))};
}

namespace detail {

/// Brief: the integral of phi(u) f(u) over [from, to] within [-12, 12], in pieces of at most 1/4 with 15 Gauss points
/// each.
/// Requires: f smooth there, and not much steeper than 20.
template <class F>
double normal_integral(const F& f, double from, double to) {
  constexpr double edge = 12.0;
  from = std::max(from, -edge);
  to = std::min(to, edge);
  if (!(from < to)) return 0.0;
  const int pieces = static_cast<int>(std::ceil((to - from) / 0.25));
  double sum = 0.0;
  for (int k = 0; k < pieces; ++k) {
    sum += boost::math::quadrature::gauss<double, 15>::integrate([&](double u) { return normal_density(u) * f(u); },
                                                                 from + (to - from) * k / pieces,
                                                                 from + (to - from) * (k + 1) / pieces);
  }
  return sum;
}

}  // namespace detail

/// Brief: an adaptive learner on one row of one coordinate. It sees the row once at scale `first`; if the value is
/// below `doubt` it sees it again at scale `second`. It votes A if the sum weighted by precision exceeds `level` times
/// the precision spent.
/// Maths: 1 - p_A = P(doubt < z < level) + integral over z < doubt of
/// phi((z - x)/first)/first * Phi(second * (level (1/first^2 + 1/second^2) - x/second^2 - z/first^2)) dz.
/// It never spends more than P = 1/first^2 + 1/second^2, and often less.
class adaptive_exposure_learner {
public:
  adaptive_exposure_learner(double x, double first, double second, double doubt, double level)
      : x_(x), first_(first), second_(second), doubt_(doubt), level_(level) {
    expect(first > 0.0 && second > 0.0, "adaptive_exposure_learner: scales must be positive, got ", first, " and ",
           second);
  }

  [[nodiscard]] static constexpr std::size_t rows() noexcept { return 1; }
  [[nodiscard]] static constexpr std::size_t dimension() noexcept { return 1; }
  [[nodiscard]] static change blank() { return {{0.0}}; }
  [[nodiscard]] double cap() const { return 1.0 / (first_ * first_) + 1.0 / (second_ * second_); }
  [[nodiscard]] static std::vector<change> worst(const geometry& g) {
    return {g.unit(change{{-1.0}}), g.unit(change{{1.0}})};
  }

  [[nodiscard]] double against(const change& c) const {
    const double x = x_ + c.features[0];
    const double doubted = (doubt_ - x) / first_;  // second looks: z = x + first u for u below it
    const double once = level_ > doubt_ ? normal_cdf((level_ - x) / first_) - normal_cdf(doubted) : 0.0;
    const auto outvoted = [&](double u) {
      const double seen = x / (second_ * second_) + (x + first_ * u) / (first_ * first_) - level_ * cap();
      return normal_cdf(-second_ * seen);
    };
    return once + detail::normal_integral(outvoted, -std::numeric_limits<double>::infinity(), doubted);
  }

private:
  double x_;
  double first_;
  double second_;
  double doubt_;
  double level_;
};

static_assert(audited_learner<adaptive_exposure_learner>);

/// Brief: noise first, then adaptation: one release z of one coordinate at scale `floor`. The member then adds noise of
/// a scale that it chooses from z (large if z is near 0), and votes A if the result is above 0.
/// Maths: 1 - p_A = integral of phi(u) Phi(-z / tau(z)) du, z = x + floor u, tau(z) = extra / (1 + |z|), integrated
/// separately below and above z = 0, where tau has a kink.
class noised_first_learner {
public:
  noised_first_learner(double x, double floor, double extra) : x_(x), floor_(floor), extra_(extra) {
    expect(floor > 0.0 && extra > 0.0, "noised_first_learner: scales must be positive, got ", floor, " and ", extra);
  }

  [[nodiscard]] static constexpr std::size_t rows() noexcept { return 1; }
  [[nodiscard]] static constexpr std::size_t dimension() noexcept { return 1; }
  [[nodiscard]] static change blank() { return {{0.0}}; }
  [[nodiscard]] static std::vector<change> worst(const geometry& g) { return {g.unit(change{{-1.0}})}; }

  [[nodiscard]] double against(const change& c) const {
    const double x = x_ + c.features[0];
    const auto outvoted = [&](double u) {
      const double z = x + floor_ * u;
      return normal_cdf(-z * (1.0 + std::abs(z)) / extra_);
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return detail::normal_integral(outvoted, -infinity, -x / floor_) +
           detail::normal_integral(outvoted, -x / floor_, infinity);
  }

private:
  double x_;
  double floor_;
  double extra_;
};

static_assert(audited_learner<noised_first_learner>);

}  // namespace v1
}  // namespace certssb
