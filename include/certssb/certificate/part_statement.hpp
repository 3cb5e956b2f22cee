// SPDX-License-Identifier: MIT
#pragma once
// Brief: flag `parts`: every part of the training set has an ensemble of its own, and the parts vote.

#include "certssb/bound/part_failures.hpp"
#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/stated_mode.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/radius/worst_rows.hpp"

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
class part_reports {
public:
  /// Brief: every part abstains at first. More than `failures` reports of a sample at level alpha_part are false with
  /// probability alpha at most (bound/part_failures.hpp).
  /// Throws: argument_error for no parts or samples, more failures than parts, or fewer than allowed_failures.
  part_reports(std::size_t parts, std::size_t samples, std::size_t classes, double alpha, double alpha_part,
               std::size_t failures)
      : parts_(parts),
        classes_(classes),
        failures_(failures),
        alpha_(alpha),
        alpha_part_(alpha_part),
        values_(parts * samples) {
    expect(parts > 0 && samples > 0, "parts: needs at least 1 part and 1 sample");
    expect(failures <= parts, "parts: failures must be at most the number of parts, ", parts, ", got ", failures);
    const std::size_t least = allowed_failures(parts, alpha_part, alpha);
    expect(failures >= least, "parts: of ", parts, " reports at level ", alpha_part, " as many as ", least,
           " must be allowed to be false, got ", failures);
  }

  /// Brief: what part j reports: the class that its bounds name, and the budget that `mode` gives them.
  /// Shapes: bounds of the same n samples.
  /// Throws: argument_error if the part does not exist, or its samples, classes or level are not those of the others.
  void report(std::size_t j, const bounded_votes& bounds, const stated_mode& mode) {
    expect(j < parts_, "parts: expected a part below ", parts_, ", got ", j);
    expect(bounds.samples.size() == samples() && bounds.classes == classes_ && bounds.alpha == alpha_part_,
           "parts: part ", j, " has ", bounds.samples.size(), " samples, ", bounds.classes, " classes and level ",
           bounds.alpha, ", expected ", samples(), ", ", classes_, " and ", alpha_part_);
    for (std::size_t i = 0; i < samples(); ++i) {
      const bounded_top& top = bounds.samples[i].top;
      const auto [found, unknown] = budgets_.try_emplace({top.lower, top.upper});
      if (unknown) found->second = mode.budget(top.lower, top.upper);
      values_[i * parts_ + j] = found->second > 0.0 ? part_report{top.label, found->second} : part_report{};
    }
  }

  [[nodiscard]] std::size_t parts() const noexcept { return parts_; }
  [[nodiscard]] std::size_t samples() const noexcept { return values_.size() / parts_; }
  [[nodiscard]] std::size_t failures() const noexcept { return failures_; }
  [[nodiscard]] double alpha() const noexcept { return alpha_; }
  [[nodiscard]] std::span<const part_report> of(std::size_t sample) const {
    return std::span(values_).subspan(sample * parts_, parts_);
  }
  /// Brief: the classes that the parts name for one sample.
  [[nodiscard]] part_votes votes(std::size_t sample) const { return votes_of(of(sample), classes_); }
  /// Brief: the region of attacks that the reports on one sample withstand.
  [[nodiscard]] part_frontier frontier(std::size_t sample) const {
    return part_frontier(of(sample), classes_, failures_);
  }

private:
  std::size_t parts_;
  std::size_t classes_;
  std::size_t failures_;
  double alpha_;
  double alpha_part_;
  std::vector<part_report> values_;  ///< [n,k]
  std::map<std::pair<double, double>, double> budgets_;
};

/// Brief: the statement of parts with smoothing inside: however up to `rows` parts are changed, the parts still name
/// the label, as long as the changes of features in the others have a weighted sum below the energy that is left.
/// Maths: sum over rows of |delta_i|^2 / sigma_i^2 < energy(rows). The radius is that of a mode of one part with the
/// square root of the energy in place of its budget. With `joint`, t = |delta_t|^2 / sigma_t^2 is spent in every part.
/// Cost: one sort per sample; n k memory.
class part_statement {
public:
  /// Brief: `mode` is the mode of one part on the scales of all training rows, without flags; `part_of` gives the part
  /// of every row.
  /// Shapes: part_of [rows].
  /// Throws: argument_error if the lengths disagree, a part does not exist, the mode does not take parts or has flags, or
  /// the mode is for other rows or larger scales.
  part_statement(stated_mode mode, training_scales scales, std::vector<std::uint32_t> part_of, part_reports reports,
                 std::optional<test_noise> test = {})
      : mode_(std::move(mode)),
        scales_(std::move(scales)),
        part_of_(std::move(part_of)),
        reports_(std::move(reports)),
        joint_(test.has_value()),
        test_scale_(test ? joint_scale(*test) : 0.0),
        precisions_(precisions_of(scales_)) {
    expect(part_of_.size() == scales_.size(), "parts: ", scales_.size(), " rows have scales, ", part_of_.size(),
           " have a part");
    expect(mode_.certified && mode_.facts.takes_parts, "parts: the statement of mode ", mode_.name,
           " is not a weighted sum over rows, which +parts needs");
    expect(mode_.rows() == scales_.size() && mode_.scale(0) <= scales_.smallest(), "parts: the mode is for ",
           mode_.rows(), " rows of scale ", mode_.scale(0), " or more, the scales are of ", scales_.size(),
           " rows of scale ", scales_.smallest(), " or more");
    for (const std::uint32_t part : part_of_) {
      expect(part < reports_.parts(), "parts: expected parts below ", reports_.parts(), ", got ", part);
    }
  }

