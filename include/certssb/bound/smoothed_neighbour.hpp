// SPDX-License-Identifier: MIT
#pragma once
// Brief: bounds of the class probabilities of the nearest-neighbour learner under Gaussian noise, without sampling.

#include "certssb/bound/detail/neighbour_law.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/noise/scales.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <queue>
#include <span>
#include <tuple>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: an interval that contains a probability.
struct probability_interval {
  double lower;
  double upper;
};

namespace detail {

/// Brief: intervals of one test input's class probabilities, refined until they are narrow.
class neighbour_enclosure {
public:
  neighbour_enclosure(neighbour_law& law, double gap) : law_(law) {
    const double tail = gap / 16.0;
    double horizon = law.quantile(-std::log(tail));
    law.prepare(horizon, tail);
    double short_of = 0.0;
    for (int halving = 0; halving < 12; ++halving) {
      const double middle = 0.5 * (short_of + horizon);
      const survival g = law.at(middle);
      double all = 0.0;
      for (const double log_g : g.upper) all += log_g;
      (all <= std::log(tail) ? horizon : short_of) = middle;
    }
    law.prepare(horizon, tail);
    refine(horizon, 0.75 * gap);
  }

  /// Brief: the interval of every class, widened for errors of the distances that move a probability by at most
  /// `moved`.
  /// Maths: sum_l (G_y(t_l) - G_y(t_{l+1})) G_-y(t_{l+1}) <= q(y) <= sum_l (G_y(t_l) - G_y(t_{l+1})) G_-y(t_l). Summed
  /// by parts, the left side falls with G_y and grows with G_-y, so it takes the upper bound of the one and the lower
  /// bound of the other; the right side the other way round.
  [[nodiscard]] std::vector<probability_interval> intervals(double moved) const {
    std::vector<probability_interval> result;
    for (std::size_t y = 0; y < law_.classes(); ++y) {
      double lower = 0.0;
      double upper = 0.0;
      for (auto left = edges_.begin(), right = std::next(left); right != edges_.end(); ++left, ++right) {
        const survival& a = left->second;
        const survival& b = right->second;
        lower += (std::exp(a.upper[y]) - std::exp(b.upper[y])) * std::exp(others(b.lower, y));
        upper += (std::exp(a.lower[y]) - std::exp(b.lower[y])) * std::exp(others(a.upper, y));
      }
      result.push_back(
          {std::max(0.0, lower * (1.0 - mixture_slack) - moved), std::min(1.0, upper * (1.0 + mixture_slack) + moved)});
    }
    return result;
  }

private:
  using cell = std::tuple<double, double, double>;  ///< width of the enclosure, left edge, right edge
  static constexpr std::size_t most_edges = std::size_t{1} << 20U;

  static double others(const std::vector<double>& logs, std::size_t y) {
    double sum = 0.0;
    for (std::size_t c = 0; c < logs.size(); ++c) {
      if (c != y) sum += logs[c];
    }
    return sum;
  }

  [[nodiscard]] double width(const survival& a, const survival& b) const {
    double most = 0.0;
    for (std::size_t y = 0; y < law_.classes(); ++y) {
      most = std::max(most, (std::exp(a.upper[y]) - std::exp(b.upper[y])) *
                                (std::exp(others(a.upper, y)) - std::exp(others(b.upper, y))));
    }
    return most;
  }

  /// Brief: cuts the widest cell until all together are narrow. Bounds of G are made to fall, which G does.
  void refine(double horizon, double gap) {
    const std::size_t k = law_.classes();
    survival end{std::vector<double>(k), std::vector<double>(k)};
    for (std::size_t c = 0; c < k; ++c) {
      if (law_.present(c)) end.lower[c] = end.upper[c] = -std::numeric_limits<double>::infinity();
    }
    edges_.emplace(0.0, survival{std::vector<double>(k), std::vector<double>(k)});
    edges_.emplace(horizon, law_.at(horizon));
    edges_.emplace(std::numeric_limits<double>::infinity(), std::move(end));
    std::priority_queue<cell> cells;
    double total = width(edges_.at(0.0), edges_.at(horizon));
    cells.emplace(total, 0.0, horizon);
    while (total > gap && edges_.size() < most_edges) {
      const auto [wide, left, right] = cells.top();
      cells.pop();
      const double middle = 0.5 * (left + right);
      if (!(left < middle && middle < right)) break;
      const survival& g = edges_.emplace(middle, law_.at(middle)).first->second;
      const double first = width(edges_.at(left), g);
      const double second = width(g, edges_.at(right));
      total += first + second - wide;
      cells.emplace(first, left, middle);
      cells.emplace(second, middle, right);
    }
    make_falling();
  }

