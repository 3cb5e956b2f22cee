// SPDX-License-Identifier: MIT
#pragma once
// Brief: the raw data in the folder of a finished run: votes, scores, scales, the attack, single samples.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/report/read_run.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/stated_settings.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one defence's votes on one set of test inputs, as its folder holds them.
/// Shapes: votes [n,K]; scores [M,n,K] or empty; bounds [n,3] or empty: class, of p_A, of p_B; sigma_test [n], or the
/// mean over the members if each found its own.
struct saved_ballot {
  npy_array<std::int64_t> votes;
  npy_array<double> scores;
  npy_array<double> bounds;
  std::vector<double> sigma_test;
  csv_table_text samples;

  [[nodiscard]] std::size_t size() const { return votes.shape[0]; }
  [[nodiscard]] std::size_t classes() const { return votes.shape[1]; }
};

/// Brief: a finished run, its arrays checked against their digests.
class saved_run {
public:
  std::filesystem::path folder;
  run_results results;
  run_settings settings;           ///< as far as the run's configuration says
  std::vector<double> pattern_l2;  ///< [training rows], 0 for rows left alone
  std::vector<double> pattern_l1;

  /// Throws: data_error if a file is missing, or is not what results.json says.
  explicit saved_run(const std::filesystem::path& place) : folder(place), results(read_run(place).results) {
    expect<data_error>(
        results.data.attacked, folder.string(),
        ": holds votes from elsewhere, whose certificates are in samples_given.csv; samples of runs alone are "
        "explained");
    settings = stated_settings(results);
    const std::vector<std::int64_t> rows = read_npy_integers(folder / "poisoned_rows.npy").values;
    pattern_l2 = spread(rows, read_vector(folder / "pattern_norms.npy"));
    pattern_l1 = spread(rows, read_vector(folder / "pattern_norms_l1.npy"));
  }

  /// Brief: an option of the run, as it is typed on the command line; empty if it does not exist.
  [[nodiscard]] std::string option(const std::string& name) const { return text_of(results.config, name); }

  /// Brief: the noise scales that a defence trained with.
  [[nodiscard]] training_scales training(const defence_result& d) const {
    return training_scales(read_vector(folder / d.name / "sigma_train.npy"));
  }

  /// Brief: a defence's votes on the test inputs of this name.
  /// Throws: data_error if a file is missing or of another shape.
  [[nodiscard]] saved_ballot ballot(const defence_result& d, const std::string& inputs) const {
    const std::filesystem::path place = folder / d.name;
    saved_ballot b;
    const std::string votes = "votes_" + inputs + ".npy";
    b.votes = read_npy_integers(place / votes);
    expect<data_error>(b.votes.shape.size() == 2 && b.size() > 0 && b.classes() >= 2, (place / votes).string(),
                       ": expected counts of shape [n,K], K >= 2, got ", b.votes.shape.size(), " axes");
    b.sigma_test = read_test_scales(place / ("sigma_test_" + inputs + ".npy"), b.size());
    b.samples = read_csv(place / ("samples_" + inputs + ".csv"));
    expect<data_error>(b.sigma_test.size() == b.size() && b.samples.rows() == b.size(), place.string(), ": ", b.size(),
                       " votes but ", b.sigma_test.size(), " test scales and ", b.samples.rows(), " samples");
    if (d.bound == "enclosure") {
      b.bounds = read_npy_reals(place / ("bounds_" + inputs + ".npy"));
      expect<data_error>(b.bounds.shape == std::vector<std::size_t>{b.size(), 3}, place.string(),
                         ": expected bounds of shape [", b.size(), ",3]");
    } else if (d.bound != "none" && d.bound != clopper_pearson::name && d.bound != jeffreys_sequence::name) {
      b.scores = read_npy_reals(place / ("scores_" + inputs + ".npy"));
      expect<data_error>(b.scores.shape.size() == 3 && b.scores.shape[0] > 0 && b.scores.shape[1] == b.size() &&
                             b.scores.shape[2] == b.classes(),
                         place.string(), ": expected scores of shape [M,", b.size(), ",", b.classes(), "]");
    }
    return b;
  }

  /// Brief: what the modes of a defence rest on, for samples from, ..., from + n - 1 of a ballot.
  [[nodiscard]] mode_evidence evidence(const defence_result& d, const evaluation_result& stated, const saved_ballot& b,
                                       std::size_t from, std::size_t n) const {
    mode_evidence e;
    e.noise = facts_of(mode_request::parse(stated.mode).base).noise;
    e.enclosed = d.bound == "enclosure";
    e.training = training(d);
    const auto first = b.sigma_test.begin() + static_cast<std::ptrdiff_t>(from);
    e.test = test_scales(std::vector<double>(first, first + static_cast<std::ptrdiff_t>(n)));
    e.test_scales_from_data = std::ranges::find(stated.conditional_on, "test_scale") != stated.conditional_on.end();
    const std::size_t draws = detail::draws_of(text_of(d.settings, "test_noise"));
    if (draws > 0) e.joint_noise = test_noise{b.sigma_test.front(), draws};
    if (std::filesystem::exists(folder / d.name / "rho_train.npy")) {
      e.constant_within = read_vector(folder / d.name / "rho_train.npy");
    }
    e.selector = elasticity{settings.certified.semi_elasticity, results.data.row_size,
                            settings.certified.rows_changed == "one" ? changed_rows::one : changed_rows::many};
    e.flips =
        label_flips(settings.certified.flip_probability, static_cast<std::uint32_t>(settings.certified.flipped_labels));
    e.stated = settings.certified.assume;
    return e;
  }

private:
  [[nodiscard]] static std::string text_of(const option_list& options, const std::string& name) {
    for (const auto& [key, value] : options) {
      if (key == name) return option_text(value);
    }
    return "";
  }

  [[nodiscard]] static std::vector<double> read_vector(const std::filesystem::path& file) {
    npy_array<double> array = read_npy_reals(file);
    expect<data_error>(array.shape.size() == 1, file.string(), ": expected shape [n], got ", array.shape.size(),
                       " axes");
    return std::move(array.values);
  }

  /// One scale per sample; the members' mean where each found its own, [M,n].
  [[nodiscard]] static std::vector<double> read_test_scales(const std::filesystem::path& file, std::size_t n) {
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

  [[nodiscard]] std::vector<double> spread(const std::vector<std::int64_t>& rows,
                                           const std::vector<double>& norms) const {
    std::vector<double> all(results.data.train);
    expect<data_error>(rows.size() == norms.size(), "poisoned_rows.npy holds ", rows.size(), " rows, but there are ",
                       norms.size(), " norms");
    for (std::size_t p = 0; p < rows.size(); ++p) {
      expect<data_error>(rows[p] >= 0 && std::cmp_less(rows[p], all.size()), "poisoned_rows.npy: no training row ",
                         rows[p]);
      all[static_cast<std::size_t>(rows[p])] = std::min(norms[p], unknown_change);
    }
    return all;
  }
};

}  // namespace v1
}  // namespace certssb
