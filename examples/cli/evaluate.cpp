// SPDX-License-Identifier: MIT
#include "evaluate.hpp"

#include "arrays.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/report/csv.hpp"
#include "certssb/report/curve.hpp"
#include "certssb/report/npy.hpp"
#include "certssb/storage/storage_update.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace certssb::cli {

namespace {

/// One mode's certificates on one set of inputs.
struct issued {
  std::string mode;
  bool certified;
  std::vector<std::string> conditional_on;
  std::vector<certificate> certificates;
  std::function<double(std::span<const certificate>, std::size_t)> per_pattern;
  std::function<ratio(std::span<const certificate>, std::span<const label_type>, const attack_extent&)> against;
  std::map<std::string, std::size_t> storage_events;  ///< empty without storage-update

  [[nodiscard]] bool after_storage() const { return !storage_events.empty(); }
};

bounded_votes bound_ballot(const ballot<float>& votes, const run_options& o) {
  if (o.bound == clopper_pearson::name) return bound_votes(votes.votes, clopper_pearson{}, no_split{}, o.alpha);
  const score_table scores(std::span<const float>(votes.scores), o.models, votes.votes.samples(),
                           votes.votes.classes());
  return bound_votes(scores, hoeffding{}, no_split{}, o.alpha);
}

template <certificate_mode Mode>
issued issue_in(const bounded_votes& votes, const Mode& mode) {
  const name_list conditions = mode.conditional_on();
  return {std::string(mode.name),
          Mode::certified,
          {conditions.begin(), conditions.end()},
          issue(votes, mode),
          [mode](std::span<const certificate> all, std::size_t rows) { return median_per_pattern(all, mode, rows); },
          [mode](std::span<const certificate> all, std::span<const label_type> labels, const attack_extent& attack) {
            return certified_against(all, labels, mode, attack);
          },
          {}};
}

issued update_storage(issued before, const images& inputs, const run_options& o, evaluation_times& times) {
  const detail::stopwatch watch;
  const auto answers = storage_update(inputs, std::span<const certificate>(before.certificates),
                                      o.storage == "min" ? storage_policy::min : storage_policy::slack);
  before.certificates = after_storage(before.certificates, answers);
  for (const char* event : {"keep", "trim", "adopt", "abstain"}) before.storage_events[event] = 0;
  for (const stored_answer& answer : answers) ++before.storage_events[std::string(event_name(answer.event))];
  times.storage_s += watch.seconds();
  return before;
}

std::vector<issued> issue_all(const defence_outcome<float>& defence, std::size_t which, const workload& data,
                              const run_options& o, evaluation_times& times) {
  const gaussian_noise noise;
  const ballot<float>& votes = defence.ballots[which];
  std::vector<issued> all;
  const detail::stopwatch watch;
  const bounded_votes bounded = bound_ballot(votes, o);
  if (!defence.scales_from_ascent) {
    all.push_back(issue_in(bounded, uniform_mode(defence.train_scales, noise)));
    times.certify_s += watch.seconds();
    return all;
  }
  const bool own = o.settings(defence.name).own_test_scale();
  all.push_back(issue_in(bounded, given_scales_mode(defence.train_scales, noise, own)));
  all.push_back(issue_in(bounded, published_mode(votes.scales, noise)));
  times.certify_s += watch.seconds();
  all.push_back(update_storage(all.back(), data.inputs(which).inputs(), o, times));
  return all;
}

std::vector<radius_share> shares(const std::vector<curve_point>& curve) {
  std::vector<radius_share> points;
  for (const curve_point& p : curve) points.push_back({p.radius, p.fraction.value()});
  return points;
}

evaluation_result summarise(const issued& i, const std::string& inputs, std::span<const label_type> labels,
                            std::span<const double> norms, std::size_t poisoned, const std::vector<double>& radii) {
  const std::span<const certificate> all(i.certificates);
  const std::size_t rows = std::max<std::size_t>(1, poisoned);
  return {.inputs = inputs,
          .mode = i.mode,
          .certified = i.certified,
          .conditional_on = i.conditional_on,
          .storage_update = i.after_storage(),
          .n = all.size(),
          .empirical_accuracy = empirical_accuracy(all, labels).value(),
          .certified_accuracy = shares(certified_accuracy_curve(all, labels, radii)),
          .certified_ratio = shares(certified_ratio_curve(all, radii)),
          .abstain_rate = abstention(all).value(),
          .average_certified_radius = average_certified_radius(all, labels).value(),
          .delta_r = {rows, i.per_pattern(all, rows)},
          .certified_against_this_attack = i.against(all, labels, {.l2 = norms}).value(),
          .storage_events = i.storage_events};
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
    table.add(votes.scales[s]);
    for (const issued& i : all) {
      table.add(i.certificates[s].claimed()).add(outcome_name(i.certificates[s].result));
    }
  }
  return table.text();
}

void write_ballot(const ballot<float>& votes, const std::string& prefix, const std::string& inputs, std::size_t models,
                  run_folder& folder) {
  const std::size_t n = votes.votes.samples();
  const std::size_t k = votes.votes.classes();
  folder.write_array(prefix + "votes_" + inputs + ".npy", npy_bytes({n, k}, votes.votes.values()));
  folder.write_array(prefix + "sigma_test_" + inputs + ".npy", npy_bytes({n}, votes.scales.values()));
  if (!votes.scores.empty()) {
    folder.write_array(prefix + "scores_" + inputs + ".npy",
                       npy_bytes({models, n, k}, std::span<const float>(votes.scores)));
  }
}

}  // namespace

defence_result evaluate(const defence_outcome<float>& defence, const workload& data, const run_options& o,
                        run_folder& folder, evaluation_times& times) {
  const auto scales = defence.train_scales.values();
  const double mean = std::accumulate(scales.begin(), scales.end(), 0.0) / static_cast<double>(scales.size());
  const defence_settings settings = o.settings(defence.name);
  defence_result result{defence.name,
                        o.models,
                        o.alpha,
                        o.bound,
                        {defence.train_scales.smallest(), mean, defence.train_scales.largest()},
                        {{"epochs", std::uint64_t{settings.epochs}},
                         {"averaged_tail", settings.averaged_tail},
                         {"test_noise", settings.test_noise},
                         {"test_noise_scale", settings.test_noise_scale}},
                        {}};
  std::vector<double> norms(scales.size());
  for (std::size_t p = 0; p < data.train.positions.size(); ++p) {
    norms[data.train.positions[p]] = data.train.pattern_norms[p];
  }
  const std::vector<double> radii = parse_radii(o.radii);
  const std::string prefix = defence.name + "/";
  folder.write_array(prefix + "sigma_train.npy", npy_bytes({scales.size()}, scales));
  for (std::size_t which = 0; which < defence.ballots.size(); ++which) {
    const std::string inputs = input_names[which];
    const image_rows& rows = data.inputs(which);
    const std::vector<issued> all = issue_all(defence, which, data, o, times);
    for (const issued& i : all) {
      result.evaluations.push_back(summarise(i, inputs, rows.labels(), norms, data.train.positions.size(), radii));
    }
    write_ballot(defence.ballots[which], prefix, inputs, o.models, folder);
    folder.write(prefix + "samples_" + inputs + ".csv", samples_csv(all, rows, defence.ballots[which]));
  }
  return result;
}

std::vector<std::string> assumptions_of(const std::string& defence) {
  const name_list names =
      defence == "cert-ssb" ? name_list(given_scales_mode::assumptions) : name_list(uniform_mode::assumptions);
  return {names.begin(), names.end()};
}

}  // namespace certssb::cli
