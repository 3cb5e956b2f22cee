// SPDX-License-Identifier: MIT
#include "evaluate.hpp"

#include "arrays.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/curve.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace certssb::cli {

namespace {

std::vector<radius_share> shares(const std::vector<curve_point>& curve) {
  std::vector<radius_share> points;
  for (const curve_point& p : curve) points.push_back({p.radius, p.fraction.value()});
  return points;
}

std::vector<pattern_cover> covers(const issued& i, std::size_t training_rows) {
  std::vector<pattern_cover> all;
  for (std::size_t rows = 1; rows <= training_rows; rows *= 10)
    all.push_back({rows, i.per_pattern(i.certificates, rows)});
  return all;
}

evaluation_result summarise(const issued& i, const std::string& inputs, std::span<const label_type> labels,
                            const attack_extent& attack, std::size_t poisoned, const std::vector<double>& radii) {
  const std::span<const certificate> all(i.certificates);
  const std::size_t rows = std::max<std::size_t>(1, poisoned);
  return {.inputs = inputs,
          .mode = i.mode,
          .certified = i.certified,
          .norm = i.norm,
          .assumptions = i.assumptions,
          .conditional_on = i.conditional_on,
          .storage_update = i.after_storage(),
          .n = all.size(),
          .empirical_accuracy = empirical_accuracy(all, labels).value(),
          .certified_accuracy = shares(certified_accuracy_curve(all, labels, radii)),
          .certified_ratio = shares(certified_ratio_curve(all, radii)),
          .abstain_rate = abstention(all).value(),
          .average_certified_radius = average_certified_radius(all, labels).value(),
          .delta_r = {rows, i.per_pattern(all, rows)},
          .delta_r_assumed = covers(i, attack.l2.size()),
          .certified_against_this_attack = i.against(all, labels, attack).value(),
          .storage_events = i.storage_events};
}

/// The scale of the test noise on a sample; the members' mean where each found its own.
double test_sigma(const ballot<float>& votes, std::size_t sample) {
  if (votes.own_scales.empty()) return votes.scales[sample];
  double total = 0.0;
  for (std::size_t at = sample; at < votes.own_scales.size(); at += votes.scales.size()) total += votes.own_scales[at];
  return total / static_cast<double>(votes.votes.trials());
}

std::string samples_csv(const std::vector<issued>& all, const image_rows& rows, const ballot<float>& votes) {
  std::vector<std::string> columns{"id", "label", "predicted", "votes", "lower", "budget", "sigma"};
  for (const issued& i : all) {
    const std::string mode = concatenate(i.mode, i.after_storage() ? "_storage_update" : "");
    columns.push_back("radius_" + mode);
    columns.push_back("outcome_" + mode);
  }
  csv_table table(columns);
  for (std::size_t s = 0; s < rows.size(); ++s) {
    const certificate& first = all.front().certificates[s];
    std::string counts;
    for (const std::int64_t count : votes.votes[s].counts) {
      if (!counts.empty()) counts += ' ';
      counts += std::to_string(count);
    }
    table.add(rows.ids()[s]).add(rows.labels()[s]).add(first.predicted).add(counts).add(first.lower).add(first.budget);
    table.add(test_sigma(votes, s));
    for (const issued& i : all) {
      table.add(i.certificates[s].claimed()).add(outcome_name(i.certificates[s].result));
    }
  }
  return table.text();
}

void write_ballot(const ballot<float>& votes, const std::string& prefix, const std::string& inputs,
                  run_folder& folder) {
  const std::size_t n = votes.votes.samples();
  const std::size_t k = votes.votes.classes();
  folder.write_array(prefix + "votes_" + inputs + ".npy", npy_bytes({n, k}, votes.votes.values()));
  const auto models = static_cast<std::size_t>(votes.votes.trials());
  folder.write_array(prefix + "sigma_test_" + inputs + ".npy",
                     votes.own_scales.empty() ? npy_bytes({n}, votes.scales.values())
                                              : npy_bytes({models, n}, std::span<const double>(votes.own_scales)));
  if (!votes.scores.empty()) {
    folder.write_array(prefix + "scores_" + inputs + ".npy",
                       npy_bytes({models, n, k}, std::span<const float>(votes.scores)));
  }
}

/// The test inputs, [n,d], where regions around them were compared.
void write_inputs(const image_rows& rows, const std::string& inputs, run_folder& folder) {
  const std::size_t d = rows.row_size();
  const std::span<const float> values(rows.inputs().data(), rows.size() * d);
  folder.write_array("inputs_" + inputs + ".npy", npy_bytes({rows.size(), d}, values));
}

/// The enclosures of mode knn1_exact, [n,3]: label, lower bound of p_A, upper bound of p_B.
void write_bounds(const bounded_votes& bounds, const std::string& name, run_folder& folder) {
  std::vector<double> values;
  for (const bounded_sample& sample : bounds.samples) {
    values.insert(values.end(), {static_cast<double>(sample.top.label), sample.top.lower, sample.top.upper});
  }
  folder.write_array(name, npy_bytes({bounds.samples.size(), 3}, std::span<const double>(values)));
}

/// The run's own attack, row by row; the trigger on the test inputs where they carry one.
class measured_attack {
public:
  measured_attack(const workload& data, std::size_t which)
      : l2_(data.train.data.size()), l1_(l2_.size()), labels_(data.train.positions.size()) {
    for (std::size_t p = 0; p < data.train.positions.size(); ++p) {
      l2_[data.train.positions[p]] = data.train.pattern_norms[p];
      l1_[data.train.positions[p]] = data.train.pattern_l1[p];
    }
    if (which == 1) test_ = data.largest_trigger;
  }

