// SPDX-License-Identifier: MIT
#pragma once
// Brief: certified accuracy and certified ratio against the radius.

#include "certssb/report/metrics.hpp"
#include "certssb/report/results.hpp"

#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the fraction of samples at a radius.
struct curve_point {
  double radius;
  ratio fraction;
};

/// Brief: CRA at each radius.
/// Shapes: labels [n]; the result has one point per radius, in the order given.
/// Throws: as certified_accuracy.
[[nodiscard]] inline std::vector<curve_point> certified_accuracy_curve(std::span<const certificate> certificates,
                                                                       std::span<const label_type> labels,
                                                                       std::span<const double> radii) {
  std::vector<curve_point> curve;
  for (const double r : radii) curve.push_back({r, certified_accuracy(certificates, labels, r)});
  return curve;
}

/// Brief: CRR at each radius.
/// Shapes: one point per radius.
/// Throws: as certified_ratio.
[[nodiscard]] inline std::vector<curve_point> certified_ratio_curve(std::span<const certificate> certificates,
                                                                    std::span<const double> radii) {
  std::vector<curve_point> curve;
  for (const double r : radii) curve.push_back({r, certified_ratio(certificates, r)});
  return curve;
}

/// Brief: the points of a curve as results.json holds them.
[[nodiscard]] inline std::vector<radius_share> shares_of(const std::vector<curve_point>& curve) {
  std::vector<radius_share> points;
  for (const curve_point& p : curve) points.push_back({p.radius, p.fraction.value()});
  return points;
}

}  // namespace v1
}  // namespace certssb
