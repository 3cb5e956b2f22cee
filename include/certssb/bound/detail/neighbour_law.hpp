// SPDX-License-Identifier: MIT
#pragma once
// Brief: the law of the distance to the nearest row of each class, under Gaussian noise on the rows.

#include "certssb/bound/detail/poisson_mixture.hpp"
#include "certssb/core/label.hpp"
#include "certssb/noise/scales.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: bounds of log G_c(t), the chance that no row of class c is nearer than t, for every class.
struct survival {
  std::vector<double> lower;  ///< [K], logarithms
  std::vector<double> upper;
};

/// Brief: G_c(t) of all classes at any t, from squared distances to one test input.
/// Maths: T_i = |x_i + sigma_i eps_i - x|^2 = sigma_i^2 chi'^2_d(lambda_i), lambda_i = |x_i - x|^2 / sigma_i^2;
/// log G_c = sum of log(1 - F_i). Rows of one scale share their central laws. Up to the horizon given, a row with
/// F_i <= light counts in a sum with its class's others, by F <= -log(1 - F) <= F / (1 - light); from the row on whose
/// F_j is negligible, all farther rows are bounded by F_i <= F_j (the law grows with lambda).
class neighbour_law {
public:
  neighbour_law(std::span<const double> distances2, std::span<const label_type> labels, std::size_t classes,
                const noise_scales& sigmas, std::size_t row_size)
      : row_size_(row_size), present_(classes), certain_(classes) {
    std::map<double, group> by_scale;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto c = static_cast<std::size_t>(labels[i]);
      by_scale[sigmas[i]].rows.push_back({distances2[i] / (sigmas[i] * sigmas[i]), c});
      present_[c] = 1;
    }
    for (auto& [sigma, members] : by_scale) {
      members.variance = sigma * sigma;
      std::ranges::sort(members.rows, {}, &row::lambda);
      groups_.push_back(std::move(members));
    }
  }

  [[nodiscard]] std::size_t classes() const noexcept { return present_.size(); }
  [[nodiscard]] bool present(std::size_t c) const noexcept { return present_[c] != 0; }

  /// Brief: a t that some row's T_i exceeds with probability at most e^-x.
  /// Reference: Birge (2001), lemma 8.1: P(chi'^2 >= d + lambda + 2 sqrt((d + 2 lambda) x) + 2x) <= e^-x.
  [[nodiscard]] double quantile(double x) const {
    const auto d = static_cast<double>(row_size_);
    double least = std::numeric_limits<double>::infinity();
    for (const group& g : groups_) {
      const double lambda = g.rows.front().lambda;
      least = std::min(least, g.variance * (d + lambda + 2.0 * std::sqrt((d + 2.0 * lambda) * x) + 2.0 * x));
    }
    return least;
  }

  /// Brief: prepares the law for t in (0, horizon].
  void prepare(double horizon, double light) {
    std::ranges::fill(certain_, 0.0);
    std::size_t rows = 0;
    for (const group& g : groups_) rows += g.rows.size();
    const double nothing = 1e-3 * light / static_cast<double>(rows);
    for (group& g : groups_) {
      const auto first_below = [&](double f) {
        return std::ranges::partition_point(g.rows, [&](const row& r) { return upper_cdf(g, r, horizon) > f; });
      };
      const auto heavy = first_below(light);
      const auto counted = first_below(nothing);
      g.heavy.clear();
      g.light.assign(classes(), {});
      for (auto r = g.rows.begin(); r != heavy; ++r)
        g.heavy.emplace_back(poisson_weights::of_mean(0.5 * r->lambda), r->c);
      for (auto r = heavy; r < counted; ++r) g.light[r->c].merge(poisson_weights::of_mean(0.5 * r->lambda));
      if (counted < g.rows.end()) {
        const double most = std::log1p(-upper_cdf(g, *counted, horizon));
        for (auto r = counted; r != g.rows.end(); ++r) certain_[r->c] += most;
      }
      g.first = std::numeric_limits<std::size_t>::max();
      g.last = 0;
      const auto cover = [&](const poisson_weights& w) {
        if (w.weights.empty()) return;
        g.first = std::min(g.first, w.first);
        g.last = std::max(g.last, w.last());
      };
      for (const auto& [weights, c] : g.heavy) cover(weights);
      for (const poisson_weights& weights : g.light) cover(weights);
    }
    light_ = light;
  }

  /// Requires: 0 < t <= the horizon prepared for.
  [[nodiscard]] survival at(double t) const {
    survival g{certain_, std::vector<double>(classes())};
    central_table central;
    for (const group& part : groups_) {
      if (part.first >= part.last) continue;
      central.fill(row_size_, 0.5 * t / part.variance, part.first, part.last);
      for (const auto& [weights, c] : part.heavy) {
        const double f = central.probability(weights);
        g.lower[c] += std::log1p(-std::min(1.0, above(f)));
        g.upper[c] += std::log1p(-below(f));
      }
      for (std::size_t c = 0; c < classes(); ++c) {
        if (part.light[c].weights.empty()) continue;
        const double f = central.probability(part.light[c]);
        g.lower[c] -= above(f) / (1.0 - light_);
        g.upper[c] -= below(f);
      }
    }
    for (std::size_t c = 0; c < classes(); ++c) {
      g.lower[c] *= 1.0 + mixture_slack;
      g.upper[c] *= 1.0 - mixture_slack;
    }
    return g;
  }

  /// Brief: the largest change of a class's probability by relative errors of the distances.
  /// Maths: such an error moves row i by at most `relative` |x_i - x|, which is a change of the features of size S =
  /// relative sqrt(sum lambda_i); PhiInv(q) is 1-Lipschitz in S, so q moves by at most S / sqrt(2 pi).
  [[nodiscard]] double moved_by(double relative) const {
    double sum = 0.0;
    for (const group& g : groups_) {
      for (const row& r : g.rows) sum += r.lambda;
    }
    return 0.4 * relative * std::sqrt(sum);
  }

private:
  struct row {
    double lambda;
    std::size_t c;
  };
  struct group {
    double variance = 0.0;
    std::vector<row> rows = {};  ///< ascending in lambda
    std::vector<std::pair<poisson_weights, std::size_t>> heavy = {};
    std::vector<poisson_weights> light = {};  ///< [K], merged
    std::size_t first = 0;
    std::size_t last = 0;
  };

  static double above(double f) { return f * (1.0 + mixture_slack) + 1e-16; }
  static double below(double f) { return f * (1.0 - mixture_slack); }

  [[nodiscard]] double upper_cdf(const group& g, const row& r, double t) const {
    const poisson_weights weights = poisson_weights::of_mean(0.5 * r.lambda);
    central_table central;
    central.fill(row_size_, 0.5 * t / g.variance, weights.first, weights.last());
    return std::min(1.0, above(central.probability(weights)));
  }

  std::size_t row_size_;
  double light_ = 0.0;
  std::vector<char> present_;    ///< [K]
  std::vector<double> certain_;  ///< [K], log bound of the rows that were left out
  std::vector<group> groups_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
