// SPDX-License-Identifier: MIT
#pragma once
// Brief: the common part of the modes with noise on the training rows that is certified in L1.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/concept.hpp"
#include "certssb/radius/worst_rows.hpp"
#include "certssb/vote/defence_outcome.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: certifies every change delta of the training features with sum_i |delta_i|_1 / scale_i < B. Repeated
/// exposures of a row add up: E exposures divide its scale by E.
/// Cost: sorts the scales once.
/// Determinism: rounded down.
template <radius_rule Rule>
class l1_rows {
public:
  using radius_rule = Rule;
  static constexpr std::string_view norm = l1_norm::name;

  /// Brief: takes the scales that the members were trained with, and the noise that they are scales of. Modes are built
  /// on it.
  template <class Noise>
  l1_rows(training_scales training, const Noise&) : l1_rows(std::move(training)) {
    require_paired<Rule, Noise>();
  }
  template <class Noise, std::floating_point Scalar>
  explicit l1_rows(const defence_outcome<Noise, Scalar>& outcome) : l1_rows(outcome.train_scales) {
    require_paired<Rule, Noise>();
  }

  [[nodiscard]] static double budget(double lower, double upper) { return Rule::budget(lower, upper); }
  [[nodiscard]] double radius(double budget, std::size_t) const {
    return budget > 0.0 ? std::nextafter(budget * smallest_, 0.0) : 0.0;
  }
  [[nodiscard]] double scale(std::size_t) const noexcept { return smallest_; }
  [[nodiscard]] std::size_t rows() const noexcept { return scales_.size(); }
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const {
    const double weight = weights_.sum(rows);
    return budget > 0.0 ? budget / weight * (1.0 - 0x1p-50) : 0.0;
  }
  /// Throws: argument_error unless there is one finite L1 norm >= 0 per row.
  [[nodiscard]] bool covers(double budget, const attack_extent& attack) const {
    expect(attack.l1.size() == scales_.size(), Rule::name, ": ", scales_.size(), " scales but ", attack.l1.size(),
           " L1 norms");
    double sum = 0.0;
    for (std::size_t i = 0; i < attack.l1.size(); ++i) {
      expect(std::isfinite(attack.l1[i]) && attack.l1[i] >= 0.0, Rule::name,
             ": a pattern norm must be finite and >= 0, got ", attack.l1[i]);
      sum += attack.l1[i] / scales_[i];
    }
    return sum * (1.0 + (static_cast<double>(attack.l1.size()) + 8.0) * 0x1p-53) < budget;
  }

  [[nodiscard]] const training_scales& scales() const noexcept { return scales_; }

private:
  explicit l1_rows(training_scales training)
      : scales_(std::move(training)), smallest_(scales_.smallest()), weights_(weights_of(scales_)) {}

  static std::vector<double> weights_of(const noise_scales& scales) {
    std::vector<double> weights;
    weights.reserve(scales.size());
    for (const double scale : scales.values()) weights.push_back(1.0 / scale);
    return weights;
  }

  training_scales scales_;
  double smallest_;
  worst_rows weights_;
};

}  // namespace v1
}  // namespace certssb
