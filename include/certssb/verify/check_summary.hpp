// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of an evaluation: what it says about its mode, and the numbers that summarise its samples.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/mode.hpp"
#include "certssb/verify/samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: checks that the evaluation describes the mode as the mode does.
inline void check_mode(findings& f, const mode& m, const evaluation_result& stated, const run_results& run) {
  f.check(stated.certified == m.certified, m.certified ? "is marked as not certified" : "is marked as certified");
  f.check(stated.norm == m.norm, "its norm is stated as " + stated.norm + ", but is " + m.norm);
  f.check(stated.conditional_on == m.conditional_on, "conditional_on is not what the mode holds fixed");
  std::vector<std::string> expected = m.assumptions;
  if (run.schema == 1) {  // which knew no name for this one
    std::erase(expected, "keyed_words_as_random");
    f.leave("whether keyed_words_as_random is assumed");
  }
  f.check(stated.assumptions == m.assumptions || stated.assumptions == expected,
          "its assumptions are not those of the mode");
  for (const std::string& name : expected) {
    f.check(std::ranges::find(run.assumptions, name) != run.assumptions.end(), "assumptions do not name " + name);
  }
  for (const std::string& line : m.contradictions) f.check(false, line);
}

[[nodiscard]] inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

/// Brief: whether a curve is given at these radii.
[[nodiscard]] inline bool is_at(const std::vector<radius_share>& curve, const std::vector<double>& radii) {
  return std::ranges::equal(curve, radii, {}, &radius_share::radius);
}

inline void check_covers(findings& f, const std::vector<counted>& all, const mode& m, const evaluation_result& stated,
                         const run_results& run) {
  const auto check = [&](const std::string& name, const pattern_cover& cover, std::size_t rows) {
    f.check(cover.rows == rows, concatenate(name, ": expected ", rows, " rows, got ", cover.rows));
    std::map<double, double> known{{0.0, 0.0}};
    std::vector<double> norms;
    for (const counted& c : all) {
      const double budget = c.outcome == "certified" ? c.budget : 0.0;
      const auto [found, unknown] = known.try_emplace(budget);
      if (unknown) found->second = m.per_pattern(budget, rows);
      norms.push_back(found->second);
    }
    f.check_number(concatenate(name, " for ", rows, " rows"), cover.per_pattern, median(std::move(norms)));
  };
  if (stated.attacked) check("delta_r", stated.delta_r, std::max<std::size_t>(1, run.data.poisoned_rows));
  std::size_t rows = 1;
  for (const pattern_cover& cover : stated.delta_r_assumed) {
    check("delta_r_assumed", cover, rows);
    rows *= 10;
  }
  const std::size_t train = std::max<std::size_t>(1, run.data.train);
  f.check(rows > train && rows / 10 <= train,
          "delta_r_assumed: expected 1, 10, 100, ... rows, up to the training rows");
}

inline void check_events(findings& f, const ballot_evidence& e, const evaluation_result& stated) {
  std::map<std::string, std::size_t> events{{"keep", 0}, {"trim", 0}, {"adopt", 0}, {"abstain", 0}};
  for (std::size_t i = 0; i < e.size(); ++i) {
    const double before = e.samples.real(i, "radius_" + stated.mode);
    const double after = e.samples.real(i, "radius_" + stated.mode + "_storage_update");
    const bool adopted = e.samples.text(i, "outcome_" + stated.mode + "_storage_update") == "adopted_in_storage";
    ++events[adopted ? "adopt" : before == 0.0 ? "abstain" : after < before ? "trim" : "keep"];
  }
  f.check(events == stated.storage_events, "storage_events are not those of the samples");
}

