// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of the files of a run: their names and bytes, and the numbers that describe the scales.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/folders.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: the sets of test inputs of a run.
inline const std::vector<std::string>& input_sets() {
  static const std::vector<std::string> both{"clean", "triggered"};
  return both;
}

/// Brief: whether parts of the training set vote in this defence.
[[nodiscard]] inline bool votes_in_parts(const defence_result& d) {
  const option_value* const mode = find_option(d.settings, "mode");
  const std::string name = mode == nullptr ? "" : option_text(*mode);
  return name == "parts" || name.find("+parts") != std::string::npos;
}

/// Brief: whether each of these parts has one model, without noise.
[[nodiscard]] inline bool votes_plainly(const defence_result& d) {
  const option_value* const mode = find_option(d.settings, "mode");
  return mode != nullptr && option_text(*mode) == "parts";
}

/// Brief: how plain parts elect a class; plurality where nothing is said.
[[nodiscard]] inline std::string election_of(const defence_result& d) {
  const option_value* const found = votes_plainly(d) ? find_option(d.settings, "election") : nullptr;
  const std::string name = found == nullptr ? "" : option_text(*found);
  return name.empty() ? "plurality" : name;
}

/// Brief: the mode of a defence with a closed form, or of members on bags; empty for others.
[[nodiscard]] inline std::string row_mode_of(const defence_result& d) {
  const option_value* const mode = find_option(d.settings, "mode");
  const std::string name = mode == nullptr ? "" : option_text(*mode);
  for (const char* one : {"nearest_mean", "knn_vote", "bagged_nearest", "bagging"}) {
    if (name == one) return name;
  }
  return "";
}

/// Brief: whether the run kept each member's votes.
[[nodiscard]] inline bool keeps_votes(const run_results& run, const defence_result& d) {
  const option_value* const kept = find_option(run.config, "keep_votes");
  const bool asked = kept != nullptr && std::holds_alternative<bool>(*kept) && std::get<bool>(*kept);
  return asked && basis_of(d.bound) != bound_basis::enclosures;
}

/// Brief: whether votes from elsewhere are scores.
[[nodiscard]] inline bool gives_scores(const run_results& run) {
  const option_value* const scores = find_option(run.config, "scores");
  return scores != nullptr && !option_text(*scores).empty();
}

/// Brief: the files of votes from elsewhere.
[[nodiscard]] inline std::set<std::string> foreign_files(const run_results& run) {
  std::set<std::string> names{"report.html"};
  for (const defence_result& d : run.defences) {
    names.insert(d.name + "/samples_given.csv");
    names.insert(d.name + (votes_in_parts(d) ? "/part_votes_given.npy" : "/votes_given.npy"));
    if (d.sigma_train.max > 0.0) names.insert(d.name + "/sigma_train.npy");
    if (gives_scores(run)) names.insert(d.name + "/scores_given.npy");
    for (const evaluation_result& e : d.evaluations) {
      if (!e.certified || e.mode.find("+joint") != std::string::npos) names.insert(d.name + "/sigma_test_given.npy");
      if (e.mode.starts_with("quantised")) names.insert(d.name + "/rho_train.npy");
    }
  }
  return names;
}

/// Brief: the files that such results have, but for results.json itself.
[[nodiscard]] inline std::set<std::string> needed_files(const run_results& run) {
  if (!run.data.attacked) return foreign_files(run);
  std::set<std::string> names{"poisoned_rows.npy", "pattern_norms.npy", "pattern_norms_l1.npy", "report.html"};
  if (run.arrays.contains("relabelled_rows.npy")) names.insert("relabelled_rows.npy");  // earlier runs have none
  for (const defence_result& d : run.defences) {
    names.insert(d.name + "/sigma_train.npy");
    for (const std::string& inputs : input_sets()) {
      for (const std::string kind : {"votes_", "sigma_test_"}) names.insert(d.name + "/" + kind + inputs + ".npy");
      names.insert(d.name + "/samples_" + inputs + ".csv");
      if (votes_in_parts(d)) {
        names.insert(d.name + "/part_of_row.npy");
        names.insert(d.name + (votes_plainly(d) ? "/member_votes_" : "/part_votes_") + inputs + ".npy");
        if (election_of(d).starts_with("finite:")) names.insert(d.name + "/shifts.npy");
        if (election_of(d) == "run-off") names.insert(d.name + "/preferences_" + inputs + ".npy");
        continue;
      }
      if (const std::string mode = row_mode_of(d); !mode.empty()) {
        if (mode != "bagging") names.insert(d.name + "/class_counts.npy");
        if (mode == "nearest_mean") names.insert(d.name + "/distances_" + inputs + ".npy");
        if (mode == "bagged_nearest") names.insert(d.name + "/probabilities_" + inputs + ".npy");
        if (mode == "nearest_mean" || mode == "bagged_nearest") names.insert(d.name + "/errors_" + inputs + ".npy");
        if (mode == "bagging" && keeps_votes(run, d)) names.insert(d.name + "/member_votes_" + inputs + ".npy");
        continue;
      }
      const bound_basis basis = basis_of(d.bound);
      if (basis == bound_basis::scores) names.insert(d.name + "/scores_" + inputs + ".npy");
      if (basis == bound_basis::enclosures) names.insert(d.name + "/bounds_" + inputs + ".npy");
      if (keeps_votes(run, d)) names.insert(d.name + "/member_votes_" + inputs + ".npy");
    }
    for (const evaluation_result& e : d.evaluations) {
      if (e.storage_update || e.mode == "memory") names.insert("inputs_" + e.inputs + ".npy");
      if (e.mode.starts_with("quantised")) names.insert(d.name + "/rho_train.npy");
    }
  }
  for (const example_result& example : run.examples) {
    names.insert({example.clean, example.triggered});
    for (const auto& [defence, file] : example.noisy) names.insert(file);
  }
  return names;
}

