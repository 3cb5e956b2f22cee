// SPDX-License-Identifier: MIT
#pragma once
// Brief: one random instance of each mode: a learner, the mode's claim of it, and attacks on that claim.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/label_flip_learner.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/audit/repeated_exposure_learner.hpp"
#include "certssb/bound/smoothed_neighbour.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/sigma/options.hpp"
#include "certssb/storage/update_rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace certssb::inline v1 {

/// Brief: half spaces and thresholds at one constant scale.
[[nodiscard]] inline claim_outcome audit_uniform(const instance_draws& draws) {
  const noise_scales scales = draws.scales(draws.count(1, 6), true);
  const uniform_mode mode(scales, gaussian_noise{});
  const geometry weighted = weighted_by(scales);
  if (draws.coin()) return attack_claim(mode, random_half_space(draws, scales), weighted, draws.stream());
  return attack_claim(mode, random_threshold<gaussian_law>(draws, scales, 4.0), weighted, draws.stream());
}

/// Brief: half spaces and thresholds whose rows have scales of their own, the same before and after the attack.
template <class Mode>
[[nodiscard]] claim_outcome audit_held_scales(const instance_draws& draws, const Mode& make_mode) {
  const noise_scales scales = draws.scales(draws.count(1, 6), false);
  const auto mode = make_mode(scales);
  const geometry weighted = weighted_by(scales);
  if (draws.coin()) return attack_claim(mode, random_half_space(draws, scales), weighted, draws.stream());
  return attack_claim(mode, random_threshold<gaussian_law>(draws, scales, 4.0), weighted, draws.stream());
}

[[nodiscard]] inline claim_outcome audit_given_scales(const instance_draws& draws) {
  return audit_held_scales(draws, [](const noise_scales& s) { return given_scales_mode(s, gaussian_noise{}, false); });
}

[[nodiscard]] inline claim_outcome audit_frozen(const instance_draws& draws) {
  return audit_held_scales(draws, [](const noise_scales& s) {
    return frozen_mode(s, gaussian_noise{}, assume::scales_independent_of_features{});
  });
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
  const noise_scales observed({rule(found.values[0])});
  return attack_claim(given_scales_mode(observed, gaussian_noise{}, false), random_energy(draws, found),
                      weighted_by(observed), draws.stream());
}

/// Brief: half spaces over rows shown 1 to 20 times, and an adaptive learner that looks again where it doubts.
[[nodiscard]] inline claim_outcome audit_ledger(const instance_draws& draws) {
  const gaussian_noise noise;
  if (draws.coin()) {
    const double first = draws.scale(0.2, 2.0);
    const adaptive_exposure_learner learner(first * draws.between(-1.0, 3.0), first, draws.scale(0.2, 2.0),
                                            first * draws.between(-1.0, 2.0), first * draws.between(-0.5, 0.5));
    const std::vector<double> caps{learner.cap()};
    const ledger_mode mode(caps, noise, assume::rows_read_only_through_the_ledger{});
    return attack_claim(mode, learner, {{1.0 / std::sqrt(caps[0])}}, draws.stream());
  }
  const std::size_t rows = draws.count(1, 5);
  std::vector<std::vector<double>> exposures(rows);
  std::vector<double> caps(rows);
  geometry weighted;
  for (std::size_t i = 0; i < rows; ++i) {
    exposures[i].resize(draws.count(1, 20));
    for (double& sigma : exposures[i]) {
      sigma = draws.scale(0.2, 2.0);
      caps[i] += 1.0 / (sigma * sigma);
    }
    weighted.row_scales.push_back(1.0 / std::sqrt(caps[i]));
  }
  const std::size_t d = draws.count(1, 4);
  const ledger_mode mode(caps, noise, assume::rows_read_only_through_the_ledger{});
  return attack_claim(
      mode, repeated_exposure_learner(draws.normals(rows * d), draws.between(0.02, 2.0), exposures, draws.coin()),
      weighted, draws.stream());
}

/// Brief: a half space on released rows, and a learner that adds noise of its own to what was released.
[[nodiscard]] inline claim_outcome audit_floor(const instance_draws& draws) {
  const noise_scales released = draws.scales(draws.coin() ? 1 : 4, true);
  const floor_mode mode(released, gaussian_noise{});
  if (released.size() == 1) {
    const double sigma = released[0];
    return attack_claim(mode, noised_first_learner(sigma * draws.between(0.05, 3.0), sigma, draws.scale(0.05, 2.0)),
                        weighted_by(released), draws.stream());
  }
  return attack_claim(mode, random_half_space(draws, released), weighted_by(released), draws.stream());
}

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
  const noise_scales scales(observed);
  const quantised_mode mode(scales, within, gaussian_noise{}, assume::selector_fixed_independently_of_data{});
  const std::size_t d = draws.count(2, 40);
  const selected_scales chosen{rule, values, d};
  if (draws.coin()) return attack_claim(mode, random_energy(draws, chosen), weighted_by(scales), draws.stream());
  std::vector<double> weights = draws.normals(rows * d);
  double variance = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) variance += weights[k] * weights[k] * scales[k / d] * scales[k / d];
  const selected_half_space_learner learner(std::move(weights), draws.between(0.05, 3.0) * std::sqrt(variance), chosen);
  return attack_claim(mode, learner, weighted_by(scales), draws.stream());
}

