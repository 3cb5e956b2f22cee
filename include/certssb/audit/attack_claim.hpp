// SPDX-License-Identifier: MIT
#pragma once
// Brief: attacks what a mode claims of one learner, inside what it claims.

#include "certssb/audit/concept.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace certssb::inline v1 {

/// Brief: what became of one claim.
struct claim_outcome {
  bool claimed = false;  ///< the mode claimed something at all
  bool violated = false;
  double tightness = std::numeric_limits<double>::infinity();  ///< least violating change found / largest claimed

  void add(const claim_outcome& other) {
    claimed = claimed || other.claimed;
    violated = violated || other.violated;
    tightness = std::min(tightness, other.tightness);
  }
};

namespace detail {

/// Brief: a direction of random signs and sizes, some of them with few entries.
template <class Learner>
change random_direction(const Learner& learner, const geometry& g, random_stream& draws) {
  change direction = learner.blank();
  const bool few = draws.below(2) == 0;
  const auto fill = [&](std::vector<double>& entries) {
    for (double& x : entries) {
      x = few && draws.below(4) != 0 ? 0.0 : normal_quantile(draws.uniform());
    }
  };
  do {
    fill(direction.features);
    fill(direction.test);
  } while (!(g.size(direction) > 0.0));
  return g.unit(direction);
}

/// Brief: attacks all changes t * direction with t < reach(direction), each as far as it is claimed, less a part in
/// 1e9. `worst` are the directions to follow to where the label flips.
template <audited_learner Learner, class Reach>
claim_outcome attack_set(const Learner& learner, const geometry& g, std::vector<change> worst, Reach&& reach,
                         std::size_t labels, std::size_t tries, random_stream& draws) {
  constexpr double inside = 1.0 - 1e-9;
  claim_outcome found{.claimed = true};
  const auto flips = [&](const change& direction, double t) {
    return !(learner.probability(direction.times(t)) > 0.5);
  };
  for (change& direction : worst) {
    direction.labels = labels;
    const double edge = reach(direction);
    if (!(edge > 0.0)) continue;
    found.violated = found.violated || flips(direction, edge * inside);
    double flip = flip_distance(learner, direction, 2.0 * edge);
    if (std::isinf(flip)) flip = flip_distance(learner, direction, 32.0 * edge);
    found.tightness = std::min(found.tightness, flip / edge);
  }
  for (std::size_t i = 0; i < tries; ++i) {
    change direction = random_direction(learner, g, draws);
    direction.labels = labels;
    const double edge = reach(direction) * inside;
    found.violated = found.violated || flips(direction, edge) || flips(direction, edge * draws.uniform());
  }
  found.violated = found.violated || found.tightness < inside;
  return found;
}

/// Brief: the largest t for which the mode covers t * direction.
template <certificate_mode Mode>
double covered_length(const Mode& mode, double budget, const change& direction, std::size_t rows) {
  const std::size_t width = direction.features.size() / rows;
  const auto covered = [&](double t) {
    std::vector<double> l2(rows);
    std::vector<double> l1(rows);
    for (std::size_t k = 0; k < direction.features.size(); ++k) {
      l2[k / width] = std::hypot(l2[k / width], t * direction.features[k]);
      l1[k / width] += std::abs(t * direction.features[k]);
    }
    double test = 0.0;
    for (const double x : direction.test) test = std::hypot(test, t * x);
    return mode.covers(budget, {.l2 = l2, .l1 = l1, .test_l2 = test, .changed_labels = direction.labels});
  };
  double low = 0.0;
  double high = 1.0;
  while (covered(high) && high < 1e12) high *= 2.0;
  while (high - low > 1e-12 * high) {
    const double middle = 0.5 * (low + high);
    (covered(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace detail

/// Brief: attacks all that a mode claims of this learner on a budget: the ball of its radius; the set that covers()
/// accepts; and, where the learner knows its worst rows, patterns of a common norm on some of them.
/// Maths: along the directions that the learner knows to be worst, to the edge and on to the least change that flips
/// the label; along `tries` random ones, to the edge and to somewhere inside. Requires: `sample` fits the mode.
/// `weighted` measures changes as the mode's test does, so that the worst directions are those of that test.
template <certificate_mode Mode, audited_learner Learner>
[[nodiscard]] claim_outcome attack_budget(const Mode& mode, double budget, const Learner& learner,
                                          const geometry& weighted, random_stream& draws, std::size_t labels = 0,
                                          std::size_t sample = 0, std::size_t tries = 8) {
  if (!(budget > 0.0)) return {};
  geometry plain = weighted;
  plain.row_scales.assign(learner.rows(), 1.0);
  plain.test_scale = 1.0;

  claim_outcome found;
  if (const double radius = mode.radius(budget, sample); radius > 0.0) {
    found.add(detail::attack_set(
        learner, plain, learner.worst(plain), [&](const change& c) { return radius / plain.size(c); }, labels, tries,
        draws));
  }
  if constexpr (Mode::certified) {
    // Of a single row only the length counts, which costs some modes much to find.
    const bool same_everywhere = learner.rows() == 1 && learner.blank().test.empty();
    std::optional<double> before;
    const auto covered = [&](const change& c) {
      if (!before || !same_everywhere) before = detail::covered_length(mode, budget, c, learner.rows());
      return *before;
    };
    found.add(detail::attack_set(learner, weighted, learner.worst(weighted), covered, labels, tries, draws));
    if constexpr (requires { learner.worst_patterns(std::size_t{}); }) {
      const std::size_t poisoned = 1 + draws.below(static_cast<std::uint32_t>(learner.rows()));
      found.add(detail::attack_set(
          learner, plain, {learner.worst_patterns(poisoned)},
          [&](const change&) { return mode.per_pattern(budget, poisoned); }, labels, 0, draws));
    }
  }
  return found;
}

/// Brief: the same, on the budget that the mode gives this learner's exact p_A, and p_B = 1 - p_A.
template <certificate_mode Mode, audited_learner Learner>
[[nodiscard]] claim_outcome attack_claim(const Mode& mode, const Learner& learner, const geometry& weighted,
                                         random_stream& draws, std::size_t labels = 0, std::size_t sample = 0) {
  const double p = learner.probability(learner.blank());
  // Where 1 - p has few digits left, p says little of the budget.
  if (p > 1.0 - 1e-6) return {};
  return attack_budget(mode, p > 0.5 ? mode.budget(p, 1.0 - p) : 0.0, learner, weighted, draws, labels, sample);
}

}  // namespace certssb::inline v1
