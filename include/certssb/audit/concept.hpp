// SPDX-License-Identifier: MIT
#pragma once
// Brief: what an audit needs: a change made by an attacker, its size, and a learner whose vote is known exactly.

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a change made by an attacker.
/// Shapes: features [rows * dimension], test [entries changed at test time] or empty.
struct change {
  std::vector<double> features;
  std::vector<double> test = {};
  std::size_t labels = 0;  ///< how many labels are changed

  /// Brief: the same direction, `t` times as long; labels have no length.
  [[nodiscard]] change times(double t) const {
    change longer = *this;
    for (double& x : longer.features) x *= t;
    for (double& x : longer.test) x *= t;
    return longer;
  }
};

/// Brief: the size of a change: sqrt(sum_i |delta_i|^2 / s_i^2), or sum_i |delta_i|_1 / s_i; the change of the test
/// input is one more row.
struct geometry {
  std::vector<double> row_scales;
  double test_scale = 1.0;
  bool l1 = false;

  [[nodiscard]] double size(const change& c) const {
    double sum = 0.0;
    each(c, [&](double x, double s) { sum += l1 ? std::abs(x) / s : (x / s) * (x / s); });
    return l1 ? sum : std::sqrt(sum);
  }

  /// Brief: the change of size 1 along which a linear function of this gradient falls fastest.
  [[nodiscard]] change steepest(const change& gradient) const {
    change down = gradient;
    std::vector<double*> out;
    for (double& x : down.features) out.push_back(&x);
    for (double& x : down.test) out.push_back(&x);
    std::size_t k = 0;
    std::size_t most = 0;
    double best = 0.0;
    each(gradient, [&](double g, double s) {
      if (std::abs(g) * s > best) {
        best = std::abs(g) * s;
        most = k;
      }
      *out[k++] = l1 ? 0.0 : -g * s * s;
    });
    k = 0;
    if (l1)
      each(gradient, [&](double g, double s) {
        if (k == most) *out[k] = g > 0.0 ? -s : s;
        ++k;
      });
    return unit(down);
  }

  /// Brief: the same direction at size 1; a change of size 0 stays.
  [[nodiscard]] change unit(const change& c) const {
    const double length = size(c);
    return length > 0.0 ? c.times(1.0 / length) : c;
  }

private:
  template <class Visit>
  void each(const change& c, Visit&& visit) const {
    const std::size_t width = c.features.size() / row_scales.size();
    for (std::size_t k = 0; k < c.features.size(); ++k) visit(c.features[k], row_scales[k / width]);
    for (const double x : c.test) visit(x, test_scale);
  }
};

/// Brief: p_A from below and the share of the likeliest other class from above.
struct share_bounds {
  double lower;
  double upper;
};

/// Brief: a random model of a training procedure, simple enough that the share of its members that name class A is a
/// known function of what an attacker changes.
/// Members: rows(), dimension() of a row; blank(), the change that changes nothing; against(c), the share 1 - p_A of
/// members that do not name A under the change c, exact to a relative 1e-10 also if it is small; worst(g), directions
/// to try first, among them the worst one if it is known.
/// Class A is the one named if nothing is changed; the answer counts as changed as soon as p_A <= 1/2.
/// Learners return the share against A and not p_A, since a double near 1 would lose the digits of 1 - p_A that large
/// claims depend on.
/// Optional, for more than two classes: lead(c), p_A less the share of the likeliest other class, where the answer
/// counts as changed as soon as it is not positive; bounds(), what is known of both shares if nothing is changed.
template <class Learner>
concept audited_learner = requires(const Learner& learner, const change& c, const geometry& g) {
  { learner.rows() } -> std::convertible_to<std::size_t>;
  { learner.dimension() } -> std::convertible_to<std::size_t>;
  { learner.blank() } -> std::same_as<change>;
  { learner.against(c) } -> std::convertible_to<double>;
  { learner.worst(g) } -> std::same_as<std::vector<change>>;
};

/// Brief: a learner as attacks see it, with its type erased, so that they are compiled once.
/// Requires: the learner outlives the object.
class attacked_learner {
public:
  template <class Learner>
  requires requires(const Learner& learner, const change& c) {
    { learner.against(c) } -> std::convertible_to<double>;
  }
  attacked_learner(const Learner& learner)
      : blank_(learner.blank()), against_([&learner](const change& c) { return learner.against(c); }) {
    if constexpr (requires(const change& c) { learner.lead(c); }) {
      lead_ = [&learner](const change& c) { return learner.lead(c); };
    }
  }

  [[nodiscard]] const change& blank() const { return blank_; }
  [[nodiscard]] double against(const change& c) const { return against_(c); }
  /// Brief: above 0 as long as class A is named.
  [[nodiscard]] double lead(const change& c) const { return lead_ ? lead_(c) : 0.5 - against_(c); }

private:
  change blank_;
  std::function<double(const change&)> against_;
  std::function<double(const change&)> lead_;
};

namespace detail {

/// Brief: the first t in (0, limit] where t * direction changes the answer, on a grid of 32 and then to rounding; infinite if
/// there is none on the grid.
inline double flip_distance(const attacked_learner& learner, const change& direction, double limit) {
  const auto lead = [&](double t) { return learner.lead(direction.times(t)); };
  constexpr int grid = 32;
  double before = lead(0.0);
  for (int i = 1; i <= grid; ++i) {
    const double here = lead(limit * i / grid);
    if (here > 0.0) {
      before = here;
      continue;
    }
    if (!(before > 0.0)) return limit * i / grid;
    std::uintmax_t steps = 100;
    return boost::math::tools::toms748_solve(lead, limit * (i - 1) / grid, limit * i / grid, before, here,
                                             boost::math::tools::eps_tolerance<double>(), steps)
        .second;
  }
  return std::numeric_limits<double>::infinity();
}

/// Brief: central differences of 1 - p_A along each direction.
inline std::vector<double> slopes(const attacked_learner& learner, const change& at,
                                  std::span<const change> directions) {
  constexpr double step = 1e-5;
  std::vector<double> found;
  for (const change& direction : directions) {
    change up = at;
    change down = at;
    for (std::size_t k = 0; k < at.features.size(); ++k) {
      up.features[k] += step * direction.features[k];
      down.features[k] -= step * direction.features[k];
    }
    found.push_back((learner.against(up) - learner.against(down)) / (2.0 * step));
  }
  return found;
}

/// Brief: follows the steepest descent from no change to where the label flips, turns to the steepest descent there,
/// and so on, for learners that are not linear. `axes` are unit changes that span the changes that matter.
inline std::vector<change> descend(const attacked_learner& learner, const geometry& g, std::span<const change> axes,
                                   double limit) {
  std::vector<change> tried;
  change at = learner.blank();
  for (int turn = 0; turn < 4; ++turn) {
    const std::vector<double> slope = slopes(learner, at, axes);
    change gradient = learner.blank();
    for (std::size_t a = 0; a < axes.size(); ++a) {
      for (std::size_t k = 0; k < gradient.features.size(); ++k) gradient.features[k] -= slope[a] * axes[a].features[k];
    }
    if (!(g.size(gradient) > 0.0)) break;
    tried.push_back(g.steepest(gradient));
    const double edge = flip_distance(learner, tried.back(), limit);
    if (!std::isfinite(edge)) break;
    at = tried.back().times(edge);
  }
  return tried;
}

}  // namespace detail

}  // namespace v1
}  // namespace certssb
