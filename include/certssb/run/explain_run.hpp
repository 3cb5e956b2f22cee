// SPDX-License-Identifier: MIT
#pragma once
// Brief: explains one test sample of a finished run, from the raw votes and scales in its folder.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/report/explanation_form.hpp"
#include "certssb/report/report_answer.hpp"
#include "certssb/run/certify_outcome.hpp"
#include "certssb/run/explain_parts.hpp"
#include "certssb/run/explain_rows.hpp"
#include "certssb/run/saved_run.hpp"
#include "certssb/storage/memory.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/vote/stopped_votes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: which sample.
struct sample_request {
  std::string inputs;   ///< clean or triggered
  std::size_t sample;   ///< row of samples_*.csv, from 0
  std::string defence;  ///< of this one alone; empty: of each
};

namespace detail {

/// Brief: the votes of some samples, bounded, and the rule of the first one's.
struct bounded_part {
  bounded_votes bounds;
  vote_rule first;
};

template <class Selection, class Table, class Bound>
[[nodiscard]] bounded_part bound_table(const Table& table, const Bound& bound, double alpha) {
  return {bound_votes(table, bound, Selection{}, alpha), rule_of_votes<Selection>(table[0], bound, alpha)};
}

/// Brief: bounds samples from, from + 1, ..., as the run did.
[[nodiscard]] inline bounded_part bound_part(const saved_ballot& b, const defence_result& d, std::size_t from,
                                             std::size_t n) {
  const std::size_t k = b.classes();
  if (!b.bounds.values.empty()) {
    bounded_votes bounds{{}, k, d.bound, "none", d.alpha};
    for (std::size_t i = from; i < from + n; ++i) {
      const double* row = b.bounds.values.data() + 3 * i;
      bounds.samples.push_back({{static_cast<label_type>(row[0]), row[1], row[2]}, 0});
    }
    return {bounds, {}};
  }
  if (!b.scores.values.empty()) {
    const std::size_t members = b.scores.shape[0];
    std::vector<double> scores;
    for (std::size_t m = 0; m < members; ++m) {
      const double* member = b.scores.values.data() + (m * b.size() + from) * k;
      scores.insert(scores.end(), member, member + n * k);
    }
    const score_table table(std::span<const double>(scores), members, n, k);
    return bound_table<no_split>(table, named_bound<mean_score>(d.bound), d.alpha);
  }
  const std::int64_t* counts = b.votes.values.data() + from * k;
  const vote_counts table(std::vector<std::int64_t>(counts, counts + n * k), k, static_cast<std::int64_t>(d.models));
  if (d.bound == jeffreys_sequence::name) {
    return bound_table<every_class>(stopped_votes(table), jeffreys_sequence{}, d.alpha);
  }
  return bound_table<no_split>(table, clopper_pearson{}, d.alpha);
}

/// Brief: one defence of a run, one set of its test inputs, and the sample that is asked about.
class explained_sample {
public:
  explained_sample(const saved_run& run, const defence_result& defence, const sample_request& request)
      : run_(run), defence_(defence), request_(request), ballot_(run.ballot(defence, request.inputs)) {
    expect(request.sample < ballot_.size(), "sample: the run has ", request.inputs, " samples 0 to ",
           ballot_.size() - 1, ", not ", request.sample);
  }

  [[nodiscard]] const saved_ballot& ballot() const noexcept { return ballot_; }

  [[nodiscard]] std::int64_t cell(const std::string& column) const {
    return ballot_.samples.integer(request_.sample, ballot_.samples.column(column));
  }

  [[nodiscard]] explanation explain_mode(const evaluation_result& stated) const {
    const bool remembers = stated.mode == memory_mode::name;
    const auto request = mode_request::parse(remembers ? "uniform" : stated.mode);
    const bool stores = remembers || stated.storage_update;
    const std::size_t from = stores ? 0 : request_.sample;
    const bounded_part all = bound_part(ballot_, defence_, from, stores ? ballot_.size() : 1);
    const vote_rule rule = stores ? bound_part(ballot_, defence_, request_.sample, 1).first : all.first;
    const std::size_t at = request_.sample - from;

    mode_evidence evidence = run_.evidence(defence_, stated, ballot_, from, all.bounds.samples.size());
    const training_scales training = *evidence.training;
    const stated_mode mode = state_mode(request, evidence);
    std::vector<certificate> issued = mode.issue(all.bounds);
    explanation_question asked;
    if (stores) {
      const auto answers = store_again(issued);
      const stored_answer& own = answers[request_.sample];
      asked.storage = storage_step{issued[request_.sample].stated_radius(), own.event, {}};
      if (own.by) asked.storage->by = static_cast<std::int64_t>(*own.by);
      issued = remembers ? remembered(issued, answers) : after_storage(issued, answers);
    }
    const certificate& c = issued[at];
    asked.wanted = next_radius(stated, asked.storage ? asked.storage->asked : c.stated_radius());
    if (!remembers) add_attack(asked, stated.norm);
    if (const double median = median_scale(training); stated.certified && training.smallest() < median) {
      std::vector<double> raised(training.values().begin(), training.values().end());
      for (double& sigma : raised) sigma = std::max(sigma, median);
      evidence.training = training_scales(std::move(raised));
      asked.raised_scale = median;
      asked.raised = rule_of_mode(state_mode(request, evidence), at);
    }
    const explanation e = explain(c, rule, rule_of_mode(mode, at), asked);
    expect_as_told(stated, e);
    return e;
  }

private:
  /// Storage-update of all samples again, in the order of the run.
  [[nodiscard]] std::vector<stored_answer> store_again(const std::vector<certificate>& asked) const {
    npy_array<double> inputs = read_npy_reals(run_.folder / concatenate("inputs_", request_.inputs, ".npy"));
    expect<data_error>(inputs.shape.size() == 2 && inputs.shape[0] == asked.size(), "inputs_", request_.inputs,
                       ".npy: expected ", asked.size(), " rows");
    const std::vector<float> rows(inputs.values.begin(), inputs.values.end());  // as they were stored
    const auto policy = run_.option("storage") == "slack" ? storage_policy::slack : storage_policy::min;
    return storage_update(host_array<float>(rows, inputs.shape[1]), std::span<const certificate>(asked), policy);
  }

