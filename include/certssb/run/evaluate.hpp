// SPDX-License-Identifier: MIT
#pragma once
// Brief: turns certificates into the numbers of results.json and the table of single samples.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/report/curve.hpp"
#include "certssb/report/metrics.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/certify_outcome.hpp"
#include "certssb/run/defence_options.hpp"
#include "certssb/run/experiment_data.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the attack of the experiment, row by row, and the trigger on the test inputs if they have one.
class measured_attack {
public:
  /// Brief: `which`: 0 the clean test inputs, 1 the triggered ones.
  template <tensor Tensor>
  measured_attack(const poisoned_split<Tensor>& data, std::size_t which)
      : l2_(data.train.data.size()), l1_(l2_.size()), relabelled_(l2_.size()), rows_(data.train.positions.size()) {
    for (std::size_t p = 0; p < rows_; ++p) {
      l2_[data.train.positions[p]] = std::min(data.train.pattern_norms[p], unknown_change);
      l1_[data.train.positions[p]] = std::min(data.train.pattern_l1[p], unknown_change);
      relabelled_[data.train.positions[p]] = data.train.relabels(p) ? 1 : 0;
    }
    changed_labels_ = data.train.relabelled_rows();
    if (which == 1) test_ = std::min(data.largest_trigger, unknown_change);
  }

  [[nodiscard]] attack_extent extent() const {
    return {.l2 = l2_, .l1 = l1_, .test_l2 = test_, .changed_labels = changed_labels_, .relabelled = relabelled_};
  }
  /// Brief: the same, with the labels as they are observed.
  [[nodiscard]] attack_extent with_observed_labels() const { return {.l2 = l2_, .l1 = l1_, .test_l2 = test_}; }
  [[nodiscard]] std::size_t poisoned_rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t training_rows() const noexcept { return l2_.size(); }

private:
  std::vector<double> l2_;
  std::vector<double> l1_;
  std::vector<std::uint8_t> relabelled_;
  std::size_t rows_;
  std::size_t changed_labels_ = 0;
  double test_ = 0.0;
};

namespace detail {

[[nodiscard]] inline double median_cover(const issued_certificates& issued, std::size_t rows) {
  if (issued.per_pattern) return median(issued.per_pattern(rows));
  return issued.statement ? median_per_pattern(issued.certificates, *issued.statement, rows) : 0.0;
}

[[nodiscard]] inline std::vector<pattern_cover> covers_of(const issued_certificates& issued,
                                                          std::size_t training_rows) {
  std::vector<pattern_cover> all;
  for (std::size_t rows = 1; rows <= training_rows; rows *= 10) all.push_back({rows, median_cover(issued, rows)});
  return all;
}

/// Brief: 0, 1 and about twenty more numbers of rows, up to the most that any certificate survives.
[[nodiscard]] inline std::vector<std::size_t> row_steps(std::span<const certificate> all) {
  std::size_t most = 0;
  for (const certificate& c : all) most = std::max(most, c.rows.value_or(0));
  std::vector<std::size_t> steps;
  const std::size_t width = std::max<std::size_t>(1, (most + 19) / 20);
  for (std::size_t rows = 0; rows <= most; rows += width) {
    if (rows == width && width > 1) steps.push_back(1);
    steps.push_back(rows);
  }
  if (steps.back() != most) steps.push_back(most);
  return steps;
}

[[nodiscard]] inline rows_result rows_of(std::span<const certificate> all, std::span<const label_type> labels) {
  rows_result result{.median = median_rows(all), .certified_accuracy = {}};
  for (const std::size_t rows : row_steps(all)) {
    result.certified_accuracy.push_back({rows, rows_accuracy(all, labels, rows).value()});
  }
  return result;
}

[[nodiscard]] inline std::vector<frontier_point> frontier_of(std::span<const certificate> all) {
  std::vector<frontier_point> points;
  for (const std::size_t rows : row_steps(all)) points.push_back({rows, median_radius(all, rows)});
  return points;
}

/// Brief: the certificates that cover the attack with the labels as observed, or with its changed labels too.
[[nodiscard]] inline std::vector<bool> covering(const issued_certificates& issued, const measured_attack& attack,
                                                bool labels) {
  const attack_extent extent = labels ? attack.extent() : attack.with_observed_labels();
  if (issued.covers) return issued.covers(extent, labels);
  // A mode of one part says nothing of changed labels, unless its flag does.
  const bool silent =
      labels && extent.changed_labels > 0 && !(issued.statement && issued.statement->facts.covers_labels);
  if (!issued.statement || silent) return std::vector<bool>(issued.certificates.size(), false);
  return covers_attack(issued.certificates, *issued.statement, extent);
}

/// Brief: the scale of the test noise on a sample; the mean over the members if each found its own.
template <std::floating_point Scalar>
[[nodiscard]] double mean_test_sigma(const ballot<Scalar>& votes, std::size_t sample) {
  if (votes.own_scales.empty()) return votes.scales[sample];
  double total = 0.0;
  for (std::size_t at = sample; at < votes.own_scales.size(); at += votes.scales.size()) total += votes.own_scales[at];
  return total / static_cast<double>(votes.votes.trials());
}

}  // namespace detail