/// Brief: sigma_0 exp(eta v): log sigma changes by eta a unit of the row, no more and no less.
struct exponential_scale {
  double sigma;
  double eta;

  [[nodiscard]] double operator()(double v) const { return sigma * std::exp(eta * v); }
};

/// Brief: half spaces and energy learners under a scale that follows the row slowly.
[[nodiscard]] inline claim_outcome audit_semi_elastic(const instance_draws& draws, changed_rows which) {
  const std::size_t d = draws.count(2, 40);
  const std::size_t rows = which == changed_rows::one ? 1 : draws.count(1, 3);
  const double sigma = draws.scale(0.3, 2.0);
  const exponential_scale rule{sigma, draws.scale(0.002, 0.5) / (sigma * std::sqrt(static_cast<double>(d)))};
  const std::vector<double> values = draws.normals(rows);
  std::vector<double> observed;
  for (const double v : values) observed.push_back(rule(v));
  const noise_scales scales(observed);
  const semi_elastic_mode mode(scales, {rule.eta, d, which}, gaussian_noise{},
                               assume::selector_fixed_independently_of_data{});
  const selected_scales chosen{rule, values, d};
  if (draws.coin()) return attack_claim(mode, random_energy(draws, chosen), weighted_by(scales), draws.stream());
  std::vector<double> weights = draws.normals(rows * d);
  double variance = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) variance += weights[k] * weights[k] * scales[k / d] * scales[k / d];
  const selected_half_space_learner learner(std::move(weights), draws.between(0.05, 3.0) * std::sqrt(variance), chosen);
  return attack_claim(mode, learner, weighted_by(scales), draws.stream());
}

[[nodiscard]] inline claim_outcome audit_semi_elastic_many(const instance_draws& draws) {
  return audit_semi_elastic(draws, changed_rows::many);
}
[[nodiscard]] inline claim_outcome audit_semi_elastic_one(const instance_draws& draws) {
  return audit_semi_elastic(draws, changed_rows::one);
}

/// Brief: one-dimensional thresholds under noise that is certified in L1.
[[nodiscard]] inline claim_outcome audit_uniform_l1(const instance_draws& draws) {
  const noise_scales scales = draws.scales(draws.count(1, 4), true);
  return attack_claim(uniform_l1_mode(scales, uniform_noise{}), random_threshold<uniform_law>(draws, scales, 1.5),
                      weighted_by(scales, true), draws.stream());
}
[[nodiscard]] inline claim_outcome audit_laplace_l1(const instance_draws& draws) {
  const noise_scales scales = draws.scales(draws.count(1, 4), true);
  return attack_claim(laplace_l1_mode(scales, laplace_noise{}), random_threshold<laplace_law>(draws, scales, 8.0),
                      weighted_by(scales, true), draws.stream());
}

/// Brief: the smoothed nearest neighbour. The certificate comes from the library's enclosure, the truth from another
/// quadrature; an enclosure that misses the truth counts as a violation.
[[nodiscard]] inline claim_outcome audit_knn1_exact(const instance_draws& draws) {
  const noise_scales scales = draws.scales(draws.count(2, 5), draws.coin());
  const nearest_neighbour_learner learner = random_neighbours(draws, scales);
  const double p = learner.probability(learner.blank());
  if (!(p > 0.5)) return {};
  std::vector<double> distances2;
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    distances2.push_back(learner.distance(i) * learner.distance(i));
    labels.push_back(learner.in_a(i) ? 0 : 1);
  }
  const auto classes = smoothed_neighbour_bounds(distances2, labels, 2, scales, learner.dimension());
  const knn1_exact_mode mode(scales);
  const bounded_top top = find_bounded_top(classes);
  const bool missed = p < classes[0].lower - 1e-12 || p > classes[0].upper + 1e-12;
  claim_outcome found = attack_budget(mode, top.label == 0 ? mode.budget(top.lower, top.upper) : 0.0, learner,
                                      weighted_by(scales), draws.stream(), 0, 0, 2);
  found.violated = found.violated || missed;
  return found;
}