/// Brief: checks that every file with a digest has its original bytes, and that every needed file has a digest. Notes
/// files that no check looks into.
inline void check_arrays(findings& f, const std::filesystem::path& folder, const run_results& run) {
  f.at("");
  const std::set<std::string> needed = needed_files(run);
  for (const auto& [name, digest] : run.arrays) {
    std::error_code failure;
    const bool there = std::filesystem::is_regular_file(folder / name, failure);
    f.check(there, name + ": missing");
    if (!there) continue;
    f.guard([&, &file = name, &stated = digest] {
      f.check(sha256_of_file(folder / file) == stated, file + ": its bytes changed");
    });
    if (!needed.contains(name)) f.leave(name + ": its bytes alone were checked, since no result is made from it");
  }
  for (const std::string& name : needed) {
    f.check_recorded(run.schema > 1, run.arrays.contains(name), name + ": not listed in arrays");
  }
}

/// Brief: files.txt: whether it calls the run complete, and the size of each file by its name.
struct file_listing {
  bool complete = false;
  std::map<std::string, std::uintmax_t> bytes = {};
};

/// Throws: data_error if it is missing or anything else than a run's list of files.
[[nodiscard]] inline file_listing read_listing(const std::filesystem::path& folder) {
  const std::string text = read_file(folder / "files.txt", std::uintmax_t{1} << 26U);
  std::string_view left = text;
  const auto next_line = [&left] {
    const std::size_t end = left.find('\n');
    expect<data_error>(end != std::string_view::npos, "files.txt: its last line does not end");
    const std::string_view line = left.substr(0, end);
    left.remove_prefix(end + 1);
    return line;
  };
  const std::string_view title = next_line();
  expect<data_error>(title == "certssb run 1 complete" || title == "certssb run 1 incomplete",
                     "files.txt: not a run's list of files");
  file_listing listing{title.ends_with(" complete")};
  while (!left.empty()) {
    const std::string_view line = next_line();
    std::uintmax_t size = 0;
    const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), size);
    const std::string_view name = line.substr(static_cast<std::size_t>(end - line.data()));
    expect<data_error>(failure == std::errc{} && name.size() > 1 && name.front() == ' ' &&
                           listing.bytes.emplace(name.substr(1), size).second,
                       "files.txt: expected lines of a size and a name that no other line has, got ",
                       line.substr(0, 80));
  }
  return listing;
}

/// Brief: checks that the list of files is that of the folder and of the digests. Notes files that are no run's. Runs of
/// schema 1 may have no list, and no digests of some files.
inline void check_listing(findings& f, const std::filesystem::path& folder, const run_results& run) {
  f.at("");
  if (run.schema == 1 && !std::filesystem::exists(folder / "files.txt")) {
    f.leave("files.txt: absent, so that it is not known which files are the run's");
    return;
  }
  const file_listing listing = read_listing(folder);
  f.check(listing.complete == run.complete, "files.txt and results.json differ in whether the run is complete");
  f.check(listing.bytes.contains("results.json"), "results.json: not listed in files.txt");
  for (const auto& [name, size] : listing.bytes) {
    f.check_recorded(run.schema > 1, name == "results.json" || run.arrays.contains(name),
                     name + ": not listed in arrays, but in files.txt");
    std::error_code failure;
    const std::uintmax_t found = std::filesystem::file_size(folder / name, failure);
    f.check(!failure && found == size,
            concatenate(name, ": files.txt states ", size, " bytes, found ", failure ? "none" : concatenate(found)));
  }
  for (const auto& [name, digest] : run.arrays) {
    f.check(listing.bytes.contains(name), name + ": not listed in files.txt");
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    const bool of_run = name == "files.txt" || name == folder_lock::file_name || listing.bytes.contains(name);
    if (!of_run && !entry.is_directory()) f.leave(name + ": no file of the run");
  }
}

/// Brief: checks and returns the scales of the training rows.
/// Throws: data_error if they are not usable.
[[nodiscard]] inline std::vector<double> check_scales(findings& f, const std::filesystem::path& folder,
                                                      const run_results& run, const defence_result& d) {
  std::vector<double> sigma = read_vector(folder / d.name / "sigma_train.npy");
  const bool usable = sigma.size() == run.data.train && !sigma.empty() &&
                      std::ranges::all_of(sigma, [](double s) { return std::isfinite(s) && s > 0.0; });
  expect<data_error>(usable, "sigma_train.npy: expected one positive scale per training row, ", run.data.train);
  double sum = 0.0;
  for (const double s : sigma) sum += s;
  f.check(d.sigma_train.min == *std::ranges::min_element(sigma), "sigma_train.min is not that of the array");
  f.check(d.sigma_train.max == *std::ranges::max_element(sigma), "sigma_train.max is not that of the array");
  f.check_number("sigma_train.mean", d.sigma_train.mean, sum / static_cast<double>(sigma.size()));
  return sigma;
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
