// SPDX-License-Identifier: MIT
#pragma once
// Brief: the certificates of single samples under a mode, and checks of votes and certificates against the table.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/bounds.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/mode.hpp"
#include "certssb/verify/storage.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: one sample as an evaluation counts it.
struct counted {
  std::int64_t predicted;
  std::int64_t label;  ///< abstain: no class
  double budget;
  double radius;
  std::string outcome;
};

/// Brief: the ending of the columns of an evaluation in the table of samples.
[[nodiscard]] inline std::string column_of(const evaluation_result& stated) {
  return stated.mode + (stated.storage_update ? "_storage_update" : "");
}

/// Brief: hard votes of sample i, from every member's scores.
[[nodiscard]] inline std::vector<std::int64_t> recount(const ballot_evidence& e, std::size_t i) {
  std::vector<std::int64_t> counts(e.classes());
  for (std::size_t m = 0; m < e.scores.shape[0]; ++m) {
    const auto row = std::span(e.scores.values).subspan((m * e.size() + i) * e.classes(), e.classes());
    ++counts[static_cast<std::size_t>(std::ranges::max_element(row) - row.begin())];
  }
  return counts;
}

[[nodiscard]] inline std::string joined(std::span<const std::int64_t> counts) {
  std::string line;
  for (const std::int64_t count : counts) {
    if (!line.empty()) line += ' ';
    line += std::to_string(count);
  }
  return line;
}

inline void check_test_scales(findings& f, const mode_source& e) {
  const bool usable = std::ranges::all_of(e.sigma_test, [](double s) { return std::isfinite(s) && s > 0.0; });
  expect<data_error>(usable, "its test scales are not finite and positive");
  const auto [least, most] = std::ranges::minmax(e.sigma_test);
  const defence_options options = e.options();
  const std::size_t draws = options.test_draws();
  if (options.text("test_noise_scale") == "own") {
    f.check(least >= options.number("sigma_min") * (1.0 - 1e-12) && most <= options.number("sigma_max") * (1.0 + 1e-12),
            concatenate("its test scales, ", least, " to ", most, ", are not between sigma_min and sigma_max"));
    return;
  }
  const auto common = options.number_or_null("test_noise_scale");
  f.check(common ? least == *common && most == *common : draws == 0,
          concatenate("its test scales, ", least, " to ", most, ", are not the one that was set, ",
                      options.text("test_noise_scale")));
}

/// Brief: checks that votes, scores and scales are possible, and agree with the table of samples.
/// Throws: data_error if they are of another number of classes, or test scales are not positive.
inline void check_ballot(findings& f, const ballot_evidence& e, const mode_source& m, const std::string& inputs) {
  const std::size_t classes = m.run.data.classes.size();
  f.check(inputs != "clean" || e.size() == m.run.data.test, "votes are on another number of samples than data.test");
  expect<data_error>(e.classes() == classes, "votes are on another number of classes than data.classes");
  expect<data_error>(m.defence.models < std::size_t{1} << 53U, "models: expected fewer, got ", m.defence.models);
  const auto models = static_cast<std::int64_t>(m.defence.models);
  check_test_scales(f, m);
  for (std::size_t i = 0; i < e.size(); ++i) {
    const auto counts = std::span(e.votes.values).subspan(i * classes, classes);
    std::int64_t left = models;  // -1: impossible
    for (const std::int64_t count : counts) left = left >= 0 && count >= 0 && count <= left ? left - count : -1;
    const std::string sample = concatenate("sample ", e.samples.text(i, "id"), ": ");
    f.check(left == 0, sample + "its votes are not one per model");
    f.check(e.scores.values.empty() || std::ranges::equal(recount(e, i), counts),
            sample + "its votes are not those of its scores");
    f.check(e.samples.text(i, "votes") == joined(counts), sample + "its votes differ from the array's");
    f.check(e.samples.real(i, "sigma") == e.sigma_test[i], sample + "its sigma differs from the array's");
    const std::int64_t label = e.samples.integer(i, "label");
    f.check(label >= 0 && std::cmp_less(label, classes), sample + "its label is no class");
  }
}

