// SPDX-License-Identifier: MIT
#pragma once
// Brief: certificates of votes from elsewhere as the folder of a run: votes, scales, samples, results.json and the page.
// What such votes do not tell (attack, training, and without labels what is right) is null.

#include "certssb/core/expect.hpp"
#include "certssb/core/instruction_set.hpp"
#include "certssb/core/number_text.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/html.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/page.hpp"
#include "certssb/run/certify_request.hpp"
#include "certssb/run/evaluate.hpp"
#include "certssb/run/run_folder.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/version.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the names of the defence and of the test inputs in such a folder.
inline constexpr const char* given_votes_name = "given-votes";
inline constexpr const char* given_inputs_name = "given";

namespace detail {

[[nodiscard]] inline option_list options_of_request(const foreign_request& r) {
  option_list options;
  visit_request(r, [&](const char* name, const auto& field, const auto&...) {
    options.emplace_back(name, option_of_setting(field));
  });
  return options;
}

/// Brief: the evaluation of votes from elsewhere.
[[nodiscard]] inline evaluation_result evaluate_foreign(const foreign_answers& a) {
  const issued_certificates& issued = a.certified.issued;
  const std::span<const certificate> all(issued.certificates);
  evaluation_result e;
  e.inputs = given_inputs_name;
  e.mode = issued.mode;
  e.certified = issued.certified;
  e.norm = issued.norm;
  e.assumptions = issued.assumptions;
  e.conditional_on = issued.conditional_on;
  e.n = all.size();
  e.certified_ratio = shares_of(certified_ratio_curve(all, a.request.radii));
  e.abstain_rate = abstention(all).value();
  e.rows.median = median_rows(all);
  e.frontier = frontier_of(all);
  e.labelled = !a.labels.empty();
  e.attacked = false;
  if (issued.statement) {  // a common scale is that of one row, whatever their number
    e.delta_r_assumed = covers_of(issued, a.evidence.training ? a.evidence.training->size() : 1);
  }
  if (!e.labelled) return e;
  e.empirical_accuracy = empirical_accuracy(all, a.labels).value();
  e.certified_accuracy = shares_of(certified_accuracy_curve(all, a.labels, a.request.radii));
  e.average_certified_radius = average_certified_radius(all, a.labels).value();
  e.rows = rows_of(all, a.labels);
  return e;
}

/// Brief: the hard votes of every member, counted: those given, or those of the scores.
/// Shapes: [n,K].
[[nodiscard]] inline std::vector<std::int64_t> counted_votes(const foreign_votes& v) {
  if (!v.counts.empty()) {
    const auto values = v.counts.front().values();
    return {values.begin(), values.end()};
  }
  std::vector<std::int64_t> counts(v.samples * v.classes);
  for (std::size_t row = 0; row < v.models * v.samples; ++row) {
    const auto scores = std::span(v.scores).subspan(row * v.classes, v.classes);
    const auto top = static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
    ++counts[row % v.samples * v.classes + top];
  }
  return counts;
}

/// Brief: samples_given.csv; a label that is not known is an empty cell.
[[nodiscard]] inline std::string foreign_samples_csv(const foreign_answers& a, std::span<const std::int64_t> counts) {
  const issued_certificates& issued = a.certified.issued;
  const bool parts = a.votes.parts > 0;
  std::vector<std::string> columns{"id", "label", "predicted", "votes", "lower", "budget"};
  for (const char* kind : {"radius_", "outcome_"}) columns.push_back(kind + issued.mode);
  if (parts) columns.push_back("rows_" + issued.mode);
  csv_table table(columns);
  for (std::size_t i = 0; i < a.votes.samples; ++i) {
    const certificate& c = issued.certificates[i];
    std::string votes;
    for (std::size_t k = 0; k < a.votes.classes && !parts; ++k) {
      votes += concatenate(k == 0 ? "" : " ", counts[i * a.votes.classes + k]);
    }
    table.add(i).add(a.labels.empty() ? std::string() : std::to_string(a.labels[i])).add(c.predicted).add(votes);
    table.add(c.lower).add(c.budget).add(c.stated_radius()).add(outcome_name(c.result));
    if (parts) table.add(c.rows ? static_cast<std::int64_t>(*c.rows) : std::int64_t{-1});
  }
  return table.text();
}

/// Brief: votes and scores as they were given, and the scales that the certificates rest on.
inline void write_foreign_arrays(const foreign_answers& a, const std::string& prefix, run_folder& folder) {
  const foreign_votes& v = a.votes;
  std::vector<std::int64_t> counts;
  if (v.parts == 0) {
    counts = counted_votes(v);
    folder.write(prefix + "votes_given.npy", npy_bytes<std::int64_t>({v.samples, v.classes}, counts));
  } else {
    std::vector<std::int64_t> all;
    for (const vote_counts& part : v.counts) all.insert(all.end(), part.values().begin(), part.values().end());
    folder.write(prefix + "part_votes_given.npy", npy_bytes<std::int64_t>({v.parts, v.samples, v.classes}, all));
  }
  if (!v.scores.empty()) {
    folder.write(prefix + "scores_given.npy",
                 npy_bytes({v.models, v.samples, v.classes}, std::span<const double>(v.scores)));
  }
  if (a.evidence.training) {
    const auto scales = a.evidence.training->values();
    folder.write(prefix + "sigma_train.npy", npy_bytes({scales.size()}, scales));
  }
  if (a.evidence.test || a.evidence.joint_noise) {
    const std::vector<double> common(v.samples, a.evidence.joint_noise ? a.evidence.joint_noise->sigma : 0.0);
    const std::span<const double> scales = a.evidence.test ? a.evidence.test->values() : std::span(common);
    folder.write(prefix + "sigma_test_given.npy", npy_bytes({v.samples}, scales));
  }
  if (!a.evidence.constant_within.empty()) {
    const auto& within = a.evidence.constant_within;
    folder.write(prefix + "rho_train.npy", npy_bytes({within.size()}, std::span<const double>(within)));
  }
  folder.write(prefix + "samples_given.csv", foreign_samples_csv(a, counts));
}

}  // namespace detail

