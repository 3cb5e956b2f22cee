// SPDX-License-Identifier: MIT
#pragma once
// Brief: the raw data in the folder of a run: votes, scores, scales, patterns, and the table of samples.

#include "certssb/core/expect.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/io/npy.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: samples_*.csv: cells by row, from 0, and name of column.
class sample_table {
public:
  sample_table() = default;
  /// Throws: data_error if the file cannot be read, or its rows differ in width.
  explicit sample_table(const std::filesystem::path& file)
      : cells_(read_csv(file, {.separator = ',', .header = true, .limit = std::uintmax_t{1} << 30U})) {}

  [[nodiscard]] std::size_t size() const noexcept { return cells_.rows(); }
  [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return cells_.names(); }

  /// Throws: data_error for a column that does not exist, or a cell of another kind.
  [[nodiscard]] std::string_view text(std::size_t row, std::string_view column) const {
    return cells_.cell(row, cells_.column(column));
  }
  [[nodiscard]] double real(std::size_t row, std::string_view column) const {
    return cells_.real(row, cells_.column(column));
  }
  [[nodiscard]] std::int64_t integer(std::size_t row, std::string_view column) const {
    return cells_.integer(row, cells_.column(column));
  }

private:
  csv_table_text cells_;
};

/// Brief: what a bound is computed from: counts of hard votes, the scores of every member, or enclosures without votes.
enum class bound_basis { counts, scores, enclosures };

[[nodiscard]] inline bound_basis basis_of(std::string_view bound) noexcept {
  if (bound == "enclosure") return bound_basis::enclosures;
  return bound == "clopper-pearson" || bound == "jeffreys-sequence" ? bound_basis::counts : bound_basis::scores;
}

/// Brief: one defence's votes on one set of test inputs.
/// Shapes: votes [n,K]; scores [M,n,K] or empty; bounds [n,3] or empty: class, bound of p_A, bound of p_B; sigma_test
/// [n], or the mean over the members if each found its own, own_scales [M,n];
/// member_votes [M,n] or empty.
struct ballot_evidence {
  npy_array<std::int64_t> votes;
  npy_array<double> scores;
  npy_array<double> bounds;
  std::vector<double> sigma_test;
  npy_array<double> own_scales;
  npy_array<std::uint32_t> member_votes;
  sample_table samples;

  [[nodiscard]] std::size_t size() const { return votes.shape[0]; }
  [[nodiscard]] std::size_t classes() const { return votes.shape[1]; }
};

/// Brief: stands for a change that is not known: longer than any radius.
inline constexpr double unknown_length = 1e150;

/// Brief: how much the attack of the run changed each training row, 0 for unchanged rows, unknown_length where that is
/// not known; which rows it changed; and whose labels it changed too.
/// Shapes: [training rows].
struct attack_evidence {
  std::vector<double> l2;
  std::vector<double> l1;
  std::vector<bool> poisoned = {};
  std::vector<bool> relabelled = {};
};

/// Brief: the rows whose features or label the attack changed.
[[nodiscard]] inline std::int64_t rows_changed(const attack_evidence& attack) {
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < attack.l2.size(); ++i) rows += attack.l2[i] > 0.0 || attack.relabelled[i] ? 1 : 0;
  return rows;
}

/// Brief: reals of shape [n].
/// Throws: data_error for any other file.
[[nodiscard]] inline std::vector<double> read_vector(const std::filesystem::path& file) {
  npy_array<double> array = read_npy_reals(file);
  expect<data_error>(array.shape.size() == 1, file.string(), ": expected shape [n], got ", array.shape.size(), " axes");
  return std::move(array.values);
}

namespace detail {

/// Brief: reads one scale per sample; the mean over the members if each found its own, [M,n].
inline void read_test_scales(ballot_evidence& e, const std::filesystem::path& file) {
  npy_array<double> array = read_npy_reals(file);
  if (array.shape.size() == 1) {
    e.sigma_test = std::move(array.values);
    return;
  }
  const std::size_t n = e.size();
  expect<data_error>(array.shape.size() == 2 && array.shape[0] > 0 && array.shape[1] == n, file.string(),
                     ": expected shape [", n, "] or [M,", n, "], got ", array.shape.size(), " axes");
  e.sigma_test.assign(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t at = i; at < array.values.size(); at += n) e.sigma_test[i] += array.values[at];
    e.sigma_test[i] /= static_cast<double>(array.shape[0]);
  }
  e.own_scales = std::move(array);
}

}  // namespace detail