[[nodiscard]] inline std::string outcome_of(const sample_bound& bound, bool named, bool certified) {
  if (named) return certified ? "certified" : "published";
  if (bound.lower > bound.upper) return "nothing_left";
  return bound.upper == 1.0 - bound.lower ? "bound_not_above_half" : "bounds_overlap";
}

[[nodiscard]] inline std::vector<stored_ball> stored_answers(const std::vector<counted>& all,
                                                             const evaluation_result& stated, const mode_source& e) {
  const auto file = e.folder.parent_path() / ("inputs_" + stated.inputs + ".npy");
  const npy_array<double> inputs = read_npy_reals(file);
  expect<data_error>(inputs.shape.size() == 2 && inputs.shape[0] == all.size() && inputs.shape[1] > 0, file.string(),
                     ": expected inputs of shape [", all.size(), ",d]");
  const bool finite = std::ranges::all_of(inputs.values, [](double x) { return std::isfinite(x); });
  expect<data_error>(finite, file.string(), ": expected finite inputs");
  std::vector<std::int64_t> labels;
  std::vector<double> radii;
  for (const counted& c : all) {
    labels.push_back(c.label);
    radii.push_back(c.radius);
  }
  return update_storage(inputs.values, labels, radii, e.options().text("storage"));
}

/// Brief: adopted samples claim nothing; trimmed ones less.
inline void apply_storage(counted& c, const stored_ball& answer) {
  if (answer.event == "adopt") {
    c = {answer.label, answer.label, 0.0, 0.0, "adopted_in_storage"};
  } else if (answer.event == "trim") {
    c.budget *= answer.radius / c.radius;
    c.radius = answer.radius;
  }
}

/// Brief: the predictor with memory claims what it stored.
inline void apply_memory(counted& c, const stored_ball& answer) {
  const bool claimed = c.radius > 0.0;
  if (answer.radius > 0.0) {
    c = {answer.label, answer.label, 0.0, answer.radius, "certified"};
  } else {
    c = {c.predicted, abstain, 0.0, 0.0, claimed ? "nothing_left" : c.outcome};
  }
}

/// Brief: the certificates of the mode for these bounds; after storage-update, and in mode `memory`, with these test
/// inputs.
[[nodiscard]] inline std::vector<counted> count_samples(const std::vector<sample_bound>& bounds, const mode& m,
                                                        const evaluation_result& stated, const ballot_evidence& ballot,
                                                        const mode_source& e) {
  std::vector<counted> all;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const double budget = m.budget(bounds[i].lower, bounds[i].upper);
    const bool named = budget > 0.0;
    double radius = 0.0;
    if (named) {
      radius = m.accept ? m.accept(budget, ballot.samples.real(i, "radius_" + stated.mode)) : m.radius(budget, i);
    }
    all.push_back({bounds[i].label, named ? bounds[i].label : abstain, named ? budget : 0.0, radius,
                   outcome_of(bounds[i], named, m.certified)});
  }
  if (!stated.storage_update && !m.remembers) return all;
  const std::vector<stored_ball> answers = stored_answers(all, stated, e);
  for (std::size_t i = 0; i < all.size(); ++i) {
    (m.remembers ? apply_memory : apply_storage)(all[i], answers[i]);
  }
  return all;
}

/// Brief: checks that the certificates are those of the table of samples; `first` includes its common columns.
inline void check_samples(findings& f, const ballot_evidence& e, const std::vector<sample_bound>& bounds,
                          const std::vector<counted>& all, const evaluation_result& stated, bool first) {
  const std::string column = column_of(stated);
  for (std::size_t i = 0; i < e.size(); ++i) {
    const std::string sample = concatenate("sample ", e.samples.text(i, "id"), ": ");
    if (first) {
      f.check(e.samples.integer(i, "predicted") == all[i].predicted, sample + "another class should be predicted");
      f.check_number(sample + "lower", e.samples.real(i, "lower"), bounds[i].lower);
      f.check_number(sample + "budget", e.samples.real(i, "budget"), all[i].budget);
    }
    f.check_number(sample + "radius", e.samples.real(i, "radius_" + column), all[i].radius);
    f.check(e.samples.text(i, "outcome_" + column) == all[i].outcome,
            sample + "its outcome should be " + all[i].outcome);
  }
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