/// Brief: checks what the evaluation says of this run's attack.
inline void check_attack(findings& f, const ballot_evidence& e, const std::vector<counted>& all, const mode& m,
                         const evaluation_result& stated, const run_results& run) {
  const auto share = [&](bool labels, bool right) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool covered = all[i].outcome == "certified" && m.covers(all[i].budget) && labels;
      if (covered && (!right || all[i].label == e.samples.integer(i, "label"))) ++sum;
    }
    return static_cast<double>(sum) / static_cast<double>(all.size());
  };
  const bool labels = m.covers_labels || run.data.relabelled_rows == 0;
  f.check_number("attack_covered_and_right.labels_as_observed", stated.attack_covered_and_right.labels_as_observed,
                 share(true, true));
  if (run.schema == 1) return;
  f.check_number("attack_covered.labels_as_observed", stated.attack_covered.labels_as_observed, share(true, false));
  f.check_number("attack_covered.labels_covered", stated.attack_covered.labels_covered, share(labels, false));
  f.check_number("attack_covered_and_right.labels_covered", stated.attack_covered_and_right.labels_covered,
                 share(labels, true));
}

/// Brief: checks what the evaluation says of rows changed at will: a mode of one part covers none.
inline void check_rows(findings& f, const ballot_evidence& e, const std::vector<counted>& all,
                       const evaluation_result& stated) {
  f.check_number("rows.median", stated.rows.median, 0.0);
  double certified = 0.0;
  std::vector<double> radii;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool holds = all[i].outcome == "certified" && stated.mode != "memory";
    certified += holds && stated.labelled && all[i].label == e.samples.integer(i, "label") ? 1.0 : 0.0;
    radii.push_back(holds ? all[i].radius : 0.0);
  }
  const auto& curve = stated.rows.certified_accuracy;
  f.check(!stated.labelled || (curve.size() == 1 && curve.front().rows == 0),
          "rows.certified_accuracy is not at 0 rows alone");
  if (!curve.empty()) {
    f.check_number("rows.certified_accuracy at 0", curve.front().value, certified / static_cast<double>(all.size()));
  }
  f.check(stated.frontier.size() == 1 && stated.frontier.front().rows == 0, "frontier is not at 0 rows alone");
  if (!stated.frontier.empty()) f.check_number("frontier at 0", stated.frontier.front().radius, median(radii));
}

/// Brief: checks that the numbers of the evaluation are those of the samples.
inline void check_summary(findings& f, const ballot_evidence& e, const std::vector<counted>& all, const mode& m,
                          const evaluation_result& stated, const mode_source& source) {
  const auto share = [&](auto&& holds) {
    double sum = 0.0;
    for (std::size_t i = 0; i < all.size(); ++i) sum += static_cast<double>(holds(i));
    return sum / static_cast<double>(all.size());
  };
  const auto right = [&](std::size_t i, std::int64_t label) { return label == e.samples.integer(i, "label"); };
  f.check(stated.n == all.size(), "n is not the number of samples");
  f.check_number("abstain_rate", stated.abstain_rate, share([&](std::size_t i) { return all[i].label == abstain; }));
  const std::vector<double> radii = source.options().numbers("radii");
  f.check((!stated.labelled || is_at(stated.certified_accuracy, radii)) && is_at(stated.certified_ratio, radii),
          "certified_accuracy and certified_ratio are not at config.radii");
  for (const radius_share& p : stated.certified_ratio) {
    f.check_number(concatenate("certified_ratio at ", p.radius), p.value,
                   share([&](std::size_t i) { return all[i].radius > p.radius; }));
  }
  if (stated.labelled) {
    f.check_number("empirical_accuracy", stated.empirical_accuracy,
                   share([&](std::size_t i) { return right(i, all[i].predicted); }));
    for (const radius_share& p : stated.certified_accuracy) {
      f.check_number(concatenate("certified_accuracy at ", p.radius), p.value,
                     share([&](std::size_t i) { return all[i].radius > p.radius && right(i, all[i].label); }));
    }
    f.check_number("average_certified_radius", stated.average_certified_radius,
                   share([&](std::size_t i) { return right(i, all[i].label) ? all[i].radius : 0.0; }));
  }
  if (stated.attacked) check_attack(f, e, all, m, stated, source.run);
  if (source.run.schema > 1) check_rows(f, e, all, stated);
  check_covers(f, all, m, stated, source.run);
  if (stated.storage_update) check_events(f, e, stated);
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