/// Brief: reads the basis of the bound from the folder of a defence, and, where they were kept, each member's votes;
/// `inputs` is clean or triggered.
/// Throws: data_error if a file is missing or of another shape, or lengths differ.
[[nodiscard]] inline ballot_evidence read_ballot(const std::filesystem::path& folder, const std::string& inputs,
                                                 bound_basis basis, bool keeps_votes = false) {
  ballot_evidence e;
  const std::filesystem::path votes = folder / ("votes_" + inputs + ".npy");
  e.votes = read_npy_integers(votes);
  expect<data_error>(e.votes.shape.size() == 2 && e.size() > 0 && e.classes() >= 2, votes.string(),
                     ": expected counts of shape [n,K], K >= 2, got ", e.votes.shape.size(), " axes");
  detail::read_test_scales(e, folder / ("sigma_test_" + inputs + ".npy"));
  e.samples = sample_table(folder / ("samples_" + inputs + ".csv"));
  expect<data_error>(e.sigma_test.size() == e.size() && e.samples.size() == e.size(), folder.string(), ": ", e.size(),
                     " votes but ", e.sigma_test.size(), " test scales and ", e.samples.size(), " samples");
  if (basis == bound_basis::scores) {
    const std::filesystem::path scores = folder / ("scores_" + inputs + ".npy");
    e.scores = read_npy_reals(scores);
    expect<data_error>(e.scores.shape.size() == 3 && e.scores.shape[0] > 0 && e.scores.shape[1] == e.size() &&
                           e.scores.shape[2] == e.classes(),
                       scores.string(), ": expected scores of shape [M,", e.size(), ",", e.classes(), "]");
  }
  if (basis == bound_basis::enclosures) {
    const std::filesystem::path bounds = folder / ("bounds_" + inputs + ".npy");
    e.bounds = read_npy_reals(bounds);
    expect<data_error>(e.bounds.shape == std::vector<std::size_t>{e.size(), 3}, bounds.string(),
                       ": expected bounds of shape [", e.size(), ",3]");
  }
  if (keeps_votes) {
    const std::filesystem::path kept = folder / ("member_votes_" + inputs + ".npy");
    e.member_votes = read_npy_unsigned(kept);
    expect<data_error>(e.member_votes.shape.size() == 2 && e.member_votes.shape[1] == e.size(), kept.string(),
                       ": expected votes of shape [M,", e.size(), "]");
  }
  return e;
}

/// Brief: the stored test inputs of this name, [n,d].
/// Throws: data_error if they are of another shape, or not finite.
[[nodiscard]] inline npy_array<double> read_inputs(const std::filesystem::path& folder, const std::string& inputs,
                                                   std::size_t n) {
  const auto file = folder / ("inputs_" + inputs + ".npy");
  npy_array<double> stored = read_npy_reals(file);
  expect<data_error>(stored.shape.size() == 2 && stored.shape[0] == n && stored.shape[1] > 0, file.string(),
                     ": expected inputs of shape [", n, ",d]");
  const bool finite = std::ranges::all_of(stored.values, [](double x) { return std::isfinite(x); });
  expect<data_error>(finite, file.string(), ": expected finite inputs");
  return stored;
}

/// Brief: what else the run says of its attack's files.
struct attack_files {
  bool known_norms = true;        ///< false where the clean rows are not known, and all norms are infinite
  bool names_relabelled = false;  ///< relabelled_rows.npy says whose labels changed; otherwise all poisoned rows' did
};

/// Brief: reads the attack of the run from its folder; `training_rows` is the size of the training set.
/// Throws: data_error if a file is missing, lengths differ, a row is not a training row or occurs twice, a norm is not
/// finite and >= 0 where it is known, or a relabelled row is not poisoned.
[[nodiscard]] inline attack_evidence read_attack(const std::filesystem::path& folder, std::size_t training_rows,
                                                 const attack_files& files = {}) {
  const std::vector<std::int64_t> rows = read_npy_integers(folder / "poisoned_rows.npy").values;
  const std::vector<double> l2 = read_vector(folder / "pattern_norms.npy");
  const std::vector<double> l1 = read_vector(folder / "pattern_norms_l1.npy");
  expect<data_error>(rows.size() == l2.size() && rows.size() == l1.size(), "poisoned_rows.npy holds ", rows.size(),
                     " rows, but there are ", l2.size(), " and ", l1.size(), " norms");
  attack_evidence attack{std::vector<double>(training_rows), std::vector<double>(training_rows)};
  std::vector<bool> seen(training_rows);
  for (std::size_t p = 0; p < rows.size(); ++p) {
    expect<data_error>(rows[p] >= 0 && std::cmp_less(rows[p], training_rows), "poisoned_rows.npy: no training row ",
                       rows[p]);
    const auto row = static_cast<std::size_t>(rows[p]);
    expect<data_error>(!seen[row], "poisoned_rows.npy: row ", row, " comes twice: rows repeat");
    const bool unknown = !files.known_norms && std::isinf(l2[p]) && std::isinf(l1[p]) && l2[p] > 0.0 && l1[p] > 0.0;
    expect<data_error>(
        unknown || (std::isfinite(l2[p]) && std::isfinite(l1[p]) && l2[p] >= 0.0 && l1[p] >= l2[p] * (1.0 - 1e-9)),
        "row ", row, ": its pattern has norms ", l2[p], " (L2) and ", l1[p],
        " (L1), expected finite ones, the second not below the first");
    seen[row] = true;
    attack.l2[row] = unknown ? unknown_length : l2[p];
    attack.l1[row] = unknown ? unknown_length : l1[p];
  }
  attack.poisoned = std::move(seen);
  attack.relabelled = attack.poisoned;
  if (!files.names_relabelled) return attack;
  attack.relabelled.assign(training_rows, false);
  for (const std::int64_t row : read_npy_integers(folder / "relabelled_rows.npy").values) {
    const bool there = row >= 0 && std::cmp_less(row, training_rows) && attack.poisoned[static_cast<std::size_t>(row)];
    expect<data_error>(there, "relabelled_rows.npy: row ", row, " is not poisoned");
    attack.relabelled[static_cast<std::size_t>(row)] = true;
  }
  return attack;
}

}  // namespace v1
}  // namespace certssb
