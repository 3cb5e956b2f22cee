// SPDX-License-Identifier: MIT
#pragma once
// Brief: inputs without labels for a finished run, read piece by piece: an array, a table or a folder of images.

#include "certssb/core/expect.hpp"
#include "certssb/core/number_text.hpp"
#include "certssb/data/csv_reader.hpp"
#include "certssb/data/image_reader.hpp"
#include "certssb/data/labelled_rows.hpp"
#include "certssb/data/value_ranges.hpp"
#include "certssb/io/any_array.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/io/npy_header.hpp"
#include "certssb/run/kept_run.hpp"
#include "certssb/run/load_data.hpp"
#include "certssb/tensor/host_array.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: inputs in the order of their file.
/// Units: those of the run's rows, [0,1].
struct input_source {
  std::size_t size = 0;
  /// Inputs first .. first + count - 1. Throws data_error, naming the place, for one that does not fit the run.
  std::function<host_array<float>(std::size_t first, std::size_t count)> read;
};

namespace detail {

[[nodiscard]] inline std::size_t scalars_of(std::span<const std::size_t> shape) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  return size;
}

/// Brief: a value as the run's rows have it.
[[nodiscard]] inline float scaled_input(double value, const value_range& range, const std::string& place) {
  const std::optional<float> scaled = scaled_to_unit(value, range);
  expect<data_error>(scaled.has_value(), place, ": expected a number from ", range.low, " to ", range.high, ", got ",
                     value);
  return *scaled;
}

/// Brief: an array [n, ...]: bytes are pixels, other numbers are in the ranges that the run's data set was given, or in
/// [0,1].
[[nodiscard]] inline input_source open_array(const std::string& file, const kept_run& run) {
  const npy_header header = read_npy_header(file);
  std::vector<std::size_t> shape(header.shape.begin() + (header.shape.empty() ? 0 : 1), header.shape.end());
  if (shape.size() == 2) shape.insert(shape.begin(), 1);
  expect<data_error>(header.shape.size() >= 2 && shape == run.row_shape(), file,
                     ": expected inputs whose rows have shape ", shape_text(run.row_shape()), ", got ",
                     shape_text(header.shape));
  const std::size_t row = scalars_of(shape);
  std::vector<value_range> ranges(row, value_range{0.0, 1.0});
  if (run.holds(kept_columns_name)) {
    ranges = read_column_ranges(run.file(kept_columns_name), row, {});
  } else if (header.type == "|u1") {
    ranges.assign(row, value_range{0.0, 255.0});
  }
  const auto read = [=](std::size_t first, std::size_t count) {
    const std::size_t width = static_cast<std::size_t>(header.type[2] - '0') * row;
    raw_array raw{header, std::string(count * width, '\0')};
    raw.header.shape = {count, row};
    raw.header.count = count * row;
    std::ifstream in(file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(header.offset + first * width));
    in.read(raw.bytes.data(), static_cast<std::streamsize>(raw.bytes.size()));
    expect<data_error>(in.good(), file, ": cannot be read");
    const npy_array<double> values = reals_of(raw, file);
    host_array<float> inputs(std::vector<float>(values.values.size()), row);
    for (std::size_t i = 0; i < values.values.size(); ++i) {
      const std::size_t column = i % row;
      const double value = values.values[i];
      const bool fits = value >= ranges[column].low && value <= ranges[column].high;
      inputs.values[i] = scaled_input(
          value, ranges[column], fits ? "" : concatenate(file, ": row ", first + i / row, ", column ", column + 1));
    }
    return inputs;
  };
  return {header.shape.front(), read};
}

