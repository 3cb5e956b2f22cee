// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of the files of a run: their bytes, and the numbers that describe the attack and the scales.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
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

/// Brief: the files that are needed to recompute the results.
[[nodiscard]] inline std::set<std::string> needed_files(const run_results& run) {
  std::set<std::string> names{"poisoned_rows.npy", "pattern_norms.npy", "pattern_norms_l1.npy"};
  for (const defence_result& d : run.defences) {
    names.insert(d.name + "/sigma_train.npy");
    for (const std::string& inputs : input_sets()) {
      for (const std::string kind : {"votes_", "sigma_test_"}) names.insert(d.name + "/" + kind + inputs + ".npy");
      names.insert(d.name + "/samples_" + inputs + ".csv");
      if (votes_in_parts(d)) {
        names.insert(d.name + "/part_of_row.npy");
        names.insert(d.name + (d.bound == "none" ? "/member_votes_" : "/part_votes_") + inputs + ".npy");
        continue;
      }
      const bound_basis basis = basis_of(d.bound);
      if (basis == bound_basis::scores) names.insert(d.name + "/scores_" + inputs + ".npy");
      if (basis == bound_basis::enclosures) names.insert(d.name + "/bounds_" + inputs + ".npy");
    }
    for (const evaluation_result& e : d.evaluations) {
      if (e.storage_update || e.mode == "memory") names.insert("inputs_" + e.inputs + ".npy");
      if (e.mode.starts_with("quantised")) names.insert(d.name + "/rho_train.npy");
    }
  }
  return names;
}

/// Brief: checks that every listed file has its original bytes, and that every needed file is listed.
inline void check_arrays(findings& f, const std::filesystem::path& folder, const run_results& run) {
  f.at("");
  for (const auto& [name, digest] : run.arrays) {
    std::error_code failure;
    const bool there = std::filesystem::is_regular_file(folder / name, failure);
    f.check(there, name + ": missing");
    if (!there) continue;
    f.guard([&, &file = name, &stated = digest] {
      f.check(sha256_of_file(folder / file) == stated, file + ": its bytes changed");
    });
  }
  for (const std::string& name : needed_files(run)) f.check(run.arrays.contains(name), name + ": not listed in arrays");
}

/// Brief: checks that the numbers that describe the attack of the run agree with its arrays.
inline void check_attack(findings& f, const std::filesystem::path& folder, const run_results& run) {
  f.at("");
  const std::vector<std::int64_t> rows = read_npy_integers(folder / "poisoned_rows.npy").values;
  const std::vector<double> l2 = read_vector(folder / "pattern_norms.npy");
  const std::vector<double> l1 = read_vector(folder / "pattern_norms_l1.npy");
  expect<data_error>(rows.size() == l2.size() && rows.size() == l1.size() && rows.size() == run.data.poisoned_rows,
                     "poisoned_rows.npy, pattern_norms.npy, pattern_norms_l1.npy and data.poisoned_rows differ in "
                     "length");
  double most = 0.0;
  double square = 0.0;
  double sum = 0.0;
  for (std::size_t p = 0; p < rows.size(); ++p) {
    f.check(l2[p] >= 0.0 && std::isfinite(l2[p]), "a pattern's norm is out of range");
    most = std::max(most, l2[p]);
    square += l2[p] * l2[p];
    sum += l1[p];
  }
  f.check_number("data.pattern_l2_max", run.data.pattern_l2_max, most);
  f.check_number("data.pattern_l2_frobenius", run.data.pattern_l2_frobenius, std::sqrt(square));
  f.check_number("data.pattern_l1_sum", run.data.pattern_l1_sum, sum);
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
