// SPDX-License-Identifier: MIT
#pragma once
// Brief: one noise scale per row, checked once; the same object serves the sampling and the radius. The scales of
// training rows and those of test inputs are different types: a radius is measured with the former alone.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the smallest Scalar that is not below `scale`: the scale of noise that is applied when a radius is taken at
/// `scale`.
/// Requires: scale within Scalar's range.
template <std::floating_point Scalar>
[[nodiscard]] Scalar applied_scale(double scale) {
  const auto nearest = static_cast<Scalar>(scale);
  return static_cast<double>(nearest) < scale ? std::nextafter(nearest, std::numeric_limits<Scalar>::infinity())
                                              : nearest;
}

/// Brief: positive noise scales sigma_i, one per row, for rows of either role.
/// Units: those of the inputs.
class noise_scales {
public:
  /// Throws: argument_error when a scale is not finite and positive, or when there are no scales.
  explicit noise_scales(std::vector<double> values) : values_(std::move(values)) {
    expect(!values_.empty(), "noise_scales: no scales given");
    for (const double sigma : values_) {
      expect(std::isfinite(sigma) && sigma > 0.0, "noise_scales: sigma must be finite and positive, got ", sigma);
    }
  }

  /// Brief: the same scale for every row.
  [[nodiscard]] static noise_scales constant(std::size_t rows, double sigma) {
    return noise_scales(std::vector<double>(rows, sigma));
  }

  /// Brief: one scale per class, independent of the features: row i has table[labels[i]].
  /// Throws: argument_error if a label is not in the table.
  [[nodiscard]] static noise_scales per_class(std::span<const label_type> labels, std::span<const double> table) {
    std::vector<double> values;
    values.reserve(labels.size());
    for (const label_type label : labels) {
      expect(label >= 0 && std::cmp_less(label, table.size()), "noise_scales: label ", label, " but ", table.size(),
             " scales");
      values.push_back(table[static_cast<std::size_t>(label)]);
    }
    return noise_scales(std::move(values));
  }

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] double operator[](std::size_t row) const noexcept { return values_[row]; }
  [[nodiscard]] std::span<const double> values() const noexcept { return values_; }
  [[nodiscard]] double smallest() const { return std::ranges::min(values_); }
  [[nodiscard]] double largest() const { return std::ranges::max(values_); }

private:
  std::vector<double> values_;
};

/// Brief: noise scales with a role: of training rows or of test inputs. Scales of one role never become scales of the
/// other, and plain noise_scales become scales of a role only by an explicit conversion.
template <class Role>
class scales_of : public noise_scales {
public:
  explicit scales_of(noise_scales scales) : noise_scales(std::move(scales)) {}
  /// Throws: as noise_scales.
  explicit scales_of(std::vector<double> values) : noise_scales(std::move(values)) {}
  template <class OtherRole>
  scales_of(const scales_of<OtherRole>&) = delete;

  /// Brief: as noise_scales::constant.
  [[nodiscard]] static scales_of constant(std::size_t rows, double sigma) {
    return scales_of(noise_scales::constant(rows, sigma));
  }

  /// Brief: as noise_scales::per_class.
  [[nodiscard]] static scales_of per_class(std::span<const label_type> labels, std::span<const double> table) {
    return scales_of(noise_scales::per_class(labels, table));
  }
};

namespace detail {
struct role_of_training_rows;
struct role_of_test_inputs;
}  // namespace detail

/// Brief: the noise scales of the members' training rows. Radii are measured with them.
using training_scales = scales_of<detail::role_of_training_rows>;

/// Brief: the noise scales of the test inputs when the members voted. No certified radius depends on them.
using test_scales = scales_of<detail::role_of_test_inputs>;

}  // namespace v1
}  // namespace certssb
