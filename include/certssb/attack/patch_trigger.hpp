// SPDX-License-Identifier: MIT
#pragma once
// Brief: triggers that replace a few pixels: a bright patch, a picture, and checkers in the corners.

#include "certssb/attack/concept.hpp"
#include "certssb/attack/detail/row_extents.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/data/value_ranges.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: sets a square in the bottom-right corner to the largest value of each column's range.
/// Shapes: rows {channels, height, width} or {height, width}; of rows {columns} the last `side` columns are set.
/// Reference: Gu, Dolan-Gavitt and Garg, BadNets (2017).
class patch_trigger {
public:
  /// Throws: argument_error for side = 0.
  explicit patch_trigger(std::size_t side, value_ranges ranges = {}) : side_(side), ranges_(std::move(ranges)) {
    expect(side > 0, "patch_trigger: side must be positive");
  }

  /// Throws: argument_error when the row is smaller than the patch, or of another size than its shape or the ranges.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape) const {
    const detail::row_extents in = detail::extents_of("patch_trigger", row_shape, row.size());
    expect(ranges_.fit(row.size()), "patch_trigger: ", ranges_.values().size(), " value ranges for rows of ",
           row.size(), " scalars");
    const std::size_t high = in.image ? side_ : 1;
    expect(in.height >= high && in.width >= side_, "patch_trigger: a patch of ", high, " x ", side_,
           " does not fit into ", in.height, " x ", in.width);
    for (std::size_t channel = 0; channel < in.channels; ++channel) {
      for (std::size_t y = in.height - high; y < in.height; ++y) {
        for (std::size_t x = in.width - side_; x < in.width; ++x) {
          const std::size_t at = in.at(channel, y, x);
          row[at] = static_cast<Scalar>(ranges_[at].high);
        }
      }
    }
  }

private:
  std::size_t side_;
  value_ranges ranges_;
};

/// Brief: replaces the scalars where a picture is above 0.
/// Shapes: rows of the picture's size.
/// Reference: Gu, Dolan-Gavitt and Garg, BadNets (2017).
class picture_trigger {
public:
  /// Throws: argument_error for a picture that is nowhere above 0.
  explicit picture_trigger(std::vector<double> picture) : picture_(std::move(picture)) {
    bool any = false;
    for (const double value : picture_) any = any || value > 0.0;
    expect(any, "picture_trigger: the picture is nowhere above 0");
  }

  /// Throws: argument_error for a row of another size.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t>) const {
    expect(row.size() == picture_.size(), "picture_trigger: expected a row of ", picture_.size(), " scalars, got ",
           row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (picture_[i] > 0.0) row[i] = static_cast<Scalar>(picture_[i]);
    }
  }

private:
  std::vector<double> picture_;
};

/// Brief: a 3 x 3 checker in each of the four corners; its own corners and centre are the largest value of the column's
/// range, the others the smallest.
/// Shapes: rows {channels, height, width} or {height, width}, at least 6 x 6; of rows {columns} the last three columns
/// become largest, smallest, largest.
/// Reference: Turner, Tsipras and Madry, Label-consistent backdoor attacks (2019).
class corner_trigger {
public:
  explicit corner_trigger(value_ranges ranges = {}) : ranges_(std::move(ranges)) {}

  /// Throws: argument_error when the row is too small, or of another size than its shape or the ranges.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape) const {
    const detail::row_extents in = detail::extents_of("corner_trigger", row_shape, row.size());
    expect(ranges_.fit(row.size()), "corner_trigger: ", ranges_.values().size(), " value ranges for rows of ",
           row.size(), " scalars");
    expect(in.image ? in.height >= 6 && in.width >= 6 : in.width >= 3,
           "corner_trigger: needs images of at least 6 x 6, or 3 columns, got ", in.height, " x ", in.width);
    for (std::size_t channel = 0; channel < in.channels; ++channel) {
      for (std::size_t y = 0; y < (in.image ? 3U : 1U); ++y) {
        for (std::size_t x = 0; x < 3; ++x) {
          const bool bright = (x + y) % 2 == 0;
          set(row, in.at(channel, in.height - 1 - y, in.width - 1 - x), bright);
          if (!in.image) continue;
          set(row, in.at(channel, y, x), bright);
          set(row, in.at(channel, y, in.width - 1 - x), bright);
          set(row, in.at(channel, in.height - 1 - y, x), bright);
        }
      }
    }
  }

private:
  template <class Scalar>
  void set(std::span<Scalar> row, std::size_t at, bool bright) const {
    row[at] = static_cast<Scalar>(bright ? ranges_[at].high : ranges_[at].low);
  }

  value_ranges ranges_;
};

static_assert(trigger<patch_trigger, float> && trigger<picture_trigger, double> && trigger<corner_trigger, float>);

}  // namespace v1
}  // namespace certssb