  static constexpr bool certified = true;

  [[nodiscard]] const part_reports& reports() const noexcept { return reports_; }

  /// Brief: the length that all changes of rows together (and of the test input, with `joint`) may have when `rows`
  /// parts are changed at will; rounded down.
  [[nodiscard]] double radius(const part_frontier& frontier, std::size_t rows) const {
    const double alone = mode_.radius(frontier.budget(rows), 0);
    if (!joint_ || alone == 0.0) return alone;
    const double smallest = mode_.scale(0);
    return largest(frontier, rows, alone, [&](double p) { return square_over(p, smallest); });
  }

  /// Brief: the largest common norm of patterns on `patterned` unknown rows (and on the test input, with `joint`) that
  /// is covered when no part is changed at will; rounded down.
  [[nodiscard]] double per_pattern(const part_frontier& frontier, std::size_t patterned) const {
    const double alone = mode_.per_pattern(frontier.budget(0), patterned);
    if (!joint_ || alone == 0.0) return alone;
    const double precision = precisions_.sum(patterned) * up;
    return largest(frontier, 0, alone, [&](double p) { return p * p * precision * up; });
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
    expect(!labels || attack.changed_labels == 0 || !attack.relabelled.empty(), "parts: labels changed, but not which");
    std::vector<double> spent(reports_.parts(), joint_ ? square_over(attack.test_l2, test_scale_) : 0.0);
    std::vector<bool> relabelled(reports_.parts(), false);
    for (std::size_t i = 0; i < attack.l2.size(); ++i) {
      const double length = attack.l2[i];
      expect(std::isfinite(length) && length >= 0.0, "parts: the change of row ", i, " must be finite and >= 0, got ",
             length);
      if (length > 0.0) spent[part_of_[i]] = (spent[part_of_[i]] + square_over(length, scales_[i])) * up;
      if (labels && !attack.relabelled.empty() && attack.relabelled[i]) relabelled[part_of_[i]] = true;
    }
    std::vector<bool> covered(reports_.samples());
    std::vector<bool> lost(reports_.parts());
    for (std::size_t s = 0; s < covered.size(); ++s) {
      const auto own = reports_.of(s);
      for (std::size_t j = 0; j < own.size(); ++j) {
        const double budget = own[j].budget;
        lost[j] = relabelled[j] || !(spent[j] < budget * budget * down);
      }
      covered[s] = reports_.votes(s).covers_lost(lost, reports_.failures());
    }
    return covered;
  }

  /// Brief: the certificates: label, rows survived, the budget with no row touched at will, and the radii for 0, 1, ...
  /// rows. `name` is that of the mode with its flags, `bound` and `selection` those behind the reports.
  /// Cost: a sort per sample, and a bisection per radius with `joint`.
  [[nodiscard]] std::vector<certificate> issue(std::string_view name, std::string_view bound,
                                               std::string_view selection, std::int64_t models) const {
    std::vector<certificate> all;
    all.reserve(reports_.samples());
    for (std::size_t i = 0; i < reports_.samples(); ++i) {
      const part_frontier region = reports_.frontier(i);
      certificate c{.predicted = region.votes().leader(),
                    .scale = mode_.scale(i),
                    .result = outcome::bounds_overlap,
                    .mode = name,
                    .norm = mode_.norm,
                    .bound = bound,
                    .selection = selection,
                    .alpha = reports_.alpha(),
                    .models = models};
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

  /// The largest p <= alone with energy_of(p) < energy(rows, p^2 / sigma_t^2): the left side grows with p, the right side
  /// falls.
  template <class Energy>
  [[nodiscard]] double largest(const part_frontier& frontier, std::size_t rows, double alone,
                               const Energy& energy_of) const {
    double inside = 0.0;
    double outside = alone;
    for (int halving = 0; halving < 60; ++halving) {
      const double middle = 0.5 * (inside + outside);
      const bool covered = energy_of(middle) < frontier.energy(rows, square_over(middle, test_scale_));
      (covered ? inside : outside) = middle;
    }
    return inside;
  }

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
  worst_rows precisions_;
};

}  // namespace v1
}  // namespace certssb
