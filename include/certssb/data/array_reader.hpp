// SPDX-License-Identifier: MIT
#pragma once
// Brief: reads inputs and labels from arrays in NumPy's format.

#include "certssb/core/expect.hpp"
#include "certssb/data/labelled_rows.hpp"
#include "certssb/data/value_ranges.hpp"
#include "certssb/io/any_array.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the rows of two arrays, each value scaled by its column's range to [0,1]. Inputs of type uint8 are pixels, 0 to
/// 255, unless ranges are given. Rows of two extents are grey images.
/// Shapes: inputs [N, ...], labels [N].
/// Throws: data_error as read_any_reals, for other shapes, a value outside its range and a label that is not from 0 to
/// 255; argument_error where ranges are needed and not given.
[[nodiscard]] inline labelled_rows read_labelled_arrays(const std::filesystem::path& inputs,
                                                        const std::filesystem::path& labels,
                                                        const std::filesystem::path& column_ranges) {
  const std::string name = inputs.string();
  const raw_array raw = read_raw_array(name);
  const bool pixels = raw.header.type == "|u1" && column_ranges.empty();
  expect(pixels || !column_ranges.empty(), "column_ranges: expected a file with each column's range, since ", name,
         " holds ", raw.header.type,
         ", not bytes. Ranges are known beforehand: measured on the rows, they would let a "
         "poisoned row change all others");
  npy_array<double> array = reals_of(raw, name);
  expect<data_error>(array.shape.size() >= 2 && !array.values.empty(), name,
                     ": expected inputs of shape [N, ...] with rows and columns, got ", array.shape.size(),
                     " axes and ", array.values.size(), " values");
  const npy_array<std::int64_t> classes = read_any_integers(labels.string());
  expect<data_error>(classes.shape.size() == 1 && classes.shape[0] == array.shape[0], labels.string(),
                     ": expected labels of shape [", array.shape[0], "], got ", classes.shape.size(), " axes and ",
                     classes.values.size(), " values");
  labelled_rows rows{{}, {array.shape.begin() + 1, array.shape.end()}, {}};
  if (rows.row_shape.size() == 2) rows.row_shape.insert(rows.row_shape.begin(), 1);
  const std::size_t columns = array.values.size() / array.shape[0];
  const std::vector<value_range> ranges = pixels ? std::vector<value_range>(columns, value_range{0.0, 255.0})
                                                 : read_column_ranges(column_ranges, columns, {});
  for (const std::int64_t label : classes.values) rows.labels.push_back(file_label(label, labels.string()));
  rows.values.reserve(array.values.size());
  for (std::size_t i = 0; i < array.values.size(); ++i) {
    const value_range& range = ranges[i % columns];
    const std::optional<float> scaled = scaled_to_unit(array.values[i], range);
    expect<data_error>(scaled.has_value(), name, ": row ", i / columns, ", column ", i % columns + 1,
                       ": expected a number from ", range.low, " to ", range.high, ", got ", array.values[i]);
    rows.values.push_back(*scaled);
  }
  return rows;
}

}  // namespace v1
}  // namespace certssb
