// SPDX-License-Identifier: MIT
#include "evaluate.hpp"

#include "arrays.hpp"
#include "certssb/backend/tbb.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/report/csv.hpp"
#include "certssb/report/curve.hpp"
#include "certssb/report/npy.hpp"
#include "certssb/storage/memory.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/vote/stopped_votes.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <functional>
#include <numeric>
#include <type_traits>
#include <utility>

namespace certssb::cli {

namespace {

/// One mode's certificates on one set of inputs.
struct issued {
  std::string mode;
  bool certified;
  std::string norm;
  std::vector<std::string> assumptions;
  std::vector<std::string> conditional_on;
  std::vector<certificate> certificates;
  std::function<double(std::span<const certificate>, std::size_t)> per_pattern;
  std::function<ratio(std::span<const certificate>, std::span<const label_type>, const attack_extent&)> against;
  std::map<std::string, std::size_t> storage_events;  ///< empty without storage-update

  [[nodiscard]] bool after_storage() const { return !storage_events.empty(); }
};

/// Bounds the votes: those of early stopping by what is valid at any time, hard votes as counts, else all scores.
bounded_votes bound_ballot(const ballot<float>& votes, const run_options& o) {
  if (o.stop_at_radius) {
    return bound_votes(stopped_votes(votes.votes), jeffreys_sequence{}, every_class{}, o.alpha);
  }
  const std::string name = o.bound_name();
  if (name == clopper_pearson::name) return bound_votes(votes.votes, clopper_pearson{}, no_split{}, o.alpha);
  if (name == jeffreys_sequence::name) return bound_votes(votes.votes, jeffreys_sequence{}, every_class{}, o.alpha);
  const score_table scores(std::span<const float>(votes.scores), static_cast<std::size_t>(votes.votes.trials()),
                           votes.votes.samples(), votes.votes.classes());
  return bound_votes(scores, named_bound<mean_score>(name), no_split{}, o.alpha);
}

template <certificate_mode Mode>
issued issue_in(const bounded_votes& votes, const Mode& mode) {
  const name_list assumptions = mode.assumptions;
  const name_list conditions = mode.conditional_on();
  return {std::string(mode.name),
          Mode::certified,
          std::string(mode.norm),
          {assumptions.begin(), assumptions.end()},
          {conditions.begin(), conditions.end()},
          issue(votes, mode),
          [mode](std::span<const certificate> all, std::size_t rows) { return median_per_pattern(all, mode, rows); },
          [mode](std::span<const certificate> all, std::span<const label_type> labels, const attack_extent& attack) {
            return certified_against(all, labels, mode, attack);
          },
          {}};
}

/// Issues in a mode with the flags asked for, where it takes them.
template <class Mode>
issued issue_with_flags(const bounded_votes& votes, const Mode& mode, const run_options& o) {
  const mode_request wanted = o.requested();
  const auto with_labels = [&](const auto& inner) {
    if constexpr (label_noise_base<std::remove_cvref_t<decltype(inner)>>) {
      if (wanted.label_noise) {
        const label_flips flips(o.flip_probability, static_cast<std::uint32_t>(o.flipped_labels));
        return issue_in(votes, label_noise(inner, flips, assume::labels_flipped_in_every_member{},
                                           assume::scales_independent_of_labels{}));
      }
    }
    return issue_in(votes, inner);
  };
  if constexpr (std::derived_from<Mode, gaussian_rows>) {
    if (wanted.joint) {
      const smoothing_options& s = o.settings("certified").smoothing;
      return with_labels(joint(mode, test_noise{*s.test_sigma, s.vote.draws}, gaussian_noise{},
                               assume::test_scale_fixed_beforehand{}));
    }
  }
  return with_labels(mode);
}

issued update_storage(issued before, const images& inputs, const run_options& o, evaluation_times& times) {
  const detail::stopwatch watch;
  const auto answers =
      storage_update(inputs, std::span<const certificate>(before.certificates),
                     o.storage == "min" ? storage_policy::min : storage_policy::slack, tbb_executor(o.threads));
  before.certificates = after_storage(before.certificates, answers);
  for (const char* event : {"keep", "trim", "adopt", "abstain"}) before.storage_events[event] = 0;
  for (const stored_answer& answer : answers) ++before.storage_events[std::string(event_name(answer.event))];
  times.storage_s += watch.seconds();
  return before;
}

/// The uniform certificates, remembered by one predictor that answers the samples in order.
issued remember(const bounded_votes& votes, const noise_scales& scales, const images& inputs, const run_options& o) {
  const std::vector<certificate> asked = issue(votes, uniform_mode(scales, gaussian_noise{}));
  const auto answers =
      storage_update(inputs, std::span<const certificate>(asked),
                     o.storage == "min" ? storage_policy::min : storage_policy::slack, tbb_executor(o.threads));
  issued result = issue_in(votes, memory_mode(answers));
  result.certificates = remembered(asked, answers);
  return result;
}

/// The certificates of the defence `certified`, in the mode asked for.
issued issue_certified(const defence_work& work, const bounded_votes& votes, const images& inputs,
                       const run_options& o) {
  const gaussian_noise noise;
  const noise_scales& scales = work.outcome.train_scales;
  const std::string mode = o.requested().base;
  if (mode == "frozen") {
    return issue_with_flags(votes, frozen_mode(scales, noise, assume::scales_independent_of_features{}), o);
  }
  if (mode == "floor") return issue_with_flags(votes, floor_mode(scales, noise), o);
  if (mode == "ledger") {
    std::vector<double> caps;
    for (const double sigma : scales.values()) caps.push_back(1.0 / (sigma * sigma));
    return issue_with_flags(votes, ledger_mode(caps, noise, assume::rows_read_only_through_the_ledger{}), o);
  }
  if (mode == "quantised") {
    return issue_with_flags(
        votes, quantised_mode(scales, work.constant_within, noise, assume::selector_fixed_independently_of_data{}), o);
  }
  if (mode == "semi_elastic") {
    const elasticity selector{o.semi_elasticity, tensor_traits<images>::row_size(inputs)};
    return issue_in(votes, semi_elastic_mode(scales, selector, noise, assume::selector_fixed_independently_of_data{}));
  }
  if (mode == "uniform_l1") return issue_in(votes, uniform_l1_mode(scales, uniform_noise{}));
  if (mode == "laplace_l1") return issue_in(votes, laplace_l1_mode(scales, laplace_noise{}));
  if (mode == "knn1_exact") return issue_in(votes, knn1_exact_mode(scales));
  if (mode == "given_scales") return issue_in(votes, given_scales_mode(scales, noise, false));
  if (mode == "memory") return remember(votes, scales, inputs, o);
  return issue_with_flags(votes, uniform_mode(scales, noise), o);
}

std::vector<issued> issue_all(const defence_work& work, std::size_t which, const workload& data, const run_options& o,
                              evaluation_times& times) {
  const gaussian_noise noise;
  const defence_outcome<float>& defence = work.outcome;
  const images& inputs = data.inputs(which).inputs();
  const ballot<float>& votes = defence.ballots[which];
  std::vector<issued> all;
  const detail::stopwatch watch;
  const bounded_votes bounded = work.exact_bounds.empty() ? bound_ballot(votes, o) : work.exact_bounds[which];
  if (defence.name == "rab") {
    all.push_back(issue_in(bounded, uniform_mode(defence.train_scales, noise)));
  } else if (defence.name == "certified") {
    all.push_back(issue_certified(work, bounded, inputs, o));
  } else {
    const bool own = o.settings(defence.name).own_test_scale();
    all.push_back(issue_in(bounded, given_scales_mode(defence.train_scales, noise, own)));
    all.push_back(issue_in(bounded, published_mode(votes.scales, noise)));
  }
  times.certify_s += watch.seconds();
  if (defence.name == "cert-ssb") all.push_back(update_storage(all.back(), inputs, o, times));
  return all;
}

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
    write_ballot(defence.ballots[which], prefix, inputs, folder);
    if (exact) write_bounds(work.exact_bounds[which], prefix + "bounds_" + inputs + ".npy", folder);
    folder.write(prefix + "samples_" + inputs + ".csv", samples_csv(all, rows, defence.ballots[which]));
  }
  return result;
}

}  // namespace certssb::cli
