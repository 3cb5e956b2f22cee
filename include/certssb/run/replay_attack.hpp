// SPDX-License-Identifier: MIT
#pragma once
// Brief: carries the attack of a finished run out again, and compares data, poisoned rows, patterns and test samples
// with what the run recorded.

#include "certssb/core/expect.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/experiment.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/load_data.hpp"
#include "certssb/run/replay_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the data of a run after its attack, made again from its configuration; `slopes` makes the slope
/// of an undefended model for attacks that move rows.
/// Throws: data_error if the data set's files are missing or bad, or the data or the attack were the caller's own.
[[nodiscard]] inline poisoned_split<host_array<float>> data_again(
    const run_results& run, slope_maker (*slopes)(const run_settings&) = nullptr) {
  const option_value* const attack = find_option(run.config, "attack");
  expect<data_error>(attack != nullptr && !std::holds_alternative<std::monostate>(*attack),
                     "the data and the attack of the run were its caller's own, and are not in its configuration");
  const run_settings settings = settings_of(run);
  try {
    const random_key key{*settings.data.data_seed};
    return poison_by_name(load_data(settings.data, key), settings.data, key, trusted_rows_of(settings),
                          slopes == nullptr ? slope_maker{} : slopes(settings));
  } catch (const argument_error& wrong) {
    throw data_error(concatenate("config: ", wrong.what()));
  }
}

namespace detail {

inline void compare_norms(replay_report& report, const std::filesystem::path& file, const std::vector<double>& found) {
  const std::vector<double> stated = read_npy_reals(file).values;
  const std::string name = file.filename().string();
  report.check(stated.size() == found.size(),
               concatenate(name, " holds ", stated.size(), " norms, found ", found.size()));
  for (std::size_t p = 0; p < std::min(stated.size(), found.size()); ++p) {
    report.check_number(concatenate(name, ", pattern ", p), stated[p], found[p]);
  }
}

template <tensor Tensor>
void compare_samples(replay_report& report, const std::filesystem::path& file, const std::string& place,
                     const dataset<Tensor>& rows) {
  const csv_table_text table = read_csv(file, {.limit = std::uintmax_t{1} << 30U});
  report.check(table.rows() == rows.size(),
               concatenate(place, "the run states ", table.rows(), " samples, the data hold ", rows.size()));
  const std::size_t id = table.column("id");
  const std::size_t label = table.column("label");
  for (std::size_t i = 0; i < std::min(table.rows(), rows.size()); ++i) {
    report.check(std::cmp_equal(table.integer(i, id), rows.ids()[i]),
                 concatenate(place, "row ", i, ": sample ", table.integer(i, id), ", in the data ", rows.ids()[i]));
    report.check(table.integer(i, label) == rows.labels()[i],
                 concatenate(place, "sample ", table.integer(i, id), ": its label is stated as ",
                             table.integer(i, label), ", in the data it is ", rows.labels()[i]));
  }
}

/// Brief: the stored test inputs, compared as far as builds agree: inputs are floats.
template <tensor Tensor>
void compare_inputs(replay_report& report, const std::filesystem::path& file, const std::string& place,
                    const dataset<Tensor>& rows) {
  const npy_array<double> stated = read_npy_reals(file);
  const bool fits = stated.shape == std::vector<std::size_t>{rows.size(), rows.row_size()};
  report.check(fits, place + "the stored inputs are of another shape than the data");
  std::vector<scalar_of<Tensor>> row(rows.row_size());
  for (std::size_t i = 0; fits && i < rows.size(); ++i) {
    tensor_traits<Tensor>::read(rows.inputs(), i, row);
    double most = 0.0;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const auto value = static_cast<double>(row[c]);
      const double gap = std::abs(stated.values[i * row.size() + c] - value) / (1.0 + std::abs(value));
      most = gap <= most ? most : gap;
    }
    report.check(most <= 1e-6,
                 concatenate(place, "sample ", rows.ids()[i], ": its stored input is not that of the data"));
  }
}

}  // namespace detail

/// Brief: compares data and attack with what a run recorded: counts, classes, poisoned rows, norms, and ids, labels and
/// stored inputs of both sets of test inputs.
/// Throws: nothing for files of the run, which are reported.
/// Cost: reads the tables of samples once.
template <tensor Tensor>
void compare_attack(replay_report& report, const std::filesystem::path& folder, const run_results& run,
                    const poisoned_split<Tensor>& data) {
  const data_result& stated = run.data;
  const auto check_count = [&](const std::string& name, std::size_t said, std::size_t found) {
    report.check(said == found, concatenate("data.", name, " is stated as ", said, ", found as ", found));
  };
  check_count("train", stated.train, data.train.data.size());
  check_count("test", stated.test, data.clean.size());
  check_count("poisoned_rows", stated.poisoned_rows, data.train.positions.size());
  check_count("relabelled_rows", stated.relabelled_rows, data.train.relabelled_rows());
  check_count("row_size", stated.row_size, data.clean.row_size());
  report.check(stated.classes == data.classes, "data.classes are not those of the data set");
  report.check(stated.row_shape.empty() || std::ranges::equal(stated.row_shape, data.clean.row_shape()),
               "data.row_shape is not that of the data set");
  report.check_number("data.pattern_l2_max", stated.pattern_l2_max, data.train.largest_norm());
  report.check_number("data.pattern_l2_frobenius", stated.pattern_l2_frobenius, data.train.frobenius_norm());
  report.check_number("data.pattern_l1_sum", stated.pattern_l1_sum,
                      std::accumulate(data.train.pattern_l1.begin(), data.train.pattern_l1.end(), 0.0));
  report.check_number("data.trigger_l2_max", stated.trigger_l2_max, data.largest_trigger);
  report.guard("", [&] {
    const std::vector<std::int64_t> rows = read_npy_integers(folder / "poisoned_rows.npy").values;
    report.check(std::ranges::equal(rows, data.train.positions,
                                    [](std::int64_t a, std::size_t b) { return std::cmp_equal(a, b); }),
                 "poisoned_rows.npy: the attack poisons other rows");
    detail::compare_norms(report, folder / "pattern_norms.npy", data.train.pattern_norms);
    detail::compare_norms(report, folder / "pattern_norms_l1.npy", data.train.pattern_l1);
  });
  for (std::size_t which = 0; which < 2; ++which) {
    const std::string inputs = input_names[which];
    for (const defence_result& d : run.defences) {
      const std::string place = d.name + ", " + inputs + ": ";
      report.guard(place, [&] {
        detail::compare_samples(report, folder / d.name / ("samples_" + inputs + ".csv"), place, data.inputs(which));
      });
    }
    const std::string stored = "inputs_" + inputs + ".npy";
    if (!run.arrays.contains(stored)) continue;
    report.guard(inputs + ": ",
                 [&] { detail::compare_inputs(report, folder / stored, inputs + ": ", data.inputs(which)); });
  }
}

}  // namespace v1
}  // namespace certssb