  /// What the run's attack is to a mode of this norm.
  void add_attack(explanation_question& asked, const std::string& norm) const {
    const std::vector<double>& norms = norm == l1_norm::name ? run_.pattern_l1 : run_.pattern_l2;
    asked.attack = {
        .l2 = run_.pattern_l2,
        .l1 = run_.pattern_l1,
        .test_l2 = request_.inputs == "triggered" ? std::min(run_.results.data.trigger_l2_max, unknown_change) : 0.0,
        .changed_labels = run_.results.data.relabelled_rows};
    asked.poisoned = run_.results.data.poisoned_rows;
    asked.pattern_norm = norms.empty() ? 0.0 : *std::ranges::max_element(norms);
  }

  /// The first radius of the run's curve that is not exceeded.
  [[nodiscard]] static double next_radius(const evaluation_result& stated, double radius) {
    for (const radius_share& point : stated.certified_accuracy) {
      if (!(radius > point.radius)) return point.radius;
    }
    return 0.0;
  }

  /// The number in the table is the one explained.
  void expect_as_told(const evaluation_result& stated, const explanation& e) const {
    const std::string column = stated.mode + (stated.storage_update ? "_storage_update" : "");
    const double told = ballot_.samples.real(request_.sample, ballot_.samples.column("radius_" + column));
    expect<data_error>(std::abs(told - e.issued.stated_radius()) <= 1e-9 * std::max(1.0, told), "samples_",
                       request_.inputs, ".csv: radius_", column, " of sample ", request_.sample, " is ", told,
                       ", but its votes give ", e.issued.stated_radius(), "; verify the run");
  }

  const saved_run& run_;
  const defence_result& defence_;
  const sample_request& request_;
  saved_ballot ballot_;
};

}  // namespace detail

/// Brief: explains a sample under every mode of the defences asked for.
/// Throws: argument_error for a sample or defence that the run does not have; data_error if files are missing, or
/// the table of samples holds another radius than its votes give.
[[nodiscard]] inline report_answer explain_sample(const saved_run& run, const sample_request& request) {
  report_answer answer{{{"folder", run.folder.string()}, {"inputs", request.inputs}, {"sample", request.sample}}, ""};
  std::string names;
  for (const defence_result& d : run.results.defences) {
    names += (names.empty() ? "" : ", ") + d.name;
    if (!request.defence.empty() && d.name != request.defence) continue;
    const detail::explained_sample sample(run, d, request);
    const std::int64_t label = sample.cell("label");
    if (answer.text.empty()) {
      const std::int64_t id = sample.cell("id");
      answer.object["id"] = id;
      answer.object["label"] = label;
      answer.object["class_names"] = run.results.data.class_names;
      answer.object["explanations"] = json::array();
      answer.text = concatenate("Sample ", request.sample, " of the ", request.inputs, " test inputs (id ", id,
                                " in the data set), of ", run.results.data.class_words(label), ".\n");
    }
    const training_scales training = run.training(d);
    for (const evaluation_result& stated : d.evaluations) {
      if (stated.inputs != request.inputs) continue;
      const mode_request mode = mode_request::parse(stated.mode);
      if (const member_training how = facts_of(mode.base).training;
          how == member_training::closed_form || how == member_training::bags) {
        part_explanation e = explain_rows(run, d, stated, sample.ballot(), request.sample);
        answer.object["explanations"].push_back(std::move(e.object));
        answer.text += e.text;
        continue;
      }
      if (stated.mode == "parts" || mode.parts) {
        part_explanation e = explain_parts(run, d, stated, sample.ballot(), request.sample);
        answer.object["explanations"].push_back(std::move(e.object));
        answer.text += e.text;
        continue;
      }
      const explanation e = sample.explain_mode(stated);
      answer.object["explanations"].push_back(explanation_json(e, d, stated));
      answer.text += explanation_words(e, d, stated, training, label, run.results.data);
    }
  }
  expect(!answer.text.empty(), "defence: the run has ", names, ", not ", request.defence);
  return answer;
}

}  // namespace v1
}  // namespace certssb