/// Brief: a table with the columns of the run's, with or without that of the labels. Its text is held in memory.
[[nodiscard]] inline input_source open_table(const std::string& file, const kept_run& run) {
  const data_settings& s = run.settings().data;
  expect<data_error>(run.holds(kept_columns_name), file, ": the run's rows are not those of a table");
  const auto table = std::make_shared<const csv_table_text>(read_csv(file, {.header = s.header == "yes"}));
  const std::size_t row = scalars_of(run.row_shape());
  expect<data_error>(table->rows() > 0, file, ": holds no rows");
  expect<data_error>(table->columns() == row || table->columns() == row + 1, file, ": expected the run's ", row,
                     " columns, with or without that of the labels, got ", table->columns());
  const bool labelled = table->columns() == row + 1;
  expect<data_error>(labelled || s.header == "yes", file, ": without names, the column of labels must be there too");
  std::size_t label = table->columns();
  if (labelled) label = find_column(*table, s.label_column.value_or(""), file);
  std::vector<std::string> names = table->names();
  if (!names.empty() && label < names.size()) names.erase(names.begin() + static_cast<std::ptrdiff_t>(label));
  const std::vector<value_range> ranges = read_column_ranges(run.file(kept_columns_name), row, names);
  std::map<std::size_t, category_map> categories;
  if (run.holds(kept_categories_name)) {
    for (auto& [column, map] : read_categories(run.file(kept_categories_name).string())) {
      if (!labelled && column == s.label_column) continue;
      categories[find_column(*table, column, file)] = std::move(map);
    }
  }
  const auto read = [=](std::size_t first, std::size_t count) {
    host_array<float> inputs(std::vector<float>(), row);
    for (std::size_t i = first; i < first + count; ++i) {
      for (std::size_t c = 0; c < table->columns(); ++c) {
        if (c == label) continue;
        const std::string place = concatenate(file, ": line ", table->line(i), ", column ", c + 1);
        double value = 0.0;
        if (const auto known = categories.find(c); known != categories.end()) {
          const auto found = known->second.find(table->cell(i, c));
          expect<data_error>(found != known->second.end(), place, ": expected one of the ", known->second.size(),
                             " categories of this column, got ", table->cell(i, c).substr(0, 40));
          value = found->second;
        } else {
          value = table->real(i, c);
        }
        inputs.values.push_back(scaled_input(value, ranges[c - (c > label ? 1 : 0)], place));
      }
    }
    return inputs;
  };
  return {table->rows(), read};
}

/// Brief: the images of a folder, in the order of their names, made rows as the run's images were.
[[nodiscard]] inline input_source open_images(const std::string& folder, const kept_run& run) {
  const std::filesystem::path place(folder);
  const auto files =
      std::make_shared<const image_class>(list_image_class(place.parent_path(), place.filename().string()));
  image_options options{.channels = run.settings().data.channels};
  if (run.settings().data.resize) options.resize = parse_image_size(*run.settings().data.resize);
  const auto reader = std::make_shared<image_reader>(options);
  const std::vector<std::size_t> wanted = run.row_shape();
  const auto read = [=](std::size_t first, std::size_t count) {
    const auto begin = files->files.begin() + static_cast<std::ptrdiff_t>(first);
    const image_class some{files->name, {begin, begin + static_cast<std::ptrdiff_t>(count)}};
    labelled_rows rows = reader->read(std::span(&some, 1));
    expect<data_error>(rows.row_shape == wanted, folder, ": expected images of ", shape_text(wanted), ", got ",
                       shape_text(rows.row_shape));
    return host_array<float>(std::move(rows.values), scalars_of(wanted));
  };
  return {files->files.size(), read};
}

}  // namespace detail

/// Brief: opens `images:FOLDER`, `csv:FILE` or the name of a .npy file.
/// Throws: data_error for files that break the rules of their format or do not fit the run.
/// Cost: a piece is in memory while it is read; of a table, its text all the time.
[[nodiscard]] inline input_source open_inputs(const std::string& inputs, const kept_run& run) {
  if (inputs.starts_with("images:")) return detail::open_images(inputs.substr(7), run);
  if (inputs.starts_with("csv:")) return detail::open_table(inputs.substr(4), run);
  expect(inputs.ends_with(".npy"), "inputs: expected FILE.npy, csv:FILE or images:FOLDER, got ", inputs);
  return detail::open_array(inputs, run);
}

}  // namespace v1
}  // namespace certssb
