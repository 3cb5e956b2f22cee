// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rules of learners with a closed form, and of members on bags of rows: a second, plain implementation.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/bounds.hpp"
#include "certssb/verify/check_files.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/regions.hpp"
#include "certssb/verify/samples.hpp"
#include "certssb/verify/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: one defence on one set of test inputs.
struct row_evidence {
  const run_results& run;
  const defence_result& defence;
  std::filesystem::path folder;  ///< of the defence
  std::string mode;
  std::string inputs;
  npy_array<std::int64_t> votes;
  sample_table samples;

  [[nodiscard]] std::size_t size() const { return votes.shape[0]; }
  [[nodiscard]] std::size_t classes() const { return votes.shape[1]; }
  [[nodiscard]] std::span<const std::int64_t> counts(std::size_t sample) const {
    return std::span(votes.values).subspan(sample * classes(), classes());
  }
  /// Brief: a number of rows of the settings.
  /// Throws: data_error unless it is whole and lies between.
  [[nodiscard]] std::size_t rows_set(const std::string& name, double least, double most) const {
    const double value = defence_options(run, defence).number(name);
    expect<data_error>(value >= least && value <= most && value == std::floor(value), name, ": expected a number from ",
                       least, " to ", most, ", got ", value);
    return static_cast<std::size_t>(value);
  }
  /// Brief: reals of shape [n,K], or [n].
  [[nodiscard]] std::vector<double> reals(const std::string& kind, bool of_classes) const {
    const auto file = folder / (kind + "_" + inputs + ".npy");
    npy_array<double> array = read_npy_reals(file);
    std::vector<std::size_t> wanted{size()};
    if (of_classes) wanted.push_back(classes());
    expect<data_error>(array.shape == wanted, file.string(), ": is not of one value per sample",
                       of_classes ? " and class" : "");
    for (const double value : array.values) {
      expect<data_error>(std::isfinite(value) && value >= 0.0, file.string(), ": expected finite values >= 0, got ",
                         value);
    }
    return array.values;
  }
};

/// Brief: what one sample's rows answer: the class that leads, whether it is certified, for how many rows and within
/// which radius.
struct row_claim {
  std::int64_t predicted;
  std::int64_t rows = -1;
  double radius = 0.0;
  std::string outcome = "certified";
  double lower = 0.0;
};

/// Brief: the most rows r with 2 - 2 (1 - r/n)^b < gap; -1: not even none.
[[nodiscard]] inline std::int64_t rows_of_bags(double gap, double n, double b) {
  if (!(gap > 0.0)) return -1;
  std::int64_t rows = -1;
  std::int64_t above = static_cast<std::int64_t>(n);
  while (above - rows > 1) {
    const std::int64_t middle = rows + (above - rows) / 2;
    const double cost = -2.0 * std::expm1(b * std::log1p(-static_cast<double>(middle) / n));
    (cost < gap ? rows : above) = middle;
  }
  return rows;
}

/// Brief: the claim for bounds of what members on bags name. The stated number of rows counts where rounding alone, of a
/// few units of 2^-40, can explain that it is smaller.
[[nodiscard]] inline row_claim claim_of_bags(const row_evidence& e, std::size_t i, const sample_bound& bound) {
  const double n = static_cast<double>(e.run.data.train);
  const auto b = static_cast<double>(e.rows_set("bag", 2.0, 1e9));
  const double gap = bound.lower - bound.upper;
  row_claim claim{bound.label, rows_of_bags(gap, n, b), 0.0, "certified", bound.lower};
  const std::int64_t stated = e.samples.integer(i, "rows_" + e.mode);
  if (stated >= rows_of_bags(gap - 0x1p-40, n, b) && stated < claim.rows) claim.rows = stated;
  if (claim.rows >= 0) return claim;
  claim.outcome = bound.lower > bound.upper          ? "nothing_left"
                  : bound.upper == 1.0 - bound.lower ? "bound_not_above_half"
                                                     : "bounds_overlap";
  return claim;
}

[[nodiscard]] inline std::vector<row_claim> claim_bagging(findings& f, const row_evidence& e) {
  std::vector<row_claim> claims;
  const count_rule& rule = count_rules().at(e.defence.bound);
  const double level = e.defence.alpha / rule.parts(static_cast<double>(e.classes()));
  const auto models = static_cast<std::int64_t>(e.defence.models);
  std::map<std::int64_t, double> known;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto top = std::ranges::max_element(e.counts(i));
    const auto [found, unknown] = known.try_emplace(*top);
    if (unknown) found->second = rule.lower(static_cast<double>(*top), static_cast<double>(models), level);
    claims.push_back(claim_of_bags(e, i, against_all(top - e.counts(i).begin(), found->second)));
    f.check_number(concatenate("sample ", e.samples.text(i, "id"), ": lower"), e.samples.real(i, "lower"),
                   claims.back().lower);
  }
  return claims;
}

