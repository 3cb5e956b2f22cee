// SPDX-License-Identifier: MIT
#pragma once
// Brief: flag `parts`: every part of the training set has an ensemble of its own, and the parts vote.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/stated_mode.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/part_frontier.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what all parts report on n test samples.
/// Shapes: values [n,k], sample after sample.
struct part_reports {
  std::size_t parts = 0;     ///< k
  std::size_t classes = 0;   ///< K
  std::size_t failures = 0;  ///< how many reports of a sample may be false, at most, with probability 1 - alpha
  double alpha = 0.0;        ///< the chance that a sample's certificate fails
  double alpha_part = 0.0;   ///< the chance that one report is false
  std::vector<part_report> values = {};

  [[nodiscard]] std::size_t samples() const noexcept { return parts == 0 ? 0 : values.size() / parts; }
  [[nodiscard]] std::span<const part_report> of(std::size_t sample) const {
    return std::span(values).subspan(sample * parts, parts);
  }
};

/// Brief: the reports that a mode makes of the bounds of every part, at level alpha_part.
/// Shapes: bounds [k], each of the same n samples.
/// Throws: argument_error if the parts disagree in samples, classes or level.
[[nodiscard]] inline part_reports report_parts(std::span<const bounded_votes> bounds, const stated_mode& mode,
                                               double alpha, std::size_t failures) {
  expect(!bounds.empty(), "parts: needs at least 1 part");
  const std::size_t n = bounds.front().samples.size();
  part_reports reports{bounds.size(), bounds.front().classes, failures, alpha, bounds.front().alpha,
                       std::vector<part_report>(n * bounds.size())};
  std::map<std::pair<double, double>, double> budgets;
  for (std::size_t j = 0; j < bounds.size(); ++j) {
    const bounded_votes& part = bounds[j];
    expect(part.samples.size() == n && part.classes == reports.classes && part.alpha == reports.alpha_part,
           "parts: part ", j, " has ", part.samples.size(), " samples, ", part.classes, " classes and level ",
           part.alpha, ", part 0 has ", n, ", ", reports.classes, " and ", reports.alpha_part);
    for (std::size_t i = 0; i < n; ++i) {
      const bounded_top& top = part.samples[i].top;
      const auto [found, unknown] = budgets.try_emplace({top.lower, top.upper});
      if (unknown) found->second = mode.budget(top.lower, top.upper);
      if (found->second > 0.0) reports.values[i * bounds.size() + j] = {top.label, found->second};
    }
  }
  return reports;
}

/// Brief: how the test input is noised in every part's votes, for the flag `joint`: the scale that all draws of a vote
/// have together, rounded down.
/// Throws: argument_error without draws, or unless the scale is finite and positive.
[[nodiscard]] inline double joint_scale(const test_noise& test) {
  expect(test.draws >= 1, "joint: votes without test noise say nothing of another test input, got ", test.draws,
         " draws");
  expect(std::isfinite(test.sigma) && test.sigma > 0.0, "joint: the test scale must be finite and positive, got ",
         test.sigma);
  return test.sigma / std::sqrt(static_cast<double>(test.draws)) * (1.0 - 0x1p-51);
}

/// Brief: the statement of parts with smoothing inside: however up to `rows` parts are changed, the parts still name
/// the label, as long as the changes of features in the others have a weighted sum below the energy that is left.
/// Maths: THEORY: sum over rows of |delta_i|^2 / sigma_i^2 < energy(rows); the radius of a mode of one part with the
/// square root of the energy in place of its budget. With `joint`, t = |delta_t|^2 / sigma_t^2 is spent in every part.
/// Cost: one sort per sample; n k memory.
class part_statement {
public:
  /// Brief: `mode` is the mode of one part on the scales of all training rows, without flags; `part_of` gives the part
  /// of every row.
  /// Shapes: part_of [rows].
  /// Throws: argument_error if the lengths disagree or a part does not exist.
  part_statement(stated_mode mode, training_scales scales, std::vector<std::uint32_t> part_of, part_reports reports,
                 std::optional<test_noise> test = {})
      : mode_(std::move(mode)),
        scales_(std::move(scales)),
        part_of_(std::move(part_of)),
        reports_(std::move(reports)),
        joint_(test.has_value()),
        test_scale_(test ? joint_scale(*test) : 0.0) {
    expect(part_of_.size() == scales_.size(), "parts: ", scales_.size(), " rows have scales, ", part_of_.size(),
           " have a part");
    for (const std::uint32_t part : part_of_) {
      expect(part < reports_.parts, "parts: expected parts below ", reports_.parts, ", got ", part);
    }
  }

  [[nodiscard]] const part_reports& reports() const noexcept { return reports_; }
  [[nodiscard]] std::span<const std::uint32_t> part_of() const noexcept { return part_of_; }
  [[nodiscard]] bool is_joint() const noexcept { return joint_; }

