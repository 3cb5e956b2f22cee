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

/// Brief: the first class with the largest score.
[[nodiscard]] inline std::size_t hard_vote_of(std::span<const double> scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

/// Brief: hard votes of sample i, from every member's scores.
[[nodiscard]] inline std::vector<std::int64_t> recount(const ballot_evidence& e, std::size_t i) {
  std::vector<std::int64_t> counts(e.classes());
  for (std::size_t m = 0; m < e.scores.shape[0]; ++m) {
    ++counts[hard_vote_of(std::span(e.scores.values).subspan((m * e.size() + i) * e.classes(), e.classes()))];
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

inline void check_test_scales(findings& f, const ballot_evidence& ballot, const mode_source& e) {
  const std::vector<double>& scales = ballot.own_scales.values.empty() ? e.sigma_test : ballot.own_scales.values;
  const bool usable = std::ranges::all_of(scales, [](double s) { return std::isfinite(s) && s > 0.0; });
  expect<data_error>(usable, "its test scales are not finite and positive");
  const auto [least, most] = std::ranges::minmax(scales);
  const defence_options options = e.options();
  const std::size_t draws = options.test_draws();
  // Members find their own scales in every defence but cert-ssb, whose base model finds them for all.
  const bool by_member = draws > 0 && e.defence.name != "cert-ssb" && options.text("test_noise_scale") == "own";
  f.check(by_member ? ballot.own_scales.shape == std::vector<std::size_t>{e.defence.models, ballot.size()}
                    : ballot.own_scales.shape.empty(),
          by_member ? "its test scales are not one per member and sample" : "its test scales are not one per sample");
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

/// Brief: checks that each member's kept votes make up the counts, and are those of its scores.
/// Cost: a look at each vote.
inline void check_member_votes(findings& f, const ballot_evidence& e, const defence_result& d) {
  if (e.member_votes.shape.empty()) return;
  f.check(e.member_votes.shape[0] == d.models,
          concatenate("votes of ", e.member_votes.shape[0], " members were kept, but there are ", d.models, " models"));
  std::vector<std::int64_t> counts(e.votes.values.size());
  for (std::size_t at = 0; at < e.member_votes.values.size(); ++at) {
    const std::uint32_t vote = e.member_votes.values[at];
    expect<data_error>(vote < e.classes(), "a member's vote is for ", vote, ", which is no class");
    ++counts[at % e.size() * e.classes() + vote];
    const auto member = std::span(e.scores.values).subspan(e.scores.values.empty() ? 0 : at * e.classes());
    f.check(member.empty() || hard_vote_of(member.first(e.classes())) == vote,
            concatenate("member ", at / e.size(), ": a vote is not that of its scores"));
  }
  f.check(counts == e.votes.values, "the votes of its members do not add up to its counts");
}

/// Brief: checks that the table holds the radii and outcomes of the evaluations, and no others.
inline void check_columns(findings& f, const sample_table& samples, const defence_result& d,
                          const std::string& inputs) {
  std::vector<std::string> wanted{"id", "label", "predicted", "votes", "lower", "budget", "sigma"};
  for (const evaluation_result& stated : d.evaluations) {
    if (stated.inputs != inputs) continue;
    wanted.push_back("radius_" + column_of(stated));
    wanted.push_back("outcome_" + column_of(stated));
  }
  f.check(samples.columns() == wanted, "the columns of its table of samples are not those of its evaluations");
}

/// Brief: checks that votes, scores and scales are possible, and agree with the table of samples.
/// Throws: data_error if they are of another number of classes, or test scales are not positive.
inline void check_ballot(findings& f, const ballot_evidence& e, const mode_source& m, const std::string& inputs) {
  const std::size_t classes = m.run.data.classes.size();
  f.check(inputs != "clean" || e.size() == m.run.data.test, "votes are on another number of samples than data.test");
  expect<data_error>(e.classes() == classes, "votes are on another number of classes than data.classes");
  expect<data_error>(m.defence.models < std::size_t{1} << 53U, "models: expected fewer, got ", m.defence.models);
  const auto models = static_cast<std::int64_t>(m.defence.models);
  check_test_scales(f, e, m);
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
  check_member_votes(f, e, m.defence);
  check_columns(f, e.samples, m.defence, inputs);
}

[[nodiscard]] inline std::string outcome_of(const sample_bound& bound, bool named, bool certified) {
  if (named) return certified ? "certified" : "published";
  if (bound.lower > bound.upper) return "nothing_left";
  return bound.upper == 1.0 - bound.lower ? "bound_not_above_half" : "bounds_overlap";
}

/// Brief: what storage-update is asked for.
struct asked_balls {
  npy_array<double> inputs;
  std::vector<std::int64_t> labels;
  std::vector<double> radii;

  asked_balls(const std::vector<counted>& all, const evaluation_result& stated, const mode_source& e)
      : inputs(read_inputs(e.folder.parent_path(), stated.inputs, all.size())) {
    for (const counted& c : all) {
      labels.push_back(c.label);
      radii.push_back(c.radius);
    }
  }
};

[[nodiscard]] inline std::vector<stored_ball> stored_answers(const std::vector<counted>& all,
                                                             const evaluation_result& stated, const mode_source& e) {
  const asked_balls asked(all, stated, e);
  return update_storage(asked.inputs.values, asked.labels, asked.radii, e.options().text("storage"));
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

/// Brief: the certificates of the mode for these bounds, before storage-update.
[[nodiscard]] inline std::vector<counted> count_votes(const std::vector<sample_bound>& bounds, const mode& m,
                                                      const evaluation_result& stated, const ballot_evidence& ballot) {
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
  return all;
}

/// Brief: the certificates of the mode for these bounds; after storage-update, and in mode `memory`, with these test
/// inputs.
[[nodiscard]] inline std::vector<counted> count_samples(const std::vector<sample_bound>& bounds, const mode& m,
                                                        const evaluation_result& stated, const ballot_evidence& ballot,
                                                        const mode_source& e) {
  std::vector<counted> all = count_votes(bounds, m, stated, ballot);
  if (!stated.storage_update && !m.remembers) return all;
  const std::vector<stored_ball> answers = stored_answers(all, stated, e);
  for (std::size_t i = 0; i < all.size(); ++i) {
    (m.remembers ? apply_memory : apply_storage)(all[i], answers[i]);
  }
  return all;
}

/// Brief: checks how near regions of different labels are said to come.
inline void check_storage_gap(findings& f, const std::vector<sample_bound>& bounds, const mode& m,
                              const evaluation_result& stated, const ballot_evidence& ballot, const mode_source& e) {
  if (e.run.schema == 1 || !stated.storage_update) return;
  const asked_balls asked(count_votes(bounds, m, stated, ballot), stated, e);
  const double gap = least_gap(asked.inputs.values, asked.labels, asked.radii);
  f.check(stated.storage_gap.has_value() == std::isfinite(gap),
          "storage_gap is stated for no regions, or not for some");
  if (stated.storage_gap && std::isfinite(gap)) f.check_number("storage_gap", *stated.storage_gap, gap);
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