  void make_falling() {
    for (std::size_t c = 0; c < law_.classes(); ++c) {
      double least = 0.0;
      for (auto& [t, g] : edges_) least = g.upper[c] = std::min(least, g.upper[c]);
      double most = -std::numeric_limits<double>::infinity();
      for (auto edge = edges_.rbegin(); edge != edges_.rend(); ++edge) {
        most = edge->second.lower[c] = std::max(most, edge->second.lower[c]);
      }
    }
  }

  const neighbour_law& law_;
  std::map<double, survival> edges_;
};

}  // namespace detail

/// Brief: bounds of P(the row nearest to x has label y) for every class y, where row i is x_i + sigma_i eps_i.
/// Maths: with G_y(t) the chance that no row of class y is nearer than t and G_-y that of the others, q(y) is the
/// integral of G_-y against the fall of G_y; step functions enclose it. Edges are added where the enclosure is wide.
/// Shapes: distances2 [n], |x_i - x|^2 summed over `row_size` entries in double precision; labels [n]; result [K].
/// Requires: no noise on x: it would make the distances of the rows dependent.
/// Throws: argument_error unless lengths agree, distances are finite and >= 0, labels lie in [0,K), K >= 2, row_size >
/// 0, 1e-5 <= gap < 1, and every lambda_i is at most 2^30.
/// Cost: about 1/gap edges where two classes are equally near, fewer elsewhere; each a sum over the rows that matter.
/// Determinism: a function of the arguments; lower ends are rounded down and upper ends up, Boost's error included.
/// Reference: Weber et al., RAB (S&P 2023), K-nearest neighbours, without their quantised distances.
[[nodiscard]] inline std::vector<probability_interval> smoothed_neighbour_bounds(
    std::span<const double> distances2, std::span<const label_type> labels, std::size_t classes,
    const noise_scales& sigmas, std::size_t row_size, double gap = 1e-3) {
  expect(labels.size() == distances2.size() && sigmas.size() == distances2.size(),
         "smoothed_neighbour_bounds: ", distances2.size(), " distances but ", labels.size(), " labels and ",
         sigmas.size(), " scales");
  expect(classes >= 2, "smoothed_neighbour_bounds: needs at least 2 classes, got ", classes);
  expect(row_size > 0, "smoothed_neighbour_bounds: the row size must be positive, got 0");
  expect(gap >= 1e-5 && gap < 1.0, "smoothed_neighbour_bounds: the gap must lie in [1e-5,1), got ", gap);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double distance2 = distances2[i];
    expect(std::isfinite(distance2) && distance2 >= 0.0,
           "smoothed_neighbour_bounds: a squared distance must be finite and >= 0, got ", distance2);
    expect(distance2 / (sigmas[i] * sigmas[i]) <= 0x1p30, "smoothed_neighbour_bounds: the scale ", sigmas[i],
           " is too small for a squared distance of ", distance2);
    expect(labels[i] >= 0 && static_cast<std::size_t>(labels[i]) < classes,
           "smoothed_neighbour_bounds: labels must lie in [0, ", classes, "), got ", labels[i]);
  }
  detail::neighbour_law law(distances2, labels, classes, sigmas, row_size);
  const double moved = law.moved_by((static_cast<double>(row_size) + 8.0) * 0x1p-53);
  return detail::neighbour_enclosure(law, gap).intervals(moved);
}

/// Brief: the class with the largest lower bound, and the largest probability that any other can have.
[[nodiscard]] inline bounded_top find_bounded_top(std::span<const probability_interval> classes) {
  const auto top = std::ranges::max_element(classes, {}, &probability_interval::lower);
  double upper = 0.0;
  for (auto other = classes.begin(); other != classes.end(); ++other) {
    if (other != top) upper = std::max(upper, other->upper);
  }
  return {top - classes.begin(), top->lower, std::min(upper, 1.0 - top->lower)};
}

}  // namespace v1
}  // namespace certssb