  [[nodiscard]] part_frontier frontier(std::size_t sample) const {
    return part_frontier(reports_.of(sample), reports_.classes, reports_.failures);
  }

  /// Brief: the length that all changes of rows together (and of the test input, with `joint`) may have when `rows`
  /// parts are changed at will; rounded down.
  [[nodiscard]] double radius(const part_frontier& frontier, std::size_t rows) const {
    const double alone = mode_.radius(frontier.budget(rows), 0);
    if (!joint_ || alone == 0.0) return alone;
    const double smallest = mode_.scale(0);
    // p is covered if p^2 / min sigma^2 < energy(p^2 / sigma_t^2): the left side grows, the right side falls.
    const auto covered = [&](double p) {
      const double spent = square_over(p, test_scale_);
      return square_over(p, smallest) < frontier.energy(rows, spent);
    };
    double inside = 0.0;
    double outside = alone;
    for (int halving = 0; halving < 60; ++halving) {
      const double middle = 0.5 * (inside + outside);
      (covered(middle) ? inside : outside) = middle;
    }
    return inside;
  }

  /// Brief: whether the parts withstand an attack that is known row by row: a part is lost if the energy spent on it
  /// reaches its budget, or, where labels are covered too, if one of its rows has another label.
  /// Shapes: result [n].
  /// Throws: argument_error if the attack has another number of rows.
  /// Cost: n k, and one pass over the rows.
  [[nodiscard]] std::vector<bool> covers(const attack_extent& attack, bool labels) const {
    expect(attack.l2.size() == scales_.size(), "parts: expected the change of ", scales_.size(), " rows, got ",
           attack.l2.size());
    expect(!labels || attack.relabelled.empty() || attack.relabelled.size() == scales_.size(),
           "parts: expected whether each of ", scales_.size(), " labels changed, got ", attack.relabelled.size());
    expect(!labels || attack.changed_labels == 0 || !attack.relabelled.empty(),
           "parts: labels changed, but not which");
    std::vector<double> spent(reports_.parts, joint_ ? square_over(attack.test_l2, test_scale_) : 0.0);
    std::vector<bool> relabelled(reports_.parts, false);
    for (std::size_t i = 0; i < attack.l2.size(); ++i) {
      const double length = attack.l2[i];
      expect(std::isfinite(length) && length >= 0.0, "parts: the change of row ", i, " must be finite and >= 0, got ",
             length);
      if (length > 0.0) spent[part_of_[i]] = (spent[part_of_[i]] + square_over(length, scales_[i])) * up;
      if (labels && !attack.relabelled.empty() && attack.relabelled[i]) relabelled[part_of_[i]] = true;
    }
    std::vector<bool> covered(reports_.samples());
    std::vector<bool> lost(reports_.parts);
    for (std::size_t s = 0; s < covered.size(); ++s) {
      const auto own = reports_.of(s);
      for (std::size_t j = 0; j < own.size(); ++j) {
        const double budget = own[j].budget;
        lost[j] = relabelled[j] || !(spent[j] < budget * budget * down);
      }
      covered[s] = frontier(s).covers_lost(lost);
    }
    return covered;
  }

  /// Brief: the certificates: label, rows survived, the budget with no row touched at will, and the radii for 0, 1, ...
  /// rows.
  /// Cost: a sort per sample.
  [[nodiscard]] std::vector<certificate> issue(const bounded_votes& of_one_part, std::string_view name) const {
    std::vector<certificate> all;
    all.reserve(reports_.samples());
    for (std::size_t s = 0; s < reports_.samples(); ++s) {
      const part_frontier region = frontier(s);
      certificate c{.predicted = region.votes().leader(),
                    .scale = mode_.scale(s),
                    .mode = name,
                    .norm = mode_.norm,
                    .bound = of_one_part.bound,
                    .selection = of_one_part.selection,
                    .alpha = reports_.alpha,
                    .models = of_one_part.samples[s].models};
      c.result = outcome::bounds_overlap;
      if (const auto most = region.survives()) {
        c.label = region.label();
        c.rows = *most;
        c.budget = region.budget(0);
        c.result = outcome::certified;
        for (std::size_t rows = 0; rows <= *most; ++rows) {
          c.frontier.push_back(certified_radius::issue_region(*this, region, rows));
        }
        c.radius = c.frontier.front();
      }
      all.push_back(std::move(c));
    }
    return all;
  }

private:
  static constexpr double up = 1.0 + 0x1p-50;
  static constexpr double down = 1.0 - 0x1p-50;

  /// (length / scale)^2, rounded up.
  [[nodiscard]] static double square_over(double length, double scale) {
    const double ratio = length / scale;
    return ratio * ratio * up;
  }

  stated_mode mode_;
  training_scales scales_;
  std::vector<std::uint32_t> part_of_;
  part_reports reports_;
  bool joint_;
  double test_scale_;
};

}  // namespace v1
}  // namespace certssb
