// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of the modes whose scales are found from the features, and therefore change with the poison.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/audit/selected_scale_learner.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/sigma/options.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a scale for each bin of the row's first coordinate.
struct binned_scale {
  double width;
  std::vector<double> levels;

  [[nodiscard]] double bin(double v) const { return std::floor(v / width); }
  [[nodiscard]] double operator()(double v) const {
    const auto last = static_cast<double>(levels.size() - 1);
    return levels[static_cast<std::size_t>(std::clamp(bin(v), 0.0, last))];
  }
  /// Brief: the distance to the nearest edge.
  [[nodiscard]] double constant_within(double v) const {
    return std::min(v - bin(v) * width, (bin(v) + 1.0) * width - v) * (1.0 - 1e-12);
  }
};

/// Brief: half spaces and energy learners under a scale that jumps at the edges of bins.
[[nodiscard]] inline claim_outcome audit_quantised(const instance_draws& draws) {
  binned_scale rule{draws.scale(0.5, 20.0), {}};
  for (int level = 0; level < 4; ++level) rule.levels.push_back(draws.scale(0.2, 2.0));
  const std::size_t rows = draws.count(1, 3);
  std::vector<double> values;
  std::vector<double> observed;
  std::vector<double> within;
  for (std::size_t i = 0; i < rows; ++i) {
    values.push_back(rule.width * draws.between(0.0, 4.0));
    observed.push_back(rule(values[i]));
    within.push_back(rule.constant_within(values[i]));
  }
  const training_scales scales(observed);
  const auto mode =
      quantised_mode::from_parts(scales, within, gaussian_noise{}, assume::selector_fixed_independently_of_data{});
  const std::size_t d = draws.count(2, 40);
  const selected_scales chosen{rule, values, d};
  if (draws.coin()) return attack_claim(mode, random_energy(draws, chosen), weighted_by(scales), draws.stream());
  return attack_claim(mode, random_selected_half_space(draws, chosen), weighted_by(scales), draws.stream());
}

/// Brief: sigma_0 exp(eta v): log sigma changes by exactly eta per unit of the row.
struct exponential_scale {
  double sigma;
  double eta;

  [[nodiscard]] double operator()(double v) const { return sigma * std::exp(eta * v); }
};

/// Brief: half spaces and energy learners under a scale that changes slowly with the row.
[[nodiscard]] inline claim_outcome audit_semi_elastic(const instance_draws& draws, changed_rows which) {
  const std::size_t d = draws.count(2, 40);
  const std::size_t rows = which == changed_rows::one ? 1 : draws.count(1, 3);
  const double sigma = draws.scale(0.3, 2.0);
  // A slope near 0 is mode `uniform`, and one row's exact certificate is slow there.
  const double slope = which == changed_rows::one ? draws.scale(0.05, 1.0) : draws.scale(0.002, 0.5);
  const exponential_scale rule{sigma, slope / (sigma * std::sqrt(static_cast<double>(d)))};
  const std::vector<double> values = draws.normals(rows);
  std::vector<double> observed;
  for (const double v : values) observed.push_back(rule(v));
  const training_scales scales(observed);
  const auto mode = semi_elastic_mode::from_parts(scales, {rule.eta, d, which}, gaussian_noise{},
                                                  assume::selector_fixed_independently_of_data{});
  const selected_scales chosen{rule, values, d};
  if (draws.coin()) return attack_claim(mode, random_energy(draws, chosen), weighted_by(scales), draws.stream());
  return attack_claim(mode, random_selected_half_space(draws, chosen), weighted_by(scales), draws.stream());
}

[[nodiscard]] inline claim_outcome audit_semi_elastic_many(const instance_draws& draws) {
  return audit_semi_elastic(draws, changed_rows::many);
}
[[nodiscard]] inline claim_outcome audit_semi_elastic_one(const instance_draws& draws) {
  return audit_semi_elastic(draws, changed_rows::one);
}

/// Brief: the scale that sigma ascent finds for a row at margin v from a trained model's boundary.
/// Maths: the model's score is Phi(steepness v), for which dR/dsigma = a/(1 + sigma^2 s^2)^{3/2} in closed form, a =
/// steepness |v|, s = steepness; the library's default number of steps and rate.
struct ascended_scale {
  double steepness;

  [[nodiscard]] double operator()(double v) const {
    const ascent_options options;
    double sigma = options.initial;
    for (std::size_t step = 0; step < options.steps; ++step) {
      const double slope = steepness * std::abs(v) / std::pow(1.0 + std::pow(sigma * steepness, 2.0), 1.5);
      sigma = std::clamp(sigma * std::exp(options.rate * sigma * slope), options.floor, options.ceiling);
    }
    return sigma;
  }
};

/// Brief: the claim of `given_scales`, attacked in a world where the ascent runs again on the poisoned rows.
[[nodiscard]] inline claim_outcome audit_given_scales_recomputed(const instance_draws& draws) {
  const ascended_scale rule{draws.between(0.5, 4.0)};
  const selected_scales found{rule, {draws.between(-2.0, 2.0)}, draws.count(20, 800)};
  const training_scales observed({rule(found.values[0])});
  return attack_claim(
      given_scales_mode::from_parts(observed, gaussian_noise{}, test_scale_origin::fixed_or_of_each_member),
      random_energy(draws, found), weighted_by(observed), draws.stream());
}

}  // namespace v1
}  // namespace certssb
