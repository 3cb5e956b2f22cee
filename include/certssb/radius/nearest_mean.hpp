// SPDX-License-Identifier: MIT
#pragma once
// Brief: the radius of the nearest class mean, in closed form.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: the class of the nearest mean, and the radius within which it stays. `abstain` and radius 0 where the two
/// nearest means are equally near, but for rounding.
/// Units: the radius is in the units of the inputs; infinite if no other class has rows.
struct nearest_mean_answer {
  label_type label;
  double radius;
};

/// Brief: the class y whose mean is nearest stays as long as all changes of the training features together are shorter
/// than the radius, in L2; labels are not changed, and rows neither inserted nor deleted.
/// Maths: min over c != y of (|x - m_c| - |x - m_y|) sqrt(n_y n_c / (n_y + n_c)). It is exact: moving all rows of both
/// classes along their lines to x attains it.
/// Shapes: distances [K], to the mean of each class; counts [K], the rows of each class. A class without rows is never
/// named, and its distance is not read.
/// Throws: argument_error unless there are as many counts as distances, some class has rows, and the distances of those
/// that do and the error are finite and >= 0.
/// Determinism: rounded down; each distance may be wrong by `error`.
[[nodiscard]] inline nearest_mean_answer nearest_mean_radius(std::span<const double> distances,
                                                             std::span<const std::size_t> counts, double error = 0.0) {
  expect(distances.size() == counts.size(), "nearest_mean: ", distances.size(), " distances but ", counts.size(),
         " counts of rows");
  expect(std::isfinite(error) && error >= 0.0, "nearest_mean: the error must be finite and >= 0, got ", error);
  std::size_t nearest = counts.size();
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) continue;
    expect(std::isfinite(distances[c]) && distances[c] >= 0.0, "nearest_mean: a distance must be finite and >= 0, got ",
           distances[c]);
    if (nearest == counts.size() || distances[c] < distances[nearest]) nearest = c;
  }
  expect(nearest < counts.size(), "nearest_mean: no class has rows");
  double radius = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0 || c == nearest) continue;
    const auto mine = static_cast<double>(counts[nearest]);
    const auto theirs = static_cast<double>(counts[c]);
    const double apart = distances[c] - distances[nearest] - 2.0 * error;
    radius = std::min(radius, apart * std::sqrt(mine / (mine + theirs) * theirs) * (1.0 - 0x1p-50));
  }
  if (!(radius > 0.0)) return {abstain, 0.0};
  return {static_cast<label_type>(nearest), radius};
}

}  // namespace v1
}  // namespace certssb
