// SPDX-License-Identifier: MIT
#pragma once
// Brief: a finished run whose models were kept, as what answers new inputs needs it; and what is kept beside the models.

#include "certssb/core/expect.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/value_ranges.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/io/safetensors_stack.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/read_run.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/data_settings.hpp"
#include "certssb/run/kept_models.hpp"
#include "certssb/run/replay_report.hpp"
#include "certssb/run/run_folder.hpp"
#include "certssb/run/run_settings.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the names of what is kept beside models: the range of each column, and copies of the files that say how the
/// columns of a table become numbers.
inline constexpr const char* kept_ranges_name = "input_ranges.npy";
inline constexpr const char* kept_columns_name = "column_ranges.csv";
inline constexpr const char* kept_categories_name = "categories.json";

/// Brief: the extents that come before those of a model in the files of a defence: members, parts, or parts and members.
[[nodiscard]] inline std::vector<std::size_t> extents_of_models(const defence_settings& d) {
  if (d.smoothed_parts()) return {d.parts, d.smoothing.models};
  if (d.plain_parts()) return {d.parts * d.elect.models_per_row};
  return {d.closed_form() ? 1 : d.smoothing.models};
}

/// Brief: keeps what inputs are: the ranges of the columns, [1,2] where one holds for all, and the files that scale them.
template <tensor Tensor>
void keep_input_form(const dataset<Tensor>& rows, const data_settings& s, run_folder& folder) {
  std::vector<double> ends;
  for (const value_range& range : rows.ranges().values()) ends.insert(ends.end(), {range.low, range.high});
  folder.write(kept_ranges_name, npy_bytes<double>({ends.size() / 2, 2}, ends));
  if (s.column_ranges) folder.write(kept_columns_name, read_file(*s.column_ranges));
  if (s.categories) folder.write(kept_categories_name, read_file(*s.categories));
}

/// Brief: the run in a folder. Only files are read that an answer needs, each after its digest is checked.
/// Determinism: nothing is written, so that any number of processes may use one folder.
class kept_run {
public:
  /// Throws: data_error if there is no run of this version that kept its models.
  explicit kept_run(std::filesystem::path folder)
      : folder_(std::move(folder)), results_(read_results(folder_)), settings_(settings_of(results_)) {
    expect<data_error>(results_.data.attacked && settings_.keep_models, folder_.string(),
                       ": its models were not kept; run with keep_models, or defend");
    settings_.parts.training_rows = results_.data.train;
  }

  [[nodiscard]] const run_results& results() const noexcept { return results_; }
  [[nodiscard]] const run_settings& settings() const noexcept { return settings_; }
  [[nodiscard]] const std::vector<std::size_t>& row_shape() const { return results_.data.row_shape; }
  [[nodiscard]] std::size_t classes() const { return results_.data.classes.size(); }

  /// Brief: the defence of this name; without a name, the only one.
  /// Throws: data_error if there is none, or several and no name.
  [[nodiscard]] const defence_result& defence(const std::string& name) const {
    std::string known;
    for (const defence_result& d : results_.defences) {
      if (d.name == name || (name.empty() && results_.defences.size() == 1)) return d;
      known += (known.empty() ? "" : ", ") + d.name;
    }
    throw data_error(concatenate(folder_.string(), ": holds the defences ", known, "; expected one of them, got ",
                                 name.empty() ? "none" : name));
  }

  [[nodiscard]] bool holds(const std::string& name) const { return results_.arrays.contains(name); }

  /// Brief: the place of a file of the run.
  /// Throws: data_error if it is missing, or is not what the run wrote.
  /// Cost: reads it once.
  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    const auto found = results_.arrays.find(name);
    expect<data_error>(found != results_.arrays.end(), folder_.string(), ": has no file ", name);
    const std::filesystem::path place = detail::inside(folder_, name);
    const std::string digest = sha256_of_file(place);
    expect<data_error>(digest == found->second, place.string(), ": expected SHA-256 ", found->second, ", got ", digest);
    return place;
  }

  /// Brief: the models of a file.
  /// Throws: data_error as `file`, and for another version or number of models.
  [[nodiscard]] std::shared_ptr<const safetensors_stack> models(const std::string& name,
                                                                std::vector<std::size_t> extents) const {
    const auto stack = std::make_shared<const safetensors_stack>(file(name), std::move(extents));
    const auto version = stack->metadata().find("certssb_models");
    expect<data_error>(version != stack->metadata().end() && version->second == kept_models_version,
                       (folder_ / name).string(), ": expected models of version ", kept_models_version, ", got ",
                       version == stack->metadata().end() ? "none" : version->second);
    return stack;
  }

  /// Brief: the ranges of the columns.
  /// Throws: data_error as `file`, and for ranges that are empty or of another number.
  [[nodiscard]] value_ranges ranges() const {
    const npy_array<double> ends = read_npy_reals(file(kept_ranges_name));
    std::vector<value_range> columns;
    for (std::size_t at = 0; at + 1 < ends.values.size(); at += 2) {
      columns.push_back({ends.values[at], ends.values[at + 1]});
      expect<data_error>(columns.back().low < columns.back().high, kept_ranges_name, ": holds an empty range");
    }
    std::size_t scalars = 1;
    for (const std::size_t extent : row_shape()) scalars *= extent;
    expect<data_error>(columns.size() == 1 || columns.size() == scalars, kept_ranges_name, ": expected 1 or ", scalars,
                       " ranges, got ", columns.size());
    return columns.size() == 1 ? value_ranges(columns.front()) : value_ranges(std::move(columns));
  }

  /// Brief: new inputs as rows, whose labels say nothing. An id keys the noise on its input.
  /// Throws: argument_error for inputs of another size, outside the ranges, or ids that repeat.
  template <tensor Tensor>
  [[nodiscard]] dataset<Tensor> rows(Tensor inputs, std::vector<std::uint32_t> ids, const value_ranges& ranges) const {
    const std::size_t n = tensor_traits<Tensor>::rows(inputs);
    return dataset<Tensor>(std::move(inputs), std::vector<label_type>(n), classes(), row_shape(), ranges,
                           std::move(ids));
  }

private:
  std::filesystem::path folder_;
  run_results results_;
  run_settings settings_;
};

}  // namespace v1
}  // namespace certssb
