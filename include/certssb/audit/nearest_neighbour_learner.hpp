// SPDX-License-Identifier: MIT
#pragma once
// Brief: the smoothed nearest neighbour of a few rows, by quadrature.

#include "certssb/audit/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/scales.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the distance of N(mu, I_d) from 0, |mu| = away, in 1 and 3 dimensions, for which its law is elementary.
struct noisy_distance {
  double cdf;
  double density;

  static noisy_distance at(double r, double away, std::size_t dimension) {
    const double near = normal_density(r - away);
    const double opposite = normal_density(r + away);
    const double inside = normal_cdf(r - away) - normal_cdf(-r - away);
    if (dimension == 1) return {inside, near + opposite};
    const double product = r * away;
    const double bend =
        product < 1e-4 ? 2.0 * r * normal_density(r) * std::exp(-0.5 * away * away) * (1.0 + product * product / 6.0)
                       : (near - opposite) / away;
    return {std::max(0.0, inside - bend), r * bend};
  }
};

/// Brief: a member votes for the class of its nearest noisy row; class A against the rest.
/// Maths: 1 - p_A = integral of sum_{i not in A} f_i(r) prod_{k != i} (1 - F_k(r)) dr, r the distance, over 32
/// intervals of 7 Gauss points each. p_A depends on a row through its distance alone, so the worst change of a row is
/// along the line to the test input.
class nearest_neighbour_learner {
public:
  /// Shapes: rows [n * d] relative to the test input; in_a [n], whether the row is of class A.
  /// Throws: argument_error unless d is 1 or 3 and lengths agree.
  nearest_neighbour_learner(std::vector<double> rows, std::vector<bool> in_a, noise_scales scales)
      : rows_{std::move(rows)}, in_a_(std::move(in_a)), scales_(std::move(scales)) {
    expect(in_a_.size() == scales_.size() && (dimension() == 1 || dimension() == 3) &&
               rows_.features.size() == scales_.size() * dimension(),
           "nearest_neighbour_learner: needs rows of 1 or 3 coordinates, one class and scale each");
  }

  [[nodiscard]] std::size_t rows() const noexcept { return scales_.size(); }
  [[nodiscard]] std::size_t dimension() const noexcept { return rows_.features.size() / scales_.size(); }
  [[nodiscard]] change blank() const { return rows_.times(0.0); }
  [[nodiscard]] double distance(std::size_t row) const { return distance(row, blank()); }
  [[nodiscard]] bool in_a(std::size_t row) const { return in_a_[row]; }

  [[nodiscard]] double against(const change& c) const {
    std::vector<double> away(rows());
    double furthest = 0.0;
    for (std::size_t i = 0; i < rows(); ++i) away[i] = distance(i, c) / scales_[i];
    // Beyond the least of mu_i + 9 sigma_i some row is nearer, but for 1e-18.
    for (std::size_t i = 0; i < rows(); ++i) {
      const double reach = (away[i] + 9.0) * scales_[i];
      furthest = i == 0 ? reach : std::min(furthest, reach);
    }
    constexpr int intervals = 32;
    double p = 0.0;
    for (int k = 0; k < intervals; ++k) {
      p += boost::math::quadrature::gauss<double, 7>::integrate(
          [&](double r) { return density(r, away); }, furthest * k / intervals, furthest * (k + 1) / intervals);
    }
    return p;
  }

  [[nodiscard]] std::vector<change> worst(const geometry& g) const {
    std::vector<change> axes;
    double limit = 0.0;
    for (std::size_t i = 0; i < rows(); ++i) {
      change line = blank();
      for (std::size_t j = 0; j < dimension(); ++j)
        line.features[i * dimension() + j] = rows_.features[i * dimension() + j] / distance(i);
      axes.push_back(line);
      limit = std::max(limit, (distance(i) + 6.0 * scales_[i]) / g.row_scales[i]);
    }
    return detail::descend(*this, g, axes, limit);
  }

private:
  [[nodiscard]] double distance(std::size_t row, const change& c) const {
    double sum = 0.0;
    for (std::size_t k = row * dimension(); k < (row + 1) * dimension(); ++k) {
      sum += (rows_.features[k] + c.features[k]) * (rows_.features[k] + c.features[k]);
    }
    return std::sqrt(sum);
  }

  /// Brief: the density of "the nearest row is not of class A, at distance r".
  [[nodiscard]] double density(double r, const std::vector<double>& away) const {
    double all_beyond = 1.0;
    double rate = 0.0;
    for (std::size_t i = 0; i < rows(); ++i) {
      const auto [cdf, density] = noisy_distance::at(r / scales_[i], away[i], dimension());
      const double beyond = 1.0 - cdf;
      if (!(beyond > 0.0)) return 0.0;
      all_beyond *= beyond;
      if (!in_a_[i]) rate += density / scales_[i] / beyond;
    }
    return rate * all_beyond;
  }

  change rows_;
  std::vector<bool> in_a_;
  noise_scales scales_;
};

static_assert(audited_learner<nearest_neighbour_learner>);

}  // namespace v1
}  // namespace certssb
