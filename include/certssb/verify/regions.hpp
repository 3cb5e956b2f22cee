// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of certificates that are regions, rows against radius: single samples, and the numbers that sum them up.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/check_summary.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: what one sample's certificate should say.
struct region_sample {
  std::int64_t predicted;
  std::int64_t truth;
  std::int64_t rows;            ///< that may be changed at will; -1: nothing is certified
  double radius;                ///< with no row changed at will
  std::string outcome;          ///< certified, or why not
  std::array<bool, 2> covered;  ///< this run's attack with the labels as observed, and with its changed ones
  [[nodiscard]] bool right() const { return predicted == truth; }
};

/// Brief: the regions of all samples: the radius of a sample that is left beside so many rows, and the common norm that
/// patterns on so many rows may have.
struct region_claims {
  std::vector<region_sample> samples;
  std::function<double(std::size_t, std::int64_t)> radius_at;
  std::function<double(std::size_t, std::size_t)> per_pattern;
};

/// Brief: checks the table of samples.
inline void check_region_samples(findings& f, const sample_table& table, const std::string& mode,
                                 const region_claims& claims) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string sample = concatenate("sample ", table.text(i, "id"), ": ");
    const region_sample& own = claims.samples[i];
    f.check(table.integer(i, "predicted") == own.predicted, sample + "another class should be predicted");
    f.check_number(sample + "radius", table.real(i, "radius_" + mode), own.radius);
    f.check(table.integer(i, "rows_" + mode) == own.rows, sample + concatenate("its rows should be ", own.rows));
    f.check(table.text(i, "outcome_" + mode) == own.outcome, sample + "its outcome is not that of the votes");
  }
}

/// Brief: checks the numbers of an evaluation.
inline void check_region_summary(findings& f, const evaluation_result& stated, const region_claims& claims,
                                 const run_results& run) {
  const std::vector<region_sample>& all = claims.samples;
  const auto share = [&](auto&& holds) {
    double sum = 0.0;
    for (const region_sample& s : all) sum += holds(s) ? 1.0 : 0.0;
    return sum / static_cast<double>(all.size());
  };
  f.check(stated.n == all.size(), "n is not the number of samples");
  if (stated.labelled) {
    f.check_number("empirical_accuracy", stated.empirical_accuracy, share([](const auto& s) { return s.right(); }));
  }
  f.check_number("abstain_rate", stated.abstain_rate, share([](const auto& s) { return s.rows < 0; }));
  for (const radius_share& p : stated.certified_accuracy) {
    f.check_number(concatenate("certified_accuracy at ", p.radius), p.value,
                   share([&](const auto& s) { return s.radius > p.radius && s.right(); }));
  }
  for (const radius_share& p : stated.certified_ratio) {
    f.check_number(concatenate("certified_ratio at ", p.radius), p.value,
                   share([&](const auto& s) { return s.radius > p.radius; }));
  }
  double mean = 0.0;
  std::vector<double> survived;
  for (const region_sample& s : all) {
    mean += s.right() ? s.radius / static_cast<double>(all.size()) : 0.0;
    survived.push_back(static_cast<double>(std::max<std::int64_t>(0, s.rows)));
  }
  if (stated.labelled) f.check_number("average_certified_radius", stated.average_certified_radius, mean);
  f.check_number("rows.median", stated.rows.median, median(survived));
  for (const rows_share& p : stated.rows.certified_accuracy) {
    f.check_number(concatenate("rows.certified_accuracy at ", p.rows), p.value,
                   share([&](const auto& s) { return s.rows >= static_cast<std::int64_t>(p.rows) && s.right(); }));
  }
  for (const frontier_point& p : stated.frontier) {
    std::vector<double> left;
    const auto touched = static_cast<std::int64_t>(p.rows);
    for (std::size_t i = 0; i < all.size(); ++i) {
      left.push_back(touched > all[i].rows ? 0.0 : claims.radius_at(i, touched));
    }
    f.check_number(concatenate("frontier at ", p.rows, " rows"), p.radius, median(std::move(left)));
  }
  if (!stated.attacked) return;
  const auto covered = [&](std::size_t which, bool right) {
    return share([&](const auto& s) { return s.covered[which] && (s.right() || !right); });
  };
  f.check_number("attack_covered.labels_as_observed", stated.attack_covered.labels_as_observed, covered(0, false));
  f.check_number("attack_covered.labels_covered", stated.attack_covered.labels_covered, covered(1, false));
  f.check_number("attack_covered_and_right.labels_as_observed", stated.attack_covered_and_right.labels_as_observed,
                 covered(0, true));
  f.check_number("attack_covered_and_right.labels_covered", stated.attack_covered_and_right.labels_covered,
                 covered(1, true));
  const auto check_cover = [&](const std::string& name, const pattern_cover& cover) {
    std::vector<double> norms;
    for (std::size_t i = 0; i < all.size(); ++i) {
      norms.push_back(all[i].rows < 0 || cover.rows == 0 ? 0.0 : claims.per_pattern(i, cover.rows));
    }
    f.check_number(concatenate(name, " for ", cover.rows, " rows"), cover.per_pattern, median(std::move(norms)));
  };
  f.check(stated.delta_r.rows == std::max<std::size_t>(1, run.data.poisoned_rows),
          concatenate("delta_r: expected the poisoned rows, got ", stated.delta_r.rows));
  check_cover("delta_r", stated.delta_r);
  for (const pattern_cover& cover : stated.delta_r_assumed) check_cover("delta_r_assumed", cover);
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
