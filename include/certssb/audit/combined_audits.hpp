// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of modes with flags: a test input that moves too, labels that change too, more classes than two.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/label_flip_learner.hpp"
#include "certssb/audit/many_classes_learner.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what comes on top of a mode.
enum class audited_flags { joint, label_noise, joint_and_label_noise, many_classes };

namespace detail {

/// Brief: the mode on these scales; `quantised` with random distances within which its selector is constant.
template <class Mode>
[[nodiscard]] Mode random_mode(const instance_draws& draws, const training_scales& scales) {
  const gaussian_noise noise;
  if constexpr (std::same_as<Mode, frozen_mode>) {
    return Mode::from_parts(scales, noise, assume::scales_independent_of_features{});
  } else if constexpr (std::same_as<Mode, ledger_mode>) {
    return Mode::from_parts(scales, noise, assume::rows_read_only_through_the_ledger{});
  } else if constexpr (std::same_as<Mode, quantised_mode>) {
    std::vector<double> within(scales.size());
    for (double& rho : within) rho = draws.scale(0.05, 5.0);
    return Mode::from_parts(scales, std::move(within), noise, assume::selector_fixed_independently_of_data{});
  } else {
    return Mode::from_parts(scales, noise);
  }
}

/// Brief: weights of length 1/s^2 on the r rows of the smallest scales, and none on the others: for a common norm on r
/// rows there is no worse half space.
[[nodiscard]] inline std::vector<double> aimed_weights(const instance_draws& draws, const noise_scales& scales,
                                                       std::size_t r, std::size_t d) {
  std::vector<double> sorted(scales.values().begin(), scales.values().end());
  std::ranges::sort(sorted);
  std::vector<double> weights = draws.normals(scales.size() * d);
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    double length = 0.0;
    for (std::size_t j = 0; j < d; ++j) length = std::hypot(length, weights[i * d + j]);
    const bool in = scales[i] <= sorted[r - 1] && chosen < r;
    chosen += in ? 1 : 0;
    const double wanted = in ? 1.0 / (scales[i] * scales[i]) : 0.0;
    for (std::size_t j = 0; j < d; ++j) weights[i * d + j] *= wanted / length;
  }
  return weights;
}

/// Brief: a half space over rows of these scales and, where test_scale > 0, a noisy test input of that scale; half of
/// them are the worst for patterns of a common norm. Its margin is `margin(tau)`, tau its spread.
template <class Margin>
[[nodiscard]] half_space_learner random_combined_half_space(const instance_draws& draws, const noise_scales& scales,
                                                            double test_scale, const Margin& margin) {
  const std::size_t d = draws.count(1, 3);
  const bool aimed = draws.coin();
  std::vector<double> rows =
      aimed ? aimed_weights(draws, scales, draws.count(1, scales.size()), d) : draws.normals(scales.size() * d);
  std::vector<double> test;
  if (test_scale > 0.0) {
    test = draws.normals(aimed ? 1 : draws.count(1, 3));
    if (aimed) test[0] = std::copysign(1.0 / (test_scale * test_scale), test[0]);
  }
  const half_space_learner unit = half_space_learner(rows, 1.0, scales).with_test(test, test_scale);
  return half_space_learner(std::move(rows), margin(unit.spread()), scales).with_test(std::move(test), test_scale);
}

}  // namespace detail

/// Brief: half spaces against a mode with flags. `as_claimed` gives what is attacked; the mode with its flags unless the
/// auditor plants a fault.
/// Maths: with label noise half of them have the most powerful test of the attack itself in them.
template <class Mode, audited_flags Flags, class Claimed = std::identity>
[[nodiscard]] claim_outcome audit_combined(const instance_draws& draws, const Claimed& as_claimed) {
  constexpr bool with_labels = Flags == audited_flags::label_noise || Flags == audited_flags::joint_and_label_noise;
  constexpr bool with_test = Flags == audited_flags::joint || Flags == audited_flags::joint_and_label_noise;
  const std::size_t changed = with_labels ? draws.count(1, 3) : 0;
  const bool best = draws.coin();
  const std::size_t rows = !with_labels ? draws.count(1, 4) : best ? changed : changed + draws.count(0, 2);
  constexpr bool one_scale = std::same_as<Mode, uniform_mode> || std::same_as<Mode, floor_mode>;
  const training_scales scales = draws.scales(rows, one_scale);
  const Mode base = detail::random_mode<Mode>(draws, scales);
  const test_noise test{draws.scale(0.1, 2.0), draws.count(1, 5)};
  geometry weighted = weighted_by(scales);
  if (with_test) weighted.test_scale = test.sigma / std::sqrt(static_cast<double>(test.draws));
  const auto half_space = [&](const auto& margin) {
    return detail::random_combined_half_space(draws, scales, with_test ? weighted.test_scale : 0.0, margin);
  };
  const auto flagged = [&] {
    if constexpr (with_test) {
      return joint<Mode>(base, test, gaussian_noise{}, assume::test_scale_fixed_beforehand{});
    } else {
      return base;
    }
  };
  if constexpr (with_labels) {
    const double q = draws.between(0.2, 0.48);
    const double shift = draws.between(0.1, 2.0);
    const half_space_learner features = half_space(
        [&](double tau) { return tau * (best ? shift * draws.between(0.3, 1.0) : draws.between(0.2, 3.0)); });
    const double gain = features.spread() * (best ? std::log((1.0 - q) / q) / shift : draws.between(0.0, 1.0));
    const label_noise mode(flagged(), label_flips(q, static_cast<std::uint32_t>(changed)),
                           assume::labels_flipped_in_every_member{}, assume::scales_independent_of_labels{});
    return attack_claim(as_claimed(mode), label_flip_learner(features, gain, q), weighted, draws.stream(), changed);
  } else {
    const half_space_learner scores = half_space([&](double tau) { return tau * draws.between(0.03, 3.5); });
    if constexpr (Flags == audited_flags::many_classes) {
      const double edge = 2.0 * scores.margin(scores.blank()) * draws.between(0.01, 0.99);
      const many_classes_learner learner(scores, edge, draws.count(1, 4));
      return attack_claim(as_claimed(flagged()), learner, weighted, draws.stream());
    } else {
      return attack_claim(as_claimed(flagged()), scores, weighted, draws.stream());
    }
  }
}

/// Brief: the same of the mode as it is.
template <class Mode, audited_flags Flags>
[[nodiscard]] claim_outcome audit_flags(const instance_draws& draws) {
  return audit_combined<Mode, Flags>(draws, std::identity{});
}

}  // namespace v1
}  // namespace certssb
