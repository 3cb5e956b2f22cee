// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a run's folder holds beside its conclusions: votes, scores, scales, and the table of single samples.

#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: samples_*.csv: cells by row and name of column.
struct sample_table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  [[nodiscard]] bool has(const std::string& column) const;
  [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const;
  [[nodiscard]] double real(std::size_t row, const std::string& column) const;
  [[nodiscard]] std::int64_t integer(std::size_t row, const std::string& column) const;
};

/// Brief: what a bound is of: counts of hard votes, every member's scores, or enclosures that nobody voted for.
enum class bound_basis { counts, scores, enclosures };
[[nodiscard]] bound_basis basis_of(const std::string& bound);

/// Brief: one defence's votes on one set of test inputs.
/// Shapes: votes [n,K]; scores [M,n,K] or empty; bounds [n,3] or empty: class, of p_A, of p_B; sigma_test [n], the
/// members' mean where each found its own.
struct ballot_evidence {
  npy_array<std::int64_t> votes;
  npy_array<double> scores;
  npy_array<double> bounds;
  std::vector<double> sigma_test;
  sample_table samples;

  [[nodiscard]] std::size_t size() const { return votes.shape[0]; }
  [[nodiscard]] std::size_t classes() const { return votes.shape[1]; }
};

/// Brief: reads what the bound is of; lengths agree.
/// Throws: data_error where a file is missing or of another shape.
[[nodiscard]] ballot_evidence read_ballot(const std::filesystem::path& folder, const std::string& inputs,
                                          bound_basis basis);

/// Brief: how far the run's own attack moved each training row, 0 for rows left alone.
/// Shapes: [training rows].
struct attack_evidence {
  std::vector<double> l2;
  std::vector<double> l1;
};

/// Brief: reals of shape [n].
[[nodiscard]] std::vector<double> read_vector(const std::filesystem::path& file);

/// Brief: the text of an option, or nothing where there is none of that name.
[[nodiscard]] std::string option_of(const option_list& options, const std::string& name);

}  // namespace certssb::cli
