// SPDX-License-Identifier: MIT
#include "explain.hpp"

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/report/explanation_text.hpp"
#include "certssb/storage/memory.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/settings.hpp"
#include "certssb/vote/stopped_votes.hpp"
#include "explain_form.hpp"
#include "explain_modes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace certssb::cli {

namespace fs = std::filesystem;

namespace {

/// The votes of some samples, bounded, and the rule of the first one's.
struct bounded_part {
  bounded_votes bounds;
  vote_rule first;
};

template <class Selection, class Table, class Bound>
bounded_part bound_table(const Table& table, const Bound& bound, double alpha) {
  return {bound_votes(table, bound, Selection{}, alpha), rule_of_votes<Selection>(table[0], bound, alpha)};
}

bounded_part bound_enclosures(const ballot_evidence& e, const defence_result& d, std::size_t from, std::size_t n) {
  bounded_votes bounds{{}, e.classes(), d.bound, "none", d.alpha};
  for (std::size_t i = from; i < from + n; ++i) {
    const double* row = e.bounds.values.data() + 3 * i;
    bounds.samples.push_back({{static_cast<label_type>(row[0]), row[1], row[2]}, 0});
  }
  return {bounds, {}};
}

/// Bounds samples from, from + 1, ..., as the run did.
bounded_part bound_part(const ballot_evidence& e, const defence_result& d, std::size_t from, std::size_t n) {
  const std::size_t k = e.classes();
  const bound_basis basis = basis_of(d.bound);
  if (basis == bound_basis::enclosures) return bound_enclosures(e, d, from, n);
  if (basis == bound_basis::scores) {
    const std::size_t members = e.scores.shape[0];
    std::vector<double> scores;
    for (std::size_t m = 0; m < members; ++m) {
      const double* member = e.scores.values.data() + (m * e.size() + from) * k;
      scores.insert(scores.end(), member, member + n * k);
    }
    const score_table table(std::span<const double>(scores), members, n, k);
    return bound_table<no_split>(table, named_bound<mean_score>(d.bound), d.alpha);
  }
  const std::int64_t* counts = e.votes.values.data() + from * k;
  const vote_counts table(std::vector<std::int64_t>(counts, counts + n * k), k, static_cast<std::int64_t>(d.models));
  if (d.bound == jeffreys_sequence::name) {
    return bound_table<every_class>(stopped_votes(table), jeffreys_sequence{}, d.alpha);
  }
  return bound_table<no_split>(table, clopper_pearson{}, d.alpha);
}

/// One set of test inputs of one defence, and the sample that is asked about.
struct asked_ballot {
  const run_results& run;
  const defence_result& defence;
  fs::path folder;  ///< of the run
  std::string inputs;
  std::size_t sample;
  ballot_evidence votes;
  noise_scales training;
  attack_evidence attack;

