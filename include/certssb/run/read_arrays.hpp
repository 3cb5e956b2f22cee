// SPDX-License-Identifier: MIT
#pragma once
// Brief: labels, rows and one number per row, read from arrays of any type and checked.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/number_text.hpp"
#include "certssb/io/any_array.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a number for all rows, `rows_of_a_common_value` times, or the name of an array of one number per row.
/// Throws: data_error as read_any_reals, and for another shape than [rows].
[[nodiscard]] inline std::vector<double> read_row_values(const std::string& number_or_place,
                                                         std::size_t rows_of_a_common_value) {
  if (const auto value = parse_number<double>(number_or_place)) {
    return std::vector<double>(rows_of_a_common_value, *value);
  }
  npy_array<double> rows = read_any_reals(number_or_place);
  expect<data_error>(rows.shape.size() == 1, number_or_place, ": expected one value a row, shape [rows], got ",
                     rows.shape.size(), " axes");
  return std::move(rows.values);
}

/// Brief: n labels, each in [lowest, classes).
/// Throws: data_error as read_any_integers, and for another shape or label.
[[nodiscard]] inline std::vector<label_type> read_labels(const std::string& place, std::size_t n, label_type lowest,
                                                         std::size_t classes) {
  npy_array<std::int64_t> labels = read_any_integers(place);
  expect<data_error>(labels.shape.size() == 1 && labels.shape[0] == n, place, ": expected labels of shape [", n,
                     "], got ", labels.shape.size(), " axes and ", labels.values.size(), " values");
  for (const label_type label : labels.values) {
    expect<data_error>(label >= lowest && std::cmp_less(label, classes), place, ": label ", label, " is outside [",
                       lowest, ", ", classes, ")");
  }
  return std::move(labels.values);
}

/// Brief: n rows of finite reals; all axes but the first are made one.
/// Throws: data_error as read_any_reals, for another number of rows, empty rows, and a value that is not finite.
[[nodiscard]] inline host_array<double> read_rows(const std::string& place, std::size_t n) {
  npy_array<double> rows = read_any_reals(place);
  expect<data_error>(!rows.shape.empty() && rows.shape[0] == n, place, ": expected ", n, " rows, got ",
                     rows.shape.empty() ? 0 : rows.shape[0]);
  expect<data_error>(n == 0 || !rows.values.empty(), place, ": the rows are empty");
  for (const double value : rows.values) {
    expect<data_error>(std::isfinite(value), place, ": expected finite values, got ", value);
  }
  if (n == 0) return {};
  const std::size_t row_size = rows.values.size() / n;
  return {std::move(rows.values), row_size};
}

}  // namespace v1
}  // namespace certssb
