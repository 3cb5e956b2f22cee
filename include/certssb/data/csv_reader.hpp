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
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the number that each text of a column stands for.
using category_map = std::map<std::string, double, std::less<>>;

/// Brief: what a table does not say of itself.
struct table_options {
  std::string label_column;             ///< its name, or its number from 1
  bool header = true;                   ///< the first line holds names
  std::filesystem::path column_ranges;  ///< as read_column_ranges wants it; columns are those without the labels
  std::map<std::string, category_map> categories = {};  ///< by column, its name or number from 1, labels counted
};

namespace detail {

/// Brief: the place of a column by its name or its number from 1.
[[nodiscard]] inline std::size_t find_column(const csv_table_text& table, const std::string& wanted,
                                             const std::string& source) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  const bool is_number = failure == std::errc{} && end == wanted.data() + wanted.size();
  if (!is_number || std::ranges::find(table.names(), wanted) != table.names().end()) return table.column(wanted);
  expect<data_error>(number >= 1 && number <= table.columns(), source, ": expected a column from 1 to ",
                     table.columns(), ", got ", number);
  return number - 1;
}

/// Brief: the names of labels in the order of their numbers; a number without a name has itself.
/// Throws: data_error unless the numbers are different whole ones from 0 to 255.
[[nodiscard]] inline std::vector<std::string> names_of_labels(const category_map& labels) {
  std::vector<std::string> names;
  std::vector<bool> taken(256);
  for (const auto& [name, number] : labels) {
    const bool fits = number >= 0.0 && number < 256.0 && number == static_cast<double>(static_cast<int>(number));
    expect<data_error>(fits && !taken[static_cast<std::size_t>(number)],
                       "categories: expected a different whole number from 0 to 255 for each label, got ", number,
                       " for ", name);
    const auto label = static_cast<std::size_t>(number);
    taken[label] = true;
    while (names.size() <= label) names.push_back(std::to_string(names.size()));
    names[label] = name;
  }
  return names;
}

}  // namespace detail

/// Brief: the rows of a table, each column scaled by its range to [0,1].
/// Throws: data_error, naming line and column, for a cell that is missing, no number (no category, where the column has
/// them) or outside its column's range, a label that is no whole number from 0 to 255, and a table without rows or without
/// a second column; argument_error where label column or ranges are not given.
/// Cost: the text and its values in memory.
[[nodiscard]] inline labelled_rows read_labelled_csv(const std::filesystem::path& path, const table_options& options) {
  expect(!options.label_column.empty(), "label_column: expected the name or number of the column of labels");
  expect(!options.column_ranges.empty(),
         "column_ranges: expected a file with each column's range. Ranges are known "
         "beforehand: measured on the rows, they would let a poisoned row change all others");
  const csv_table_text table = read_csv(path, {.header = options.header});
  expect<data_error>(table.rows() > 0, path.string(), ": holds no rows");
  expect<data_error>(table.columns() >= 2, path.string(), ": expected labels and at least 1 other column, got 1");
  const std::size_t label = detail::find_column(table, options.label_column, path.string());
  std::vector<const category_map*> categories(table.columns());
  for (const auto& [column, map] : options.categories) {
    const category_map*& slot = categories[detail::find_column(table, column, path.string())];
    expect<data_error>(slot == nullptr, "categories: column ", column, " has categories already");
    slot = &map;
  }
  std::vector<std::string> names = table.names();
  if (!names.empty()) names.erase(names.begin() + static_cast<std::ptrdiff_t>(label));
  const std::size_t columns = table.columns() - 1;
  const std::vector<value_range> ranges = read_column_ranges(options.column_ranges, columns, names);
  labelled_rows rows{{}, {columns}, {}, names};
  if (categories[label] != nullptr) rows.label_names = detail::names_of_labels(*categories[label]);
  rows.values.reserve(table.rows() * columns);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto place = [&](std::size_t c) {
      return concatenate(path.string(), ": line ", table.line(i), ", column ", c + 1);
    };
    const auto number = [&](std::size_t c) {
      if (categories[c] == nullptr) return table.real(i, c);
      const std::string_view text = table.cell(i, c);
      const auto found = categories[c]->find(text);
      expect<data_error>(found != categories[c]->end(), place(c), ": expected one of the ", categories[c]->size(),
                         " categories of this column, got ", text.empty() ? "nothing" : text.substr(0, 40));
      return found->second;
    };
    const bool named = categories[label] != nullptr;
    rows.labels.push_back(
        file_label(named ? static_cast<std::int64_t>(number(label)) : table.integer(i, label), place(label)));
    for (std::size_t c = 0; c < table.columns(); ++c) {
      if (c == label) continue;
      const value_range& range = ranges[c - (c > label ? 1 : 0)];
      const double value = number(c);
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
