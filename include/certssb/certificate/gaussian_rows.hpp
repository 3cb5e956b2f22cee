// SPDX-License-Identifier: MIT
#pragma once
// Brief: the common part of the modes with Gaussian noise on the training rows and the test of gaussian_l2.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/radius/worst_rows.hpp"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: certifies every change delta of the training features with sum_i |delta_i|^2 / sigma_i^2 < B^2.
/// Cost: sorts the scales once.
class gaussian_rows {
public:
  using radius_rule = gaussian_l2;
  static constexpr std::string_view norm = l2_norm::name;

  /// Brief: takes the scales the members were trained with, and the noise they were scales of.
  template <class Noise>
  gaussian_rows(noise_scales training, const Noise&)
      : scales_(std::move(training)), smallest_(scales_.smallest()), precisions_(precisions_of(scales_)) {
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

  [[nodiscard]] const noise_scales& scales() const noexcept { return scales_; }
  [[nodiscard]] const worst_rows& precisions() const noexcept { return precisions_; }

private:
  static std::vector<double> precisions_of(const noise_scales& scales) {
    std::vector<double> precisions;
    precisions.reserve(scales.size());
    for (const double sigma : scales.values()) precisions.push_back(1.0 / (sigma * sigma));
    return precisions;
  }

  noise_scales scales_;
  double smallest_;
  worst_rows precisions_;
};

}  // namespace v1
}  // namespace certssb
