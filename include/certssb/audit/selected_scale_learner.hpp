// SPDX-License-Identifier: MIT
#pragma once
// Brief: learners whose noise scales are chosen from the rows themselves, so that the scales change with the poison.

#include "certssb/audit/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"

#include <boost/math/distributions/non_central_chi_squared.hpp>

#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: row i's noise scale is rule(v_i), v_i its first coordinate, which changes no faster than the row.
/// Members: at(i, c) the scale of row i under the change c; values v_i, before any change.
template <class Rule>
struct selected_scales {
  Rule rule;
  std::vector<double> values;
  std::size_t dimension;

  [[nodiscard]] double at(std::size_t row, const change& c) const {
    return rule(values[row] + c.features[row * dimension]);
  }
};
template <class Rule>
selected_scales(Rule, std::vector<double>, std::size_t) -> selected_scales<Rule>;

/// Brief: a half-space vote under scales that change with the rows: p_A = Phi((m + a . delta) / tau(delta)). The scales
/// change how far p_A is from 1/2, but never on which side it is.
template <class Rule>
class selected_half_space_learner {
public:
  selected_half_space_learner(std::vector<double> weights, double margin, selected_scales<Rule> scales)
      : weights_{std::move(weights)}, margin_(margin), scales_(std::move(scales)) {
    expect(weights_.features.size() == scales_.values.size() * scales_.dimension,
           "selected_half_space_learner: ", weights_.features.size(), " weights for ", scales_.values.size(),
           " rows of ", scales_.dimension);
  }

  [[nodiscard]] std::size_t rows() const noexcept { return scales_.values.size(); }
  [[nodiscard]] std::size_t dimension() const noexcept { return scales_.dimension; }
  [[nodiscard]] change blank() const { return weights_.times(0.0); }
  [[nodiscard]] std::vector<change> worst(const geometry& g) const { return {g.steepest(weights_)}; }

  [[nodiscard]] double against(const change& c) const {
    double variance = 0.0;
    for (std::size_t k = 0; k < weights_.features.size(); ++k) {
      const double spread = weights_.features[k] * scales_.at(k / dimension(), c);
      variance += spread * spread;
    }
    return normal_cdf(-std::inner_product(c.features.begin(), c.features.end(), weights_.features.begin(), margin_) /
                      std::sqrt(variance));
  }

private:
  change weights_;
  double margin_;
  selected_scales<Rule> scales_;
};

/// Brief: a member looks at one of its rows, chosen uniformly, and votes A if the noise on it is short (with `far`, if
/// it is long): |z - centre|^2 <= threshold, the centre `offset` away from the row along its second axis. It hardly
/// depends on where the row is, but strongly on its scale.
/// Maths: p_A = mean over i of F(threshold / s_i^2; d, (|delta_i - centre_i| / s_i)^2), F the non-central chi-square
/// law (or 1 - F).
template <class Rule>
class energy_learner {
public:
  energy_learner(selected_scales<Rule> scales, double offset, double threshold, bool far)
      : scales_(std::move(scales)), offset_(offset), threshold_(threshold), far_(far) {
    expect(scales_.dimension >= 2, "energy_learner: rows need at least 2 coordinates, got ", scales_.dimension);
    expect(threshold > 0.0, "energy_learner: the threshold must be positive, got ", threshold);
  }

  [[nodiscard]] std::size_t rows() const noexcept { return scales_.values.size(); }
  [[nodiscard]] std::size_t dimension() const noexcept { return scales_.dimension; }
  [[nodiscard]] change blank() const { return {std::vector<double>(rows() * dimension())}; }

  [[nodiscard]] double against(const change& c) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < rows(); ++i) {
      double away = 0.0;
      for (std::size_t j = 0; j < dimension(); ++j) {
        const double step = c.features[i * dimension() + j] - (j == 1 ? offset_ : 0.0);
        away += step * step;
      }
      const double variance = scales_.at(i, c) * scales_.at(i, c);
      sum += longer(away / variance, threshold_ / variance, far_);
    }
    return sum / static_cast<double>(rows());
  }

  /// Brief: changes of all rows along the axis that changes the scale, and along the one that moves the row from its
  /// centre, in both directions.
  [[nodiscard]] std::vector<change> worst(const geometry& g) const {
    std::vector<change> tried;
    for (const double up : {1.0, 0.0, -1.0}) {
      for (const double away : {1.0, 0.0, -1.0}) {
        if (up == 0.0 && away == 0.0) continue;
        change all = blank();
        for (std::size_t i = 0; i < rows(); ++i) {
          all.features[i * dimension()] = up;
          all.features[i * dimension() + 1] = away;
        }
        tried.push_back(g.unit(all));
      }
    }
    return tried;
  }

private:
  /// Brief: the probability that noise of this non-centrality is longer (or shorter) than the threshold.
  /// Maths: past 1e6, far beyond any claim, the normal law that the chi-square law tends to is used.
  [[nodiscard]] double longer(double apart, double threshold, bool shorter) const {
    const auto d = static_cast<double>(dimension());
    if (apart > 1e6) {
      const double z = (threshold - d - apart) / std::sqrt(2.0 * (d + 2.0 * apart));
      return normal_cdf(shorter ? z : -z);
    }
    const boost::math::non_central_chi_squared law(d, apart);
    return shorter ? boost::math::cdf(law, threshold) : boost::math::cdf(boost::math::complement(law, threshold));
  }

  selected_scales<Rule> scales_;
  double offset_;
  double threshold_;
  bool far_;
};

}  // namespace v1
}  // namespace certssb