/// Brief: what results.json says of votes from elsewhere; of training, attack and undefended model it says nothing.
[[nodiscard]] inline run_results foreign_results(const foreign_answers& a) {
  const issued_certificates& issued = a.certified.issued;
  run_results results;
  results.version = version_string();
  results.build = {std::string(compiler()), std::string(instruction_set())};
  results.config = detail::options_of_request(a.request);
  results.assumptions = issued.assumptions;
  for (const std::string& name : a.request.assume) {
    if (std::ranges::find(results.assumptions, name) == results.assumptions.end()) results.assumptions.push_back(name);
  }
  results.data.attacked = false;
  results.data.test = a.votes.samples;
  results.data.classes.resize(a.votes.classes);
  std::iota(results.data.classes.begin(), results.data.classes.end(), std::int64_t{0});
  defence_result d;
  d.name = given_votes_name;
  d.models = a.votes.models;
  d.alpha = issued.certificates.front().alpha;
  d.bound = a.bound;
  d.settings = {{"mode", issued.mode}};
  if (a.evidence.training) {
    const training_scales& scales = *a.evidence.training;
    const auto values = scales.values();
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    d.sigma_train = {scales.smallest(), sum / static_cast<double>(values.size()), scales.largest()};
    if (!parse_number<double>(a.request.sigma)) results.data.train = values.size();
    if (scales.smallest() == scales.largest()) d.settings.emplace_back("sigma", scales.smallest());
  }
  if (a.evidence.joint_noise) {
    d.settings.emplace_back("test_noise", concatenate("mean:", a.evidence.joint_noise->draws));
    d.settings.emplace_back("test_noise_scale", a.evidence.joint_noise->sigma);
  }
  if (a.votes.parts > 0) {
    d.settings.emplace_back("parts", std::uint64_t{a.votes.parts});
    d.settings.emplace_back("failures", std::uint64_t{a.certified.failures});
    if (a.certified.alpha_part) d.settings.emplace_back("alpha_part", *a.certified.alpha_part);
  }
  d.evaluations.push_back(detail::evaluate_foreign(a));
  results.defences.push_back(std::move(d));
  return results;
}

/// Brief: writes and publishes the folder of a run.
/// Throws: argument_error for certificates after storage-update, of which a folder would hold only half; data_error if
/// a file cannot be written.
/// Returns why drawings are left out of the page, or nothing.
inline std::string write_foreign(const foreign_answers& a, run_folder& folder) {
  const stopwatch since;
  expect(a.events.empty(), "`storage` goes without a folder, which holds the certificates before it");
  detail::write_foreign_arrays(a, std::string(given_votes_name) + "/", folder);
  run_results results = foreign_results(a);
  results.timing.certify_s = a.certify_s;
  results.timing.total_s = a.certify_s + since.seconds();
  std::string complaint;
  const run_page page = illustrate({folder.place().string(), results}, folder.path(), complaint);
  folder.write("report.html", html_page(std::vector<run_page>{page}));
  results.arrays = folder.digests();
  folder.write("results.json", results_to_json(results).dump(2) + "\n");
  folder.publish();
  return complaint;
}

}  // namespace v1
}  // namespace certssb
