// SPDX-License-Identifier: MIT
#pragma once
// Brief: reads a table of numbers with a column of labels.

#include "certssb/core/expect.hpp"
#include "certssb/data/labelled_rows.hpp"
#include "certssb/data/value_ranges.hpp"
#include "certssb/io/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what a table does not say of itself.
struct table_options {
  std::string label_column;             ///< its name, or its number from 1
  bool header = true;                   ///< the first line holds names
  std::filesystem::path column_ranges;  ///< as read_column_ranges wants it; columns are those without the labels
};

/// Brief: the rows of a table, each column scaled by its range to [0,1].
/// Throws: data_error, naming line and column, for a cell that is missing, no number or outside its column's range, a
/// label that is no whole number from 0 to 255, and a table without rows or without a second column; argument_error where
/// label column or ranges are not given.
/// Cost: the text and its values in memory.
[[nodiscard]] inline labelled_rows read_labelled_csv(const std::filesystem::path& path, const table_options& options) {
  expect(!options.label_column.empty(), "label_column: expected the name or number of the column of labels");
  expect(!options.column_ranges.empty(),
         "column_ranges: expected a file with each column's range. Ranges are known "
         "beforehand: measured on the rows, they would let a poisoned row change all others");
  const csv_table_text table = read_csv(path, {.header = options.header});
  expect<data_error>(table.rows() > 0, path.string(), ": holds no rows");
  expect<data_error>(table.columns() >= 2, path.string(), ": expected labels and at least 1 other column, got 1");
  std::size_t label = 0;
  const std::string& wanted = options.label_column;
  const auto [end, failure] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), label);
  const bool number = failure == std::errc{} && end == wanted.data() + wanted.size();
  const bool named = std::ranges::find(table.names(), wanted) != table.names().end();
  if (named || !number) {
    label = table.column(wanted);
  } else {
    expect<data_error>(label >= 1 && label <= table.columns(), path.string(),
                       ": expected a column of labels from 1 to ", table.columns(), ", got ", label);
    --label;
  }
  std::vector<std::string> names = table.names();
  if (!names.empty()) names.erase(names.begin() + static_cast<std::ptrdiff_t>(label));
  const std::size_t columns = table.columns() - 1;
  const std::vector<value_range> ranges = read_column_ranges(options.column_ranges, columns, names);
  labelled_rows rows{{}, {columns}, {}};
  rows.values.reserve(table.rows() * columns);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto place = [&](std::size_t c) {
      return concatenate(path.string(), ": line ", table.line(i), ", column ", c + 1);
    };
    rows.labels.push_back(file_label(table.integer(i, label), place(label)));
    for (std::size_t c = 0; c < table.columns(); ++c) {
      if (c == label) continue;
      const value_range& range = ranges[c - (c > label ? 1 : 0)];
      const double value = table.real(i, c);
      const std::optional<float> scaled = scaled_to_unit(value, range);
      expect<data_error>(scaled.has_value(), place(c), ": expected a number from ", range.low, " to ", range.high,
                         ", got ", value);
      rows.values.push_back(*scaled);
    }
  }
  return rows;
}

}  // namespace v1
}  // namespace certssb
