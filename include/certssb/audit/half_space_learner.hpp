// SPDX-License-Identifier: MIT
#pragma once
// Brief: the learner for which the radius of RAB is exact: it votes by the sign of a linear function of its noisy rows.

#include "certssb/audit/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/scales.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a member votes A where sum_i a_i . (x_i + sigma_i eps_i) + b > 0, x_i the rows; the mean classifier is the
/// case of a_i = +-(x - (m_0 + m_1)/2)/n_y held fixed. With test weights c it also adds c . (x + sigma_t u).
/// Maths: p_A = Phi(m / tau), m = sum_i a_i . x_i + b, tau^2 = sum_i |a_i|^2 sigma_i^2 + |c|^2 sigma_t^2. The label
/// flips once sum_i a_i . delta_i <= -m: in scales s_i at size m / sqrt(sum_i |a_i|^2 s_i^2) for L2, and m / max_i (s_i
/// max_j |a_ij|) for L1.
class half_space_learner {
public:
  /// Brief: takes the weights a [rows * d], the margin m, and the noise that the members see (sigma_i for each row).
  /// Throws: argument_error unless the weights make whole rows, one per scale, and m > 0.
  half_space_learner(std::vector<double> weights, double margin, noise_scales scales)
      : weights_{std::move(weights)}, margin_(margin), scales_(std::move(scales)) {
    expect(!weights_.features.empty() && weights_.features.size() % scales_.size() == 0,
           "half_space_learner: ", weights_.features.size(), " weights do not make ", scales_.size(), " whole rows");
    expect(margin > 0.0, "half_space_learner: the margin must be positive, got ", margin);
    for (std::size_t k = 0; k < weights_.features.size(); ++k) add(weights_.features[k], scales_[k / dimension()]);
  }

  /// Brief: the same, with a noisy test input of these weights and this scale.
  [[nodiscard]] half_space_learner with_test(std::vector<double> weights, double scale) const {
    half_space_learner more = *this;
    more.weights_.test = std::move(weights);
    for (const double c : more.weights_.test) more.add(c, scale);
    return more;
  }

  [[nodiscard]] std::size_t rows() const noexcept { return scales_.size(); }
  [[nodiscard]] std::size_t dimension() const noexcept { return weights_.features.size() / scales_.size(); }
  [[nodiscard]] change blank() const { return weights_.times(0.0); }
  [[nodiscard]] double against(const change& c) const { return normal_cdf(-margin(c) / spread()); }
  [[nodiscard]] std::vector<change> worst(const geometry& g) const { return {g.steepest(weights_)}; }

  /// Brief: patterns of norm 1 on the r rows with the largest weights and on a test input with weights, each along the
  /// steepest descent.
  [[nodiscard]] change worst_patterns(std::size_t r) const {
    const std::size_t d = dimension();
    std::vector<double> norms(rows());
    for (std::size_t k = 0; k < weights_.features.size(); ++k) {
      norms[k / d] = std::hypot(norms[k / d], weights_.features[k]);
    }
    std::vector<std::size_t> order(rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t i, std::size_t j) { return norms[i] > norms[j]; });
    change patterns = blank();
    for (std::size_t at = 0; at < r && norms[order[at]] > 0.0; ++at) {
      const std::size_t i = order[at];
      for (std::size_t k = i * d; k < (i + 1) * d; ++k) patterns.features[k] = -weights_.features[k] / norms[i];
    }
    double test = 0.0;
    for (const double c : weights_.test) test = std::hypot(test, c);
    for (std::size_t k = 0; k < patterns.test.size(); ++k) patterns.test[k] = -weights_.test[k] / test;
    return patterns;
  }

  /// Brief: tau, the standard deviation of what a member sums up.
  [[nodiscard]] double spread() const { return std::sqrt(variance_); }
  /// Brief: m under a change.
  [[nodiscard]] double margin(const change& c) const {
    const double moved = std::inner_product(c.features.begin(), c.features.end(), weights_.features.begin(), margin_);
    return std::inner_product(c.test.begin(), c.test.end(), weights_.test.begin(), moved);
  }

private:
  void add(double weight, double scale) { variance_ += weight * weight * scale * scale; }

  change weights_;
  double margin_;
  noise_scales scales_;
  double variance_ = 0.0;
};

static_assert(audited_learner<half_space_learner>);

}  // namespace v1
}  // namespace certssb
