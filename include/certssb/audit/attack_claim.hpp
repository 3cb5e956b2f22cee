// SPDX-License-Identifier: MIT
#pragma once
// Brief: attacks what a mode claims about one learner, inside the claim.

#include "certssb/audit/concept.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the outcome of one claim.
struct claim_outcome {
  bool claimed = false;  ///< whether the mode claimed anything
  bool violated = false;
  double tightness = std::numeric_limits<double>::infinity();  ///< smallest violating change found / largest claimed

  void add(const claim_outcome& other) {
    claimed = claimed || other.claimed;
    violated = violated || other.violated;
    tightness = std::min(tightness, other.tightness);
  }
};

namespace detail {

/// Brief: a direction of random signs and sizes, some of them with few entries.
inline change random_direction(const attacked_learner& learner, const geometry& g, random_stream& draws) {
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

/// Brief: a claimed set of changes: how far it reaches along a direction, and whether it contains a change.
struct claimed_set {
  std::function<double(const change&)> reach;
  std::function<bool(const change&)> holds;
};

/// Brief: attacks a claimed set up to its edge, less a part in 1e9. `worst` are the directions to follow to where the
/// label flips.
inline claim_outcome attack_set(const attacked_learner& learner, const geometry& g, std::vector<change> worst,
                                const claimed_set& claim, std::size_t labels, std::size_t tries, random_stream& draws) {
  constexpr double inside = 1.0 - 1e-9;
  claim_outcome found{.claimed = true};
  const auto flips = [&](const change& direction, double t) { return !(learner.lead(direction.times(t)) > 0.0); };
  for (change& direction : worst) {
    direction.labels = labels;
    const double edge = claim.reach(direction);
    if (!(edge > 0.0)) continue;
    found.violated = found.violated || flips(direction, edge * inside);
    double flip = flip_distance(learner, direction, 2.0 * edge);
    if (std::isinf(flip)) flip = flip_distance(learner, direction, 32.0 * edge);
    if (std::isinf(flip)) continue;
    found.tightness = std::min(found.tightness, flip / edge);
    found.violated = found.violated || claim.holds(direction.times(flip * (1.0 + 1e-9)));
  }
  for (std::size_t i = 0; i < tries; ++i) {
    change direction = random_direction(learner, g, draws);
    direction.labels = labels;
    const double edge = claim.reach(direction) * inside;
    found.violated = found.violated || flips(direction, edge) || flips(direction, edge * draws.uniform());
  }
  found.violated = found.violated || found.tightness < inside;
  return found;
}

/// Brief: a change measured row by row, as modes are asked about it.
class measured_change {
public:
  measured_change(const change& c, std::size_t rows) : l2_(rows), l1_(rows), labels_(c.labels) {
    const std::size_t width = c.features.size() / rows;
    for (std::size_t k = 0; k < c.features.size(); ++k) {
      l2_[k / width] = std::hypot(l2_[k / width], c.features[k]);
      l1_[k / width] += std::abs(c.features[k]);
    }
    for (const double x : c.test) test_ = std::hypot(test_, x);
  }

  [[nodiscard]] attack_extent extent() const {
    return {.l2 = l2_, .l1 = l1_, .test_l2 = test_, .changed_labels = labels_};
  }

private:
  std::vector<double> l2_;
  std::vector<double> l1_;
  double test_ = 0.0;
  std::size_t labels_;
};

/// Brief: whether the mode covers a change.
template <certificate_mode Mode>
bool covers(const Mode& mode, double budget, const change& c, std::size_t rows) {
  return mode.covers(budget, measured_change(c, rows).extent());
}

/// Brief: the largest t for which t * direction is covered, to a part in 1e12.
[[nodiscard]] inline double covered_length(const std::function<bool(const change&)>& covered, const change& direction) {
  double low = 0.0;
  double high = 1.0;
  while (covered(direction.times(high)) && high < 1e12) high *= 2.0;
  while (high - low > 1e-12 * high) {
    const double middle = 0.5 * (low + high);
    (covered(direction.times(middle)) ? low : high) = middle;
  }
  return low;
}

}  // namespace detail

/// Brief: attacks all that a mode claims of this learner on a budget: the ball of its radius; the set that covers()
/// accepts; and, where the learner knows its worst rows, patterns of a common norm on some of them.
/// Maths: along the directions that the learner knows to be worst, to the edge and on to the least change that flips
/// the label, which covers() must refuse; along `tries` random ones, to the edge and to somewhere inside. With a single
/// row only the length of a change counts, so that the ball and the answer of covers() for each flip are all that is
/// tested.
/// Requires: `sample` fits the mode. `weighted` measures changes as the mode's test does, so that the worst directions
/// are those of that test.
template <certificate_mode Mode, audited_learner Learner>
[[nodiscard]] claim_outcome attack_budget(const Mode& mode, double budget, const Learner& learner,
                                          const geometry& weighted, random_stream& draws, std::size_t labels = 0,
                                          std::size_t sample = 0, std::size_t tries = 8) {
  if (!(budget > 0.0)) return {};
  const std::size_t rows = learner.rows();
  const attacked_learner attacked(learner);
  geometry plain = weighted;
  plain.row_scales.assign(rows, 1.0);
  plain.test_scale = 1.0;
  const std::function<bool(const change&)> covered = [&](const change& c) {
    return detail::covers(mode, budget, c, rows);
  };

  claim_outcome found;
  if (const double radius = mode.radius(budget, sample); radius > 0.0) {
    const detail::claimed_set ball{[&](const change& c) { return radius / plain.size(c); }, covered};
    found.add(detail::attack_set(attacked, plain, learner.worst(plain), ball, labels, tries, draws));
  }
  if constexpr (Mode::certified) {
    if (rows > 1 || !learner.blank().test.empty()) {
      const detail::claimed_set all{[&](const change& c) { return detail::covered_length(covered, c); }, covered};
      found.add(detail::attack_set(attacked, weighted, learner.worst(weighted), all, labels, tries, draws));
    }
    if constexpr (requires { learner.worst_patterns(std::size_t{}); }) {
      const std::size_t poisoned = 1 + draws.below(static_cast<std::uint32_t>(rows));
      const detail::claimed_set patterns{[&](const change&) { return mode.per_pattern(budget, poisoned); }, covered};
      found.add(detail::attack_set(attacked, plain, {learner.worst_patterns(poisoned)}, patterns, labels, 0, draws));
    }
  }
  return found;
}

/// Brief: the same, on the budget that the mode gives this learner's exact p_A, and p_B = 1 - p_A.
/// Maths: 1 - p_A keeps its digits however small it is; p_A is the double below 1 - (1 - p_A), so that no claim rests
/// on a p_A rounded up. One unit of a double's last place near 1 is 1e-16/phi(B) of budget, a relative 1e-6 at B = 7.
/// A learner whose p_A rounds to 1 is left out. A learner of more classes says both bounds itself.
template <certificate_mode Mode, audited_learner Learner>
[[nodiscard]] claim_outcome attack_claim(const Mode& mode, const Learner& learner, const geometry& weighted,
                                         random_stream& draws, std::size_t labels = 0, std::size_t sample = 0) {
  if constexpr (requires { learner.bounds(); }) {
    const share_bounds bounds = learner.bounds();
    return attack_budget(mode, mode.budget(bounds.lower, bounds.upper), learner, weighted, draws, labels, sample);
  }
  const double against = learner.against(learner.blank());
  if (!(against < 0.5) || 1.0 - against == 1.0) return {};
  const double budget = mode.budget(std::nextafter(1.0 - against, 0.0), against);
  return attack_budget(mode, budget, learner, weighted, draws, labels, sample);
}

}  // namespace v1
}  // namespace certssb