  /// Shapes: sigma_test of the samples that are to be issued.
  [[nodiscard]] mode_evidence evidence(std::vector<double> sigma_test) const {
    return {run, defence, folder / defence.name, std::move(sigma_test)};
  }
};

/// What the run's attack is to a mode of this norm.
void add_attack(explanation_question& asked, const asked_ballot& b, const std::string& norm) {
  const std::vector<double>& norms = norm == l1_norm::name ? b.attack.l1 : b.attack.l2;
  asked.attack = {.l2 = b.attack.l2,
                  .l1 = b.attack.l1,
                  .test_l2 = b.inputs == "triggered" ? b.run.data.trigger_l2_max : 0.0,
                  .changed_labels = b.run.data.poisoned_rows};
  asked.poisoned = b.run.data.poisoned_rows;
  asked.pattern_norm = norms.empty() ? 0.0 : *std::ranges::max_element(norms);
}

/// Storage-update of all samples again, in the order of the run, and what it did to the one asked about.
struct stored_again {
  std::vector<stored_answer> answers;
  storage_step step;
};

stored_again store_again(const asked_ballot& b, const std::vector<certificate>& asked) {
  npy_array<double> inputs = read_npy_reals(b.folder / concatenate("inputs_", b.inputs, ".npy"));
  expect<data_error>(inputs.shape.size() == 2 && inputs.shape[0] == asked.size(), "inputs_", b.inputs,
                     ".npy: expected ", asked.size(), " rows");
  const std::vector<float> rows(inputs.values.begin(), inputs.values.end());  // as they were stored
  const auto policy =
      defence_options(b.run, b.defence).text("storage") == "min" ? storage_policy::min : storage_policy::slack;
  stored_again again{
      storage_update(host_array<float>(rows, inputs.shape[1]), std::span<const certificate>(asked), policy), {}};
  const stored_answer& own = again.answers[b.sample];
  again.step = {asked[b.sample].claimed(), own.event, {}};
  if (own.by) again.step.by = static_cast<std::int64_t>(*own.by);
  return again;
}

/// The first radius of the run's curve that is not exceeded.
double next_radius(const evaluation_result& stated, double radius) {
  for (const radius_share& point : stated.certified_accuracy) {
    if (!(radius > point.radius)) return point.radius;
  }
  return 0.0;
}

explanation explain_evaluation(const asked_ballot& b, const evaluation_result& stated) {
  const bool remembers = stated.mode == memory_mode::name;
  const std::string mode_name = remembers ? std::string(uniform_mode::name) : stated.mode;
  const bool stores = remembers || stated.storage_update;
  const std::size_t from = stores ? 0 : b.sample;
  const bounded_part all = bound_part(b.votes, b.defence, from, stores ? b.votes.size() : 1);
  const vote_rule rule = stores ? bound_part(b.votes, b.defence, b.sample, 1).first : all.first;
  const std::size_t at = b.sample - from;
  const auto first = b.votes.sigma_test.begin() + static_cast<std::ptrdiff_t>(from);

  const mode_evidence evidence = b.evidence({first, first + static_cast<std::ptrdiff_t>(all.bounds.samples.size())});

  std::vector<certificate> issued;
  sample_rule mode;
  visit_mode(mode_name, evidence, b.training, [&](const auto& made) {
    issued = issue(all.bounds, made);
    mode = rule_of_mode(made, at);
  });
  explanation_question asked;
  if (stores) {
    const stored_again again = store_again(b, issued);
    asked.storage = again.step;
    issued = remembers ? remembered(issued, again.answers) : after_storage(issued, again.answers);
  }
  const certificate& c = issued[at];
  asked.wanted = next_radius(stated, asked.storage ? asked.storage->asked : c.claimed());
  if (!remembers) add_attack(asked, b, stated.norm);
  if (const double median = median_scale(b.training); stated.certified && b.training.smallest() < median) {
    asked.raised_scale = median;
    std::vector<double> raised(b.training.values().begin(), b.training.values().end());
    for (double& sigma : raised) sigma = std::max(sigma, asked.raised_scale);
    visit_mode(mode_name, evidence, noise_scales(raised),
               [&](const auto& made) { asked.raised = rule_of_mode(made, at); });
  }
  return explain(c, rule, mode, asked);
}

/// The number in the table is the one explained.
void expect_as_told(const asked_ballot& b, const evaluation_result& stated, const explanation& e) {
  const std::string column = stated.mode + (stated.storage_update ? "_storage_update" : "");
  const double told = b.votes.samples.real(b.sample, "radius_" + column);
  expect<data_error>(std::abs(told - e.issued.claimed()) <= 1e-9 * std::max(1.0, told), "samples_", b.inputs,
                     ".csv: radius_", column, " of sample ", b.sample, " is ", told, ", but its votes give ",
                     e.issued.claimed(), "; see certssb verify");
}

/// The defences asked for.
std::vector<const defence_result*> chosen(const run_results& run, const std::string& name) {
  std::vector<const defence_result*> found;
  std::string names;
  for (const defence_result& d : run.defences) {
    if (name.empty() || d.name == name) found.push_back(&d);
    names += (names.empty() ? "" : ", ") + d.name;
  }
  expect(!found.empty(), "--defence: the run has ", names, ", not ", name);
  return found;
}

}  // namespace

sample_answer explain_sample(const named_run& run, const fs::path& folder, const sample_request& request) {
  sample_answer answer{{{"folder", run.name}, {"inputs", request.inputs}, {"sample", request.sample}}, ""};
  const attack_evidence attack = read_attack(folder, run.results.data.train);
  for (const defence_result* d : chosen(run.results, request.defence)) {
    ballot_evidence votes = read_ballot(folder / d->name, request.inputs, basis_of(d->bound));
    expect(request.sample < votes.size(), "--sample: the run has ", request.inputs, " samples 0 to ", votes.size() - 1,
           ", not ", request.sample);
    if (answer.text.empty()) {
      const std::int64_t id = votes.samples.integer(request.sample, "id");
      const std::int64_t label = votes.samples.integer(request.sample, "label");
      answer.object["id"] = id;
      answer.object["label"] = label;
      answer.object["explanations"] = json::array();
      answer.text = concatenate("Sample ", request.sample, " of the ", request.inputs, " test inputs (id ", id,
                                " in the data set), of class ", label, ".\n");
    }
    const noise_scales training(read_vector(folder / d->name / "sigma_train.npy"));
    const asked_ballot b{run.results, *d, folder, request.inputs, request.sample, std::move(votes), training, attack};
    for (const evaluation_result& stated : d->evaluations) {
      if (stated.inputs != request.inputs) continue;
      const explanation e = explain_evaluation(b, stated);
      expect_as_told(b, stated, e);
      answer.object["explanations"].push_back(explanation_json(e, *d, stated));
      answer.text += explanation_words(e, *d, stated, training, b.votes.samples.integer(request.sample, "label"));
    }
  }
  return answer;
}

}  // namespace certssb::cli
