// SPDX-License-Identifier: MIT
#pragma once
// Brief: random learners for audits, each from its own keyed stream.

#include "certssb/audit/half_space_learner.hpp"
#include "certssb/audit/nearest_neighbour_learner.hpp"
#include "certssb/audit/selected_scale_learner.hpp"
#include "certssb/audit/threshold_learner.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/core/random.hpp"
#include "certssb/noise/scales.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the draws of one random instance.
class instance_draws {
public:
  explicit instance_draws(random_stream& stream) : stream_(stream) {}

  [[nodiscard]] random_stream& stream() const noexcept { return stream_; }
  [[nodiscard]] double between(double low, double high) const { return low + (high - low) * stream_.uniform(); }
  [[nodiscard]] double scale(double low, double high) const {
    return low * std::exp(stream_.uniform() * std::log(high / low));
  }
  [[nodiscard]] std::size_t count(std::size_t low, std::size_t high) const {
    return low + stream_.below(static_cast<std::uint32_t>(high - low + 1));
  }
  [[nodiscard]] bool coin() const { return stream_.below(2) == 0; }
  [[nodiscard]] std::vector<double> normals(std::size_t n) const {
    std::vector<double> values(n);
    for (double& x : values) x = normal_quantile(stream_.uniform());
    return values;
  }
  [[nodiscard]] training_scales scales(std::size_t rows, bool equal) const {
    std::vector<double> values(rows, scale(0.1, 2.0));
    if (!equal) {
      for (double& sigma : values) sigma = scale(0.1, 2.0);
    }
    return training_scales(std::move(values));
  }

private:
  random_stream& stream_;
};

/// Brief: the sizes of changes for a mode with these scales.
[[nodiscard]] inline geometry weighted_by(const noise_scales& scales, bool l1 = false) {
  return {{scales.values().begin(), scales.values().end()}, 1.0, l1};
}

/// Brief: a half space over d coordinates per row, p_A from .51 to .9998.
[[nodiscard]] inline half_space_learner random_half_space(const instance_draws& draws, const noise_scales& scales) {
  const std::size_t d = draws.count(1, 5);
  std::vector<double> weights = draws.normals(scales.size() * d);
  double variance = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    variance += weights[k] * weights[k] * scales[k / d] * scales[k / d];
  }
  return {std::move(weights), draws.between(0.03, 3.5) * std::sqrt(variance), scales};
}

/// Brief: the same with scales that depend on the rows, p_A from .52 to .9987 before any change.
template <class Rule>
[[nodiscard]] selected_half_space_learner<Rule> random_selected_half_space(const instance_draws& draws,
                                                                           selected_scales<Rule> scales) {
  const std::size_t d = scales.dimension;
  std::vector<double> weights = draws.normals(scales.values.size() * d);
  double variance = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double sigma = scales.rule(scales.values[k / d]);
    variance += weights[k] * weights[k] * sigma * sigma;
  }
  return {std::move(weights), draws.between(0.05, 3.0) * std::sqrt(variance), std::move(scales)};
}

/// Brief: thresholds whose rows lie up to `far` scales away.
template <class Law>
[[nodiscard]] threshold_learner<Law> random_threshold(const instance_draws& draws, const noise_scales& scales,
                                                      double far) {
  std::vector<double> margins;
  for (const double sigma : scales.values()) margins.push_back(sigma * draws.between(0.0, far));
  return {std::move(margins), scales};
}

/// Brief: rows of 1 or 3 coordinates; those of class A are nearer in the mean.
[[nodiscard]] inline nearest_neighbour_learner random_neighbours(const instance_draws& draws,
                                                                 const noise_scales& scales) {
  const std::size_t d = draws.coin() ? 1 : 3;
  std::vector<double> rows = draws.normals(scales.size() * d);
  std::vector<bool> in_a(scales.size());
  for (std::size_t i = 0; i < scales.size(); ++i) {
    in_a[i] = i == 0 || (i > 1 && draws.coin());
    for (std::size_t j = 0; j < d; ++j) rows[i * d + j] *= in_a[i] ? 0.7 : 2.0;
  }
  return {std::move(rows), std::move(in_a), scales};
}

/// Brief: rows of d coordinates whose noise is measured, at a threshold for which p_A is above 1/2.
template <class Rule>
[[nodiscard]] energy_learner<Rule> random_energy(const instance_draws& draws, selected_scales<Rule> scales) {
  const bool far = draws.coin();
  const double variance = scales.rule(scales.values[0]) * scales.rule(scales.values[0]);
  const double offset = draws.coin() ? 0.0 : draws.between(0.0, 2.0) * std::sqrt(variance);
  const auto d = static_cast<double>(scales.dimension);
  const double lambda = offset * offset / variance;
  const double spread = draws.between(0.1, 2.5) * std::sqrt(2.0 * (d + 2.0 * lambda));
  const double mean = d + lambda;
  const double threshold = std::max(0.05 * mean, far ? mean - spread : mean + spread) * variance;
  return {std::move(scales), offset, threshold, far};
}

}  // namespace v1
}  // namespace certssb
