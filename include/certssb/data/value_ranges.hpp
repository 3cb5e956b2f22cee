// SPDX-License-Identifier: MIT
#pragma once
// Brief: in which interval the values of each column lie: the unit of sigma and of every radius.

#include "certssb/core/expect.hpp"

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the closed interval in which a clean input's scalars lie.
struct value_range {
  double low = 0.0;
  double high = 1.0;
};

/// Brief: one range for all columns, or one per column. A column is one of the row_size() scalars of an input, in
/// row-major order of the row's shape.
/// Requires: the ranges are known beforehand (of sensors, of a format), not taken from data that an attacker may have
/// touched: a certificate holds in these units.
class value_ranges {
public:
  /// Brief: the same for every column.
  /// Throws: argument_error unless low < high.
  value_ranges(value_range range = {}) : value_ranges(std::vector<value_range>(1, range)) { same_ = true; }
  value_ranges(double low, double high) : value_ranges(value_range{low, high}) {}

  /// Brief: one per column.
  /// Throws: argument_error for no column, or one whose range is empty.
  value_ranges(std::vector<value_range> columns) : ranges_(std::move(columns)) {
    expect(!ranges_.empty(), "value_ranges: needs at least 1 range");
    for (const value_range& range : ranges_) {
      expect(range.low < range.high, "value_ranges: the range [", range.low, ", ", range.high, "] is empty");
    }
  }

  /// Brief: one per column, as in {{0, 1}, {0, 10}}; a single one holds for all columns.
  value_ranges(std::initializer_list<value_range> columns) : value_ranges(std::vector<value_range>(columns)) {
    same_ = columns.size() == 1;
  }

  /// Brief: true where one range was given for all columns.
  [[nodiscard]] bool same_for_all() const noexcept { return same_; }

  /// Brief: true where there is a range for each of `columns` columns.
  [[nodiscard]] bool fit(std::size_t columns) const noexcept { return same_ || ranges_.size() == columns; }

  /// Brief: the range of a column.
  /// Requires: column below the number of columns.
  [[nodiscard]] const value_range& operator[](std::size_t column) const noexcept { return ranges_[same_ ? 0 : column]; }

  /// Brief: the one range.
  /// Throws: argument_error if columns have ranges of their own.
  [[nodiscard]] const value_range& one() const {
    expect(same_, "value_ranges: the columns have ranges of their own, not one for all");
    return ranges_.front();
  }

  /// Brief: the ranges as given: one, or one per column.
  [[nodiscard]] const std::vector<value_range>& values() const noexcept { return ranges_; }

private:
  std::vector<value_range> ranges_;
  bool same_ = false;
};

}  // namespace v1
}  // namespace certssb