[[nodiscard]] inline std::vector<row_claim> claim_bagged_nearest(findings& f, const row_evidence& e) {
  const std::vector<double> chances = e.reals("probabilities", true);
  const std::vector<double> errors = e.reals("errors", false);
  std::vector<row_claim> claims;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto p = std::span(chances).subspan(i * e.classes(), e.classes());
    double sum = 0.0;
    for (const double one : p) sum += one;
    f.check(
        errors[i] < 1e-6 && std::abs(sum - 1.0) < 1e-6,
        concatenate("sample ", e.samples.text(i, "id"), ": its probabilities sum to ", sum, ", off by ", errors[i]));
    const auto top = std::ranges::max_element(p);
    double other = 0.0;
    for (auto one = p.begin(); one != p.end(); ++one) other = one == top ? other : std::max(other, *one);
    claims.push_back(
        claim_of_bags(e, i, {top - p.begin(), std::max(0.0, *top - errors[i]), std::min(1.0, other + errors[i])}));
  }
  return claims;
}

[[nodiscard]] inline std::vector<row_claim> claim_neighbours(findings& f, const row_evidence& e) {
  const auto neighbours =
      static_cast<std::int64_t>(e.rows_set("neighbours", 1.0, static_cast<double>(e.run.data.train)));
  std::vector<row_claim> claims;
  for (std::size_t i = 0; i < e.size(); ++i) {
    std::int64_t sum = 0;
    for (const std::int64_t count : e.counts(i)) sum += count;
    f.check(sum == neighbours,
            concatenate("sample ", e.samples.text(i, "id"), ": ", sum, " neighbours vote, expected ", neighbours));
    const std::int64_t y = std::ranges::max_element(e.counts(i)) - e.counts(i).begin();
    std::int64_t least = neighbours;
    for (std::int64_t c = 0; c < static_cast<std::int64_t>(e.classes()); ++c) {
      const std::int64_t gap =
          e.counts(i)[static_cast<std::size_t>(y)] - e.counts(i)[static_cast<std::size_t>(c)] - (c < y ? 1 : 0);
      if (c != y) least = std::min(least, gap / 2);
    }
    claims.push_back({y, least});
  }
  return claims;
}

[[nodiscard]] inline std::vector<row_claim> claim_means(findings& f, const row_evidence& e,
                                                        const std::vector<std::int64_t>& sizes) {
  const std::vector<double> distances = e.reals("distances", true);
  const std::vector<double> errors = e.reals("errors", false);
  std::vector<row_claim> claims;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const double* const to = distances.data() + i * e.classes();
    f.check(errors[i] < 1e-6 * (1.0 + to[0]),
            concatenate("sample ", e.samples.text(i, "id"), ": its distances are off by ", errors[i]));
    std::size_t y = e.classes();
    for (std::size_t c = 0; c < e.classes(); ++c) {
      if (sizes[c] > 0 && (y == e.classes() || to[c] < to[y])) y = c;
    }
    double radius = 1e100;
    for (std::size_t c = 0; c < e.classes(); ++c) {
      if (c == y || sizes[c] == 0) continue;
      const double spread = 1.0 / (1.0 / static_cast<double>(sizes[y]) + 1.0 / static_cast<double>(sizes[c]));
      radius = std::min(radius, (to[c] - to[y] - 2.0 * errors[i]) * std::sqrt(spread));
    }
    if (radius > 0.0) {
      claims.push_back({static_cast<std::int64_t>(y), 0, radius});
    } else {
      claims.push_back({static_cast<std::int64_t>(y), -1, 0.0, "bounds_overlap"});
    }
  }
  return claims;
}

/// Brief: the training rows of each class.
/// Throws: data_error unless they are one number for each class, and all rows together.
[[nodiscard]] inline std::vector<std::int64_t> read_class_counts(const std::filesystem::path& folder,
                                                                 const run_results& run) {
  std::vector<std::int64_t> sizes = read_npy_integers(folder / "class_counts.npy").values;
  auto left = static_cast<std::int64_t>(run.data.train);
  for (const std::int64_t size : sizes) left = left >= 0 && size >= 0 && size <= left ? left - size : -1;
  expect<data_error>(sizes.size() == run.data.classes.size() && left == 0,
                     "class_counts.npy: expected the rows of each class, ", run.data.train, " together");
  return sizes;
}

