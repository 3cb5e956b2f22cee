// SPDX-License-Identifier: MIT
#include "arrays.hpp"

#include "certssb/io/any_array.hpp"

#include <charconv>
#include <cmath>
#include <utility>

namespace certssb::cli {

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

std::optional<double> as_real(std::string_view text) {
  double value = 0.0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

namespace {

double parse_radius(const std::string& text) {
  const std::optional<double> radius = as_real(text);
  expect(radius && std::isfinite(*radius) && *radius >= 0.0, "--radii: expected numbers >= 0, got ", text);
  return *radius;
}

}  // namespace

std::vector<double> parse_radii(const std::string& list) {
  const std::vector<std::string> parts = split(list);
  std::vector<double> radii;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != "...") {
      radii.push_back(parse_radius(parts[i]));
      continue;
    }
    expect(i >= 2 && i + 1 < parts.size(), "--radii: ... stands between two numbers and a last one, got ", list);
    const double start = radii[radii.size() - 2];
    const double step = radii.back() - start;
    const double last = parse_radius(parts[i + 1]);
    expect(step > 0.0 && (last - start) / step < 100'000.0, "--radii: ... needs a step above 0, got ", list);
    for (int k = 2; start + step * k < last - 0.5 * step; ++k) {
      radii.push_back(std::round((start + step * k) * 1e12) / 1e12);
    }
  }
  for (std::size_t i = 1; i < radii.size(); ++i) {
    expect(radii[i] > radii[i - 1], "--radii: expected ascending numbers, got ", list);
  }
  return radii;
}

std::vector<double> read_row_values(const std::string& number_or_file, std::size_t rows_of_a_common_value) {
  if (const auto value = as_real(number_or_file)) return std::vector<double>(rows_of_a_common_value, *value);
  npy_array<double> rows = read_any_reals(number_or_file);
  expect<data_error>(rows.shape.size() == 1, number_or_file, ": expected one value a row, shape [rows], got ",
                     rows.shape.size(), " axes");
  return std::move(rows.values);
}

noise_scales read_scales(const std::string& number_or_file, std::size_t rows_of_a_common_scale) {
  return noise_scales(read_row_values(number_or_file, rows_of_a_common_scale));
}

std::vector<label_type> read_labels(const std::string& path, std::size_t n, label_type lowest, std::size_t classes) {
  npy_array<std::int64_t> labels = read_any_integers(path);
  expect<data_error>(labels.shape.size() == 1 && labels.shape[0] == n, path, ": expected labels of shape [", n,
                     "], got ", labels.shape.size(), " axes and ", labels.values.size(), " values");
  for (const label_type label : labels.values) {
    expect<data_error>(label >= lowest && std::cmp_less(label, classes), path, ": label ", label, " is outside [",
                       lowest, ", ", classes, ")");
  }
  return std::move(labels.values);
}

host_array<double> read_rows(const std::string& path, std::size_t n) {
  npy_array<double> rows = read_any_reals(path);
  expect<data_error>(!rows.shape.empty() && rows.shape[0] == n, path, ": expected ", n, " rows, got ",
                     rows.shape.empty() ? 0 : rows.shape[0]);
  expect<data_error>(n == 0 || !rows.values.empty(), path, ": the rows are empty");
  for (const double value : rows.values) {
    expect<data_error>(std::isfinite(value), path, ": expected finite values, got ", value);
  }
  if (n == 0) return {};
  const std::size_t row_size = rows.values.size() / n;
  return {std::move(rows.values), row_size};
}

}  // namespace certssb::cli
