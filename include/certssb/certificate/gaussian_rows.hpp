// SPDX-License-Identifier: MIT
#pragma once
// Brief: the common part of the modes with Gaussian noise on the training rows and the test of gaussian_l2.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/radius/worst_rows.hpp"
#include "certssb/vote/defence_outcome.hpp"

#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: 1 / sigma_i^2 of every row.
[[nodiscard]] inline std::vector<double> precisions_of(const noise_scales& scales) {
  std::vector<double> precisions;
  precisions.reserve(scales.size());
  for (const double sigma : scales.values()) precisions.push_back(1.0 / (sigma * sigma));
  return precisions;
}

/// Brief: certifies every change delta of the training features with sum_i |delta_i|^2 / sigma_i^2 < B^2.
/// Cost: sorts the scales once.
class gaussian_rows {
public:
  using radius_rule = gaussian_l2;
  static constexpr std::string_view norm = l2_norm::name;

  /// Brief: takes the scales that the members were trained with, and the noise that they are scales of. Modes are built
  /// on it.
  template <class Noise>
  gaussian_rows(training_scales training, const Noise&) : gaussian_rows(std::move(training)) {
    require_paired<radius_rule, Noise>();
  }
  template <class Noise, std::floating_point Scalar>
  explicit gaussian_rows(const defence_outcome<Noise, Scalar>& outcome) : gaussian_rows(outcome.train_scales) {
    require_paired<radius_rule, Noise>();
  }

  [[nodiscard]] static double budget(double lower, double upper) { return gaussian_l2::budget(lower, upper); }
  [[nodiscard]] double radius(double budget, std::size_t) const { return gaussian_l2::scaled(budget, smallest_); }
  [[nodiscard]] double scale(std::size_t) const noexcept { return smallest_; }
  [[nodiscard]] std::size_t rows() const noexcept { return scales_.size(); }
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const {
    return gaussian_l2::per_pattern(budget, precisions_.sum(rows));
  }
  [[nodiscard]] bool covers(double budget, const attack_extent& attack) const {
    return gaussian_l2::covers(budget, attack.l2, scales_);
  }

  [[nodiscard]] const training_scales& scales() const noexcept { return scales_; }
  [[nodiscard]] const worst_rows& precisions() const noexcept { return precisions_; }

private:
  explicit gaussian_rows(training_scales training)
      : scales_(std::move(training)), smallest_(scales_.smallest()), precisions_(precisions_of(scales_)) {}

  training_scales scales_;
  double smallest_;
  worst_rows precisions_;
};

}  // namespace v1
}  // namespace certssb