/// Brief: what a mode assumes, and the norm of its radii.
struct row_mode {
  std::string norm;
  std::vector<std::string> assumptions;
};

[[nodiscard]] inline row_mode row_mode_named(const std::string& name) {
  if (name == "nearest_mean") return {"l2", {"labels_unchanged", "rows_changed_in_place"}};
  if (name == "knn_vote") return {"rows", {"neighbours_fixed_beforehand"}};
  if (name == "bagged_nearest") return {"rows", {"bag_fixed_beforehand"}};
  return {"rows", {"bag_fixed_beforehand", "models_independent", "keyed_words_as_random"}};
}

/// Brief: checks a defence with a closed form, or of members on bags, on one set of test inputs.
inline void check_row_inputs(findings& f, const row_evidence& e, const attack_evidence& attack) {
  const auto stated = std::ranges::find(e.defence.evaluations, e.inputs, &evaluation_result::inputs);
  if (stated == e.defence.evaluations.end()) return;
  f.at(e.defence.name + ", " + e.inputs + ", " + e.mode);
  const row_mode mode = row_mode_named(e.mode);
  f.check(stated->certified && stated->conditional_on.empty() && stated->norm == mode.norm &&
              stated->assumptions == mode.assumptions,
          "it is not described as the mode is");
  std::vector<std::int64_t> sizes;
  if (e.mode != "bagging") sizes = read_class_counts(e.folder, e.run);
  const std::vector<row_claim> found = e.mode == "bagging"          ? claim_bagging(f, e)
                                       : e.mode == "bagged_nearest" ? claim_bagged_nearest(f, e)
                                       : e.mode == "knn_vote"       ? claim_neighbours(f, e)
                                                                    : claim_means(f, e, sizes);
  double square = 0.0;
  for (const double length : attack.l2) square += length * length;
  const std::int64_t patterned = std::ranges::count_if(attack.l2, [](double length) { return length > 0.0; });
  const std::int64_t poisoned = rows_changed(attack);
  const bool relabels = std::ranges::count(attack.relabelled, true) > 0;
  region_claims claims;
  for (std::size_t i = 0; i < e.size(); ++i) {
    const row_claim& own = found[i];
    f.check(e.samples.text(i, "votes") == joined(e.counts(i)),
            concatenate("sample ", e.samples.text(i, "id"), ": its votes differ from the array's"));
    region_sample& sample = claims.samples.emplace_back();
    sample = {own.predicted, e.samples.integer(i, "label"), own.rows, own.radius, own.outcome, {}};
    const bool of_rows = mode.norm == "rows";
    const bool within = std::sqrt(square) < own.radius;
    sample.covered = {of_rows ? patterned <= own.rows : within, of_rows ? poisoned <= own.rows : within && !relabels};
  }
  claims.radius_at = [&](std::size_t i, std::int64_t) { return found[i].radius; };
  claims.per_pattern = [&](std::size_t i, std::size_t rows) {
    return found[i].radius / std::sqrt(static_cast<double>(rows));
  };
  check_region_samples(f, e.samples, e.mode, claims);
  check_region_summary(f, *stated, claims, e.run);
}

/// Brief: checks a defence with a closed form, or of members on bags, on both sets of test inputs.
inline void check_row_mode(findings& f, const std::filesystem::path& folder, const run_results& run,
                           const defence_result& d, const attack_evidence& attack) {
  for (const std::string& inputs : input_sets()) {
    f.at(d.name + ", " + inputs);
    f.guard([&] {
      row_evidence e{run,
                     d,
                     folder / d.name,
                     row_mode_of(d),
                     inputs,
                     read_npy_integers(folder / d.name / ("votes_" + inputs + ".npy")),
                     sample_table(folder / d.name / ("samples_" + inputs + ".csv"))};
      const bool fits = e.votes.shape.size() == 2 && e.size() > 0 && e.classes() == run.data.classes.size() &&
                        e.samples.size() == e.size();
      expect<data_error>(fits && (inputs != "clean" || e.size() == run.data.test), "votes_", inputs,
                         ".npy: expected counts of the votes on every sample, for every class");
      const bool neighbours = e.mode == "knn_vote";
      for (std::size_t i = 0; i < e.size(); ++i) {
        std::int64_t left = neighbours ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(d.models);
        for (const std::int64_t count : e.counts(i))
          left = left >= 0 && count >= 0 && count <= left ? left - count : -1;
        expect<data_error>(neighbours ? left >= 0 : left == 0, "votes_", inputs, ".npy: sample ", i,
                           ": its votes are not one per model");
      }
      check_row_inputs(f, e, attack);
    });
  }
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