/// Brief: half spaces that add up the rows and the noisy test input, one to five draws of it.
[[nodiscard]] inline claim_outcome audit_joint(const instance_draws& draws) {
  const noise_scales scales = draws.scales(draws.count(1, 5), true);
  const test_noise test{draws.scale(0.1, 2.0), draws.count(1, 5)};
  const joint<uniform_mode> mode(uniform_mode(scales, gaussian_noise{}), test, gaussian_noise{},
                                 assume::test_scale_fixed_beforehand{});
  geometry weighted = weighted_by(scales);
  weighted.test_scale = test.sigma / std::sqrt(static_cast<double>(test.draws));
  return attack_claim(mode,
                      random_half_space(draws, scales).with_test(draws.normals(draws.count(1, 4)), weighted.test_scale),
                      weighted, draws.stream());
}

/// Brief: learners that use features and labels; for half of them the best test there is of the very attack.
[[nodiscard]] inline claim_outcome audit_label_noise(const instance_draws& draws) {
  const std::size_t changed = draws.count(1, 4);
  const bool best = draws.coin();
  const std::size_t rows = best ? changed : changed + draws.count(0, 3);
  const std::size_t d = draws.count(1, 3);
  const double q = draws.between(0.2, 0.48);
  const noise_scales scales = draws.scales(rows, true);
  std::vector<double> weights = draws.normals(rows * d);
  double squares = 0.0;
  for (const double a : weights) squares += a * a;
  const double tau = scales[0] * std::sqrt(squares);
  const double shift = draws.between(0.1, 2.0);
  const double odds = std::log((1.0 - q) / q);
  const double gain = best ? tau * odds / shift : tau * draws.between(0.0, 1.0);
  const double margin = best ? tau * shift * draws.between(0.3, 1.0) : tau * draws.between(0.2, 3.0);
  const label_flip_learner learner(std::move(weights), margin, scales[0], rows, gain, q);
  const label_noise<uniform_mode> mode(uniform_mode(scales, gaussian_noise{}),
                                       label_flips(q, static_cast<std::uint32_t>(changed)),
                                       assume::labels_flipped_in_every_member{});
  return attack_claim(mode, learner, weighted_by(scales), draws.stream(), changed);
}

/// Brief: a random stream of test inputs through storage-update, and then inputs inside the stored balls, asked with
/// another label: each must be answered as stored.
/// Maths: tightness is the least distance from a stored centre to a region of another label, in stored radii.
[[nodiscard]] inline claim_outcome audit_memory(const instance_draws& draws) {
  constexpr int samples = 30;
  const std::size_t d = draws.count(1, 4);
  const storage_policy policy = draws.coin() ? storage_policy::min : storage_policy::slack;
  region_store<double> store(d);
  const auto ask = [&](std::vector<double> centre, const region& asked) {
    return process(store, std::span<const double>(centre), asked, policy);
  };
  for (int i = 0; i < samples; ++i) {
    std::vector<double> centre = draws.normals(d);
    for (double& x : centre) x *= 2.0;
    ask(std::move(centre), {static_cast<label_type>(draws.count(0, 2)), draws.between(0.0, 1.5)});
  }
  claim_outcome found{.claimed = store.size() > 0};
  const std::size_t stored = store.size();
  const auto distance = [&](std::size_t i, std::size_t k) {
    double sum = 0.0;
    for (std::size_t j = 0; j < d; ++j) sum += std::pow(store.centre(i)[j] - store.centre(k)[j], 2.0);
    return std::sqrt(sum);
  };
  for (std::size_t i = 0; i < stored; ++i) {
    for (std::size_t k = 0; k < stored; ++k) {
      if (store[i].label == store[k].label) continue;
      found.tightness = std::min(found.tightness, (distance(i, k) - store[k].radius) / store[i].radius);
    }
  }
  for (std::size_t i = 0; i < stored; ++i) {
    const std::vector<double> direction = draws.normals(d);
    double length = 0.0;
    for (const double x : direction) length = std::hypot(length, x);
    const double t = store[i].radius * (draws.coin() ? 1.0 - 1e-9 : draws.between(0.0, 1.0)) / length;
    std::vector<double> inside(store.centre(i).begin(), store.centre(i).end());
    for (std::size_t j = 0; j < d; ++j) inside[j] += t * direction[j];
    found.violated = found.violated || ask(std::move(inside), {(store[i].label + 1) % 3, 0.0}).label != store[i].label;
  }
  return found;
}

/// Brief: the published radius: rows at one scale, the test sample's own scale larger, as an ascent that only grows
/// leaves it.
/// Maths: the released scales exceed the common one by factors of 1.16 to 2.75 in the mean.
[[nodiscard]] inline claim_outcome audit_published(const instance_draws& draws) {
  const noise_scales scales = draws.scales(draws.count(1, 6), true);
  const published_mode mode(noise_scales({scales[0] * draws.between(1.16, 2.75)}), gaussian_noise{});
  return attack_claim(mode, random_half_space(draws, scales), weighted_by(scales), draws.stream());
}

}  // namespace certssb::inline v1
