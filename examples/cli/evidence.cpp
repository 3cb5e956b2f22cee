// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include "arrays.hpp"
#include "certssb/io/files.hpp"
#include "certssb/report/summary.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace certssb::cli {

namespace {

sample_table read_samples(const std::filesystem::path& file) {
  const std::string text = read_file(file, std::uintmax_t{1} << 30U);
  sample_table table;
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    std::vector<std::string> cells = split(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
    if (table.columns.empty()) {
      table.columns = std::move(cells);
      continue;
    }
    expect<data_error>(cells.size() == table.columns.size(), file.string(), ": expected ", table.columns.size(),
                       " cells in row ", table.rows.size() + 1, ", got ", cells.size());
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace

bool sample_table::has(const std::string& column) const { return std::ranges::find(columns, column) != columns.end(); }

const std::string& sample_table::text(std::size_t row, const std::string& column) const {
  const auto found = std::ranges::find(columns, column);
  expect<data_error>(found != columns.end(), "the table of samples has no column ", column);
  return rows[row][static_cast<std::size_t>(found - columns.begin())];
}

double sample_table::real(std::size_t row, const std::string& column) const {
  const auto value = as_real(text(row, column));
  expect<data_error>(value.has_value(), "the table of samples: expected a number in column ", column, ", got ",
                     text(row, column));
  return *value;
}

std::int64_t sample_table::integer(std::size_t row, const std::string& column) const {
  const std::string& cell = text(row, column);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  expect<data_error>(failure == std::errc{} && end == cell.data() + cell.size(),
                     "the table of samples: expected a whole number in column ", column, ", got ", cell);
  return value;
}

std::vector<double> read_vector(const std::filesystem::path& file) {
  npy_array<double> array = read_npy_reals(file);
  expect<data_error>(array.shape.size() == 1, file.string(), ": expected shape [n], got ", array.shape.size(), " axes");
  return std::move(array.values);
}

namespace {

/// One scale a sample; the members' mean where each found its own, [M,n].
std::vector<double> read_test_scales(const std::filesystem::path& file, std::size_t n) {
  npy_array<double> array = read_npy_reals(file);
  if (array.shape.size() == 1) return std::move(array.values);
  expect<data_error>(array.shape.size() == 2 && array.shape[0] > 0 && array.shape[1] == n, file.string(),
                     ": expected shape [", n, "] or [M,", n, "], got ", array.shape.size(), " axes");
  std::vector<double> mean(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t at = i; at < array.values.size(); at += n) mean[i] += array.values[at];
    mean[i] /= static_cast<double>(array.shape[0]);
  }
  return mean;
}

}  // namespace

bound_basis basis_of(const std::string& bound) {
  if (bound == "enclosure") return bound_basis::enclosures;
  return bound == "clopper-pearson" || bound == "jeffreys-sequence" ? bound_basis::counts : bound_basis::scores;
}

ballot_evidence read_ballot(const std::filesystem::path& folder, const std::string& inputs, bound_basis basis) {
  ballot_evidence e;
  const std::string votes = concatenate("votes_", inputs, ".npy");
  e.votes = read_npy_integers(folder / votes);
  expect<data_error>(e.votes.shape.size() == 2 && e.size() > 0 && e.classes() >= 2, (folder / votes).string(),
                     ": expected counts of shape [n,K], K >= 2, got ", e.votes.shape.size(), " axes");
  e.sigma_test = read_test_scales(folder / concatenate("sigma_test_", inputs, ".npy"), e.size());
  e.samples = read_samples(folder / concatenate("samples_", inputs, ".csv"));
  expect<data_error>(e.sigma_test.size() == e.size() && e.samples.rows.size() == e.size(), folder.string(), ": ",
                     e.size(), " votes but ", e.sigma_test.size(), " test scales and ", e.samples.rows.size(),
                     " samples");
  if (basis == bound_basis::scores) {
    const std::string scores = concatenate("scores_", inputs, ".npy");
    e.scores = read_npy_reals(folder / scores);
    expect<data_error>(e.scores.shape.size() == 3 && e.scores.shape[0] > 0 && e.scores.shape[1] == e.size() &&
                           e.scores.shape[2] == e.classes(),
                       (folder / scores).string(), ": expected scores of shape [M,", e.size(), ",", e.classes(), "]");
  }
  if (basis == bound_basis::enclosures) {
    const std::string bounds = concatenate("bounds_", inputs, ".npy");
    e.bounds = read_npy_reals(folder / bounds);
    expect<data_error>(e.bounds.shape == std::vector<std::size_t>{e.size(), 3}, (folder / bounds).string(),
                       ": expected bounds of shape [", e.size(), ",3]");
  }
  return e;
}

std::string option_of(const option_list& options, const std::string& name) {
  for (const auto& [key, value] : options) {
    if (key == name) return option_text(value);
  }
  return "";
}

}  // namespace certssb::cli