/// Brief: a summary of one mode's certificates on one set of test inputs; shares are of all n samples.
/// Shapes: labels [n], the true ones; radii ascending.
/// Throws: argument_error if lengths disagree.
[[nodiscard]] inline evaluation_result evaluate(const issued_certificates& issued, const std::string& inputs,
                                                std::span<const label_type> labels, const measured_attack& attack,
                                                std::span<const double> radii) {
  const std::span<const certificate> all(issued.certificates);
  const std::size_t rows = std::max<std::size_t>(1, attack.poisoned_rows());
  const std::vector<bool> observed = detail::covering(issued, attack, false);
  const std::vector<bool> with_labels = detail::covering(issued, attack, true);
  const auto share = [](const std::vector<bool>& covered) {
    return static_cast<double>(std::ranges::count(covered, true)) / static_cast<double>(covered.size());
  };
  return {.inputs = inputs,
          .mode = issued.mode,
          .certified = issued.certified,
          .norm = issued.norm,
          .assumptions = issued.assumptions,
          .conditional_on = issued.conditional_on,
          .storage_update = issued.after_storage(),
          .n = all.size(),
          .empirical_accuracy = empirical_accuracy(all, labels).value(),
          .certified_accuracy = shares_of(certified_accuracy_curve(all, labels, radii)),
          .certified_ratio = shares_of(certified_ratio_curve(all, radii)),
          .abstain_rate = abstention(all).value(),
          .average_certified_radius = average_certified_radius(all, labels).value(),
          .delta_r = {rows, detail::median_cover(issued, rows)},
          .delta_r_assumed = detail::covers_of(issued, attack.training_rows()),
          .rows = detail::rows_of(all, labels),
          .frontier = detail::frontier_of(all),
          .attack_covered = {share(observed), share(with_labels)},
          .attack_covered_and_right = {certified_against(all, labels, observed).value(),
                                       certified_against(all, labels, with_labels).value()},
          .storage_events = issued.storage_events,
          .storage_gap = issued.storage_gap};
}

/// Brief: samples_*.csv: one line per test sample, with radius and outcome in every mode, and where
/// parts vote the rows that it survives (-1: nothing is certified).
/// Shapes: all certificates over the same n samples.
template <tensor Tensor, std::floating_point Scalar>
[[nodiscard]] std::string samples_csv(std::span<const issued_certificates> all, const dataset<Tensor>& rows,
                                      const ballot<Scalar>& votes) {
  std::vector<std::string> columns{"id", "label", "predicted", "votes", "lower", "budget", "sigma"};
  for (const issued_certificates& i : all) {
    const std::string mode = i.mode + (i.after_storage() ? "_storage_update" : "");
    columns.push_back("radius_" + mode);
    columns.push_back("outcome_" + mode);
    if (i.covers) columns.push_back("rows_" + mode);
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
    table.add(detail::mean_test_sigma(votes, s));
    for (const issued_certificates& i : all) {
      const certificate& c = i.certificates[s];
      table.add(c.stated_radius()).add(outcome_name(c.result));
      if (i.covers) table.add(c.rows ? static_cast<std::int64_t>(*c.rows) : std::int64_t{-1});
    }
  }
  return table.text();
}

/// Brief: what results.json says about one defence, without its evaluations.
template <std::floating_point Scalar>
[[nodiscard]] defence_result describe_defence(const trained_defence<Scalar>& trained, const run_settings& settings) {
  const auto scales = trained.train_scales.values();
  const double mean = std::accumulate(scales.begin(), scales.end(), 0.0) / static_cast<double>(scales.size());
  const bool exact = !trained.exact_bounds.empty();
  const bool one_model = trained.settings.plain_parts() || trained.settings.closed_form();
  defence_result result{.name = trained.settings.name,
                        .models = one_model       ? 1
                                  : trained.parts ? trained.settings.smoothing.models
                                                  : static_cast<std::size_t>(trained.ballots.front().votes.trials()),
                        .alpha = exact || one_model ? 0.0 : settings.certification.alpha,
                        .bound = one_model ? "none"
                                 : exact   ? std::string(trained.exact_bounds.front().bound)
                                           : settings.certification.bound_name(),
                        .sigma_train = {trained.train_scales.smallest(), mean, trained.train_scales.largest()},
                        .settings = options_of(trained.settings, settings),
                        .evaluations = {},
                        .stopping = {}};
  for (const stopping_point& p : trained.stopping) {
    result.stopping.push_back({static_cast<std::size_t>(p.models), p.certified, p.futile, p.decided});
  }
  return result;
}

}  // namespace v1
}  // namespace certssb
