// SPDX-License-Identifier: MIT
#pragma once
// Brief: rows and labels as a file holds them, before classes are chosen; and the ranges that scale them.

#include "certssb/core/expect.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/idx_reader.hpp"
#include "certssb/data/subset.hpp"
#include "certssb/data/value_ranges.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/tensor/host_array.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: labelled rows in the order of their file.
/// Shapes: values [labels.size(), row_shape...].
/// Units: values in [0,1].
struct labelled_rows {
  std::vector<float> values;
  std::vector<std::size_t> row_shape;
  std::vector<std::uint8_t> labels;           ///< the file's own
  std::vector<std::string> columns = {};      ///< of a table with names
  std::vector<std::string> label_names = {};  ///< the name of each label, where labels have names

  [[nodiscard]] std::size_t size() const noexcept { return labels.size(); }
  [[nodiscard]] std::size_t row_size() const noexcept { return labels.empty() ? 0 : values.size() / labels.size(); }

  /// Brief: the labels alone, for class_selection.
  [[nodiscard]] image_set labels_alone() const { return {{}, row_shape, labels}; }
};

/// Brief: a whole number of a file as a label.
/// Throws: data_error unless it lies in 0 .. 255; `place` begins the message.
[[nodiscard]] inline std::uint8_t file_label(std::int64_t label, const std::string& place) {
  expect<data_error>(label >= 0 && label < 256, place, ": expected labels from 0 to 255, got ", label);
  return static_cast<std::uint8_t>(label);
}

/// Brief: the first `rows` rows of the selected classes. Ids are places in the file.
/// Throws: argument_error for rows = 0, or when no row is left; data_error for a label out of range.
[[nodiscard]] inline dataset<host_array<float>> select_rows(const labelled_rows& all, const class_selection& classes,
                                                            std::size_t rows = all_rows) {
  std::vector<std::uint32_t> ids;
  std::vector<label_type> labels;
  std::vector<float> values;
  const std::span<const float> from(all.values);
  for (std::size_t i = 0; i < all.size() && ids.size() < rows; ++i) {
    const label_type label = classes.label_of(all.labels[i]);
    if (label == abstain) continue;
    ids.push_back(static_cast<std::uint32_t>(i));
    labels.push_back(label);
    const auto row = from.subspan(i * all.row_size(), all.row_size());
    values.insert(values.end(), row.begin(), row.end());
  }
  expect(!ids.empty(), "select_rows: no row of the selected classes is left");
  return dataset<host_array<float>>(host_array<float>(std::move(values), all.row_size()), std::move(labels),
                                    classes.size(), all.row_shape, value_range{0.0, 1.0}, std::move(ids));
}

/// Brief: a value scaled by its column's range to [0,1], or nothing outside of it (or for what is no number).
[[nodiscard]] inline std::optional<float> scaled_to_unit(double value, const value_range& range) {
  if (!(value >= range.low && value <= range.high)) return std::nullopt;
  return static_cast<float>((value - range.low) / (range.high - range.low));
}

/// Brief: reads the ranges of columns: a file of separated values with the columns column, low and high. A column is a
/// name, a number from 1, or * for all others.
/// Shapes: result [columns]; `names` is empty where columns have none.
/// Requires: the ranges are constants known beforehand, not taken from data that an attacker may have touched.
/// Throws: data_error, naming the line, for a column that does not exist or comes twice, an empty range, and columns
/// without a range.
[[nodiscard]] inline std::vector<value_range> read_column_ranges(const std::filesystem::path& path, std::size_t columns,
                                                                 const std::vector<std::string>& names) {
  const csv_table_text table = read_csv(path);
  const std::size_t column = table.column("column");
  const std::size_t low = table.column("low");
  const std::size_t high = table.column("high");
  std::vector<std::optional<value_range>> found(columns);
  std::optional<value_range> others;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string place = concatenate(path.string(), ": line ", table.line(row));
    const value_range range{table.real(row, low), table.real(row, high)};
    expect<data_error>(std::isfinite(range.low) && std::isfinite(range.high) && range.low < range.high, place,
                       ": expected low < high, got ", range.low, " and ", range.high);
    const std::string_view name = table.cell(row, column);
    std::size_t at = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    if (at == names.size()) {
      const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), at);
      const bool number = failure == std::errc{} && end == name.data() + name.size() && at >= 1 && at <= columns;
      expect<data_error>(number || name == "*", place, ": there is no column ", name.substr(0, 40));
      --at;
    }
    std::optional<value_range>& slot = name == "*" ? others : found[at];
    expect<data_error>(!slot, place, ": column ", name.substr(0, 40), " has a range already");
    slot = range;
  }
  std::vector<value_range> ranges;
  for (std::size_t c = 0; c < columns; ++c) {
    const std::optional<value_range>& own = found[c] ? found[c] : others;
    expect<data_error>(own.has_value(), path.string(), ": column ", c + 1,
                       c < names.size() ? " (" + names[c] + ")" : std::string(), " has no range");
    ranges.push_back(*own);
  }
  return ranges;
}

}  // namespace v1
}  // namespace certssb