  [[nodiscard]] attack_extent extent() const {
    return {.l2 = l2_, .l1 = l1_, .test_l2 = test_, .changed_labels = labels_};
  }

private:
  std::vector<double> l2_;
  std::vector<double> l1_;
  std::size_t labels_;
  double test_ = 0.0;
};

}  // namespace

defence_result evaluate(const defence_work& work, const workload& data, const run_options& o, run_folder& folder,
                        evaluation_times& times) {
  const defence_outcome<float>& defence = work.outcome;
  const auto scales = defence.train_scales.values();
  const double mean = std::accumulate(scales.begin(), scales.end(), 0.0) / static_cast<double>(scales.size());
  const defence_settings settings = o.settings(defence.name);
  const bool exact = !work.exact_bounds.empty();
  defence_result result{.name = defence.name,
                        .models = static_cast<std::size_t>(defence.ballots.front().votes.trials()),
                        .alpha = exact ? 0.0 : o.alpha,
                        .bound = exact ? std::string(work.exact_bounds.front().bound) : o.bound_name(),
                        .sigma_train = {defence.train_scales.smallest(), mean, defence.train_scales.largest()},
                        .settings = {{"epochs", std::uint64_t{settings.epochs}},
                                     {"averaged_tail", settings.averaged_tail},
                                     {"test_noise", settings.test_noise},
                                     {"test_noise_scale", settings.test_noise_scale}},
                        .evaluations = {},
                        .stopping = {}};
  for (const stopping_point& p : work.stopping) {
    result.stopping.push_back({static_cast<std::size_t>(p.models), p.certified, p.futile, p.decided});
  }
  const std::vector<double> radii = parse_radii(o.radii);
  const std::string prefix = defence.name + "/";
  folder.write_array(prefix + "sigma_train.npy", npy_bytes({scales.size()}, scales));
  if (!work.constant_within.empty()) {
    folder.write_array(prefix + "rho_train.npy",
                       npy_bytes({scales.size()}, std::span<const double>(work.constant_within)));
  }
  for (std::size_t which = 0; which < defence.ballots.size(); ++which) {
    const std::string inputs = input_names[which];
    const image_rows& rows = data.inputs(which);
    const measured_attack attack(data, which);
    const std::vector<issued> all = issue_all(work, which, data, o, times);
    for (const issued& i : all) {
      result.evaluations.push_back(
          summarise(i, inputs, rows.labels(), attack.extent(), data.train.positions.size(), radii));
    }
    if (std::ranges::any_of(all, &issued::uses_store)) write_inputs(rows, inputs, folder);
    write_ballot(defence.ballots[which], prefix, inputs, folder);
    if (exact) write_bounds(work.exact_bounds[which], prefix + "bounds_" + inputs + ".npy", folder);
    folder.write_array(prefix + "samples_" + inputs + ".csv", samples_csv(all, rows, defence.ballots[which]));
  }
  return result;
}

}  // namespace certssb::cli
