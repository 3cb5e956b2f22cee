// SPDX-License-Identifier: MIT
#pragma once
// Brief: trains some members of a finished run again from the recorded key, and compares their votes, scores and noise
// scales with the kept ones, bit by bit.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/defence_options.hpp"
#include "certssb/run/defend.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/replay_comparison.hpp"
#include "certssb/run/replay_parts.hpp"
#include "certssb/run/replay_report.hpp"
#include "certssb/run/task_observer.hpp"
#include "certssb/run/train_undefended.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: a row of an array of shape [M, ...], as a span.
template <class Value>
[[nodiscard]] std::span<const Value> member_row(const std::vector<Value>& values, std::size_t members, std::size_t m) {
  const std::size_t row = values.size() / members;
  return std::span(values).subspan(m * row, row);
}

/// Brief: members out of 0 .. models - 1, ascending.
[[nodiscard]] inline std::vector<std::size_t> choose_members(std::size_t models, std::size_t count,
                                                             const random_key& key) {
  std::vector<std::size_t> members(models);
  std::iota(members.begin(), members.end(), std::size_t{0});
  random_stream stream(key.at(stage::shuffle));
  shuffle(std::span(members), stream);
  members.resize(std::min(models, count));
  std::ranges::sort(members);
  return members;
}

}  // namespace detail

/// Brief: so many members of each defence, or all, chosen by a key that the maker of the run cannot have known.
struct replay_choice {
  std::size_t members = 1;
  random_key key;
};

/// Brief: one run, and the data and the learner to train it again with.
/// Requires: the arguments outlive the object; data (see replay_attack.hpp) and learner are those of the run.
template <tensor Tensor, class Method, executor Executor, observer Observer>
class run_replay {
public:
  run_replay(const std::filesystem::path& folder, const run_results& run, const poisoned_split<Tensor>& data,
             const Method& method, const Executor& executor, Observer& watch)
      : folder_(folder), run_(run), data_(data), method_(method), executor_(executor), watch_(watch) {}

  /// Brief: trains the undefended model and the chosen members of every defence again, by the code that trained them,
  /// and compares. Without kept votes or scores, single members say nothing: that is noted, unless all are chosen.
  /// Throws: data_error for a configuration that does not hold; cancelled; whatever the learner throws.
  /// Cost: so many trainings for each defence, and where a base model finds noise scales, all of that.
  [[nodiscard]] replay_report replay(const replay_choice& choice) {
    settings_ = settings_of(run_);
    settings_.parts.training_rows = run_.data.train;
    replay_report report;
    detail::replay_comparison comparison(report, run_);
    note(watch_, "Training a model that nobody defends, again.");
    task_observer unnamed(watch_, "undefended");
    const undefended_result plain =
        train_undefended(data_, method_, settings_, executor_, unnamed, random_key{*settings_.seed});
    comparison.compare("undefended", std::vector{run_.undefended.clean_accuracy, run_.undefended.attack_success_rate},
                       std::vector{plain.clean_accuracy, plain.attack_success_rate});
    for (const defence_result& d : run_.defences) {
      report.guard(d.name + ": ", [&] { replay_defence(report, comparison, d, choice); });
    }
    return report;
  }

private:
  [[nodiscard]] bool has(const std::string& name) const { return run_.arrays.contains(name); }

  void replay_defence(replay_report& report, detail::replay_comparison& comparison, const defence_result& d,
                      const replay_choice& choice) {
    defence_settings own;
    try {
      own = settings_.defence(d.name);
    } catch (const argument_error& wrong) {
      throw data_error(concatenate("config: ", wrong.what()));
    }
    if (comparison.same_build()) check_options(report, d, own);
    if (!own.noised() || own.smoothed_parts()) return replay_parts(comparison, d, own);
    const bool sampled = facts_of(own.mode.base).training != member_training::neighbours;
    expect<data_error>(!sampled || (d.models > 0 && d.models <= settings_.training.models), "expected 1 to ",
                       settings_.training.models, " models, got ", d.models);
    if (facts_of(own.mode.base).training == member_training::fixed_scales &&
        !std::filesystem::exists(*settings_.certified.train_scales)) {
      report.not_checked.push_back(
          concatenate(d.name, ": its noise scales and votes: ", *settings_.certified.train_scales, " is not there"));
      return;
    }
    const std::size_t kept = std::min(choice.members, d.models);
    const bool all = kept == d.models;
    if (sampled && !all && !has(d.name + "/member_votes_clean.npy") && !has(d.name + "/scores_clean.npy")) {
      report.not_checked.push_back(concatenate(
          d.name, ": that its votes come from training: it kept no votes of single members, so that only all ",
          d.models, " together can be compared"));
      return;
    }
    run_settings changed = settings_;
    own.smoothing.keep_votes = true;
    if (!all) {
      own.smoothing.only = detail::choose_members(d.models, kept, choice.key);
      changed.certification.stop_at_radius.reset();
    }
    note(watch_, concatenate(d.name, ": doing ",
                             sampled ? concatenate(kept, " of ", d.models, " models") : "its bounds", " again"));
    task_observer named(watch_, d.name);
    const auto trained =
        defence_trainer(data_, method_, changed, own, executor_, named, random_key{*settings_.seed}).train();
    compare_scales(comparison, d, trained);
    for (std::size_t which = 0; which < trained.ballots.size(); ++which) {
      if (!sampled) {
        compare_bounds(comparison, d, which, trained.exact_bounds[which]);
      } else {
        compare_ballot(comparison, d, which, trained.ballots[which], own.smoothing.only);
      }
    }
    if (sampled && all) compare_stopping(comparison, d, trained.stopping);
    if (!sampled || all) return;
    report.not_checked.push_back(concatenate(d.name, ": that the votes of its other ", d.models - kept, " of ",
                                             d.models, " models come from training"));
  }

  void replay_parts(detail::replay_comparison& comparison, const defence_result& d, const defence_settings& own) {
    note(watch_, concatenate(d.name, ": doing all of it again"));
    const task_observer named(watch_, d.name);
    detail::compare_parts(
        comparison, folder_, d,
        defence_trainer(data_, method_, settings_, own, executor_, named, random_key{*settings_.seed}).train());
  }

  /// That the settings a defence states are those that the configuration gives it.
  void check_options(replay_report& report, const defence_result& d, const defence_settings& own) const {
    for (const auto& [name, value] : options_of(own, settings_)) {
      const option_value* const stated = find_option(d.settings, name);
      report.check(
          stated != nullptr && option_text(*stated) == option_text(value),
          concatenate(d.name, ": its settings state ", name, " ", stated == nullptr ? "" : option_text(*stated),
                      ", the configuration gives it ", option_text(value)));
    }
  }

  template <class Trained>
  void compare_scales(detail::replay_comparison& comparison, const defence_result& d, const Trained& trained) const {
    comparison.compare(d.name + ", sigma_train", read_npy_reals(folder_ / d.name / "sigma_train.npy").values,
                       trained.train_scales.values());
    if (trained.constant_within.empty()) return;
    comparison.compare(d.name + ", rho_train", read_npy_reals(folder_ / d.name / "rho_train.npy").values,
                       trained.constant_within);
  }

  void compare_bounds(detail::replay_comparison& comparison, const defence_result& d, std::size_t which,
                      const bounded_votes& found) const {
    const std::string inputs = input_names[which];
    std::vector<double> values;
    for (const bounded_sample& sample : found.samples) {
      values.insert(values.end(), {static_cast<double>(sample.top.label), sample.top.lower, sample.top.upper});
    }
    comparison.compare(d.name + ", " + inputs + ", bounds",
                       read_npy_reals(folder_ / d.name / ("bounds_" + inputs + ".npy")).values, values);
  }

  void compare_stopping(detail::replay_comparison& comparison, const defence_result& d,
                        const std::vector<stopping_point>& found) const {
    std::vector<std::size_t> stated;
    std::vector<std::size_t> points;
    for (const stopping_result& p : d.stopping) stated.insert(stated.end(), {p.certified, p.futile});
    for (const stopping_point& p : found) points.insert(points.end(), {p.certified, p.futile});
    comparison.compare(d.name + ", samples decided before the last model", stated, points);
  }

  /// `only` are the members that were trained; none: all.
  template <std::floating_point Scalar>
  void compare_ballot(detail::replay_comparison& comparison, const defence_result& d, std::size_t which,
                      const ballot<Scalar>& found, const std::vector<std::size_t>& only) const {
    const std::string inputs = input_names[which];
    const std::string place = d.name + ", " + inputs + ", ";
    const auto file = [&](const char* kind) { return d.name + "/" + kind + inputs + ".npy"; };
    if (only.empty()) {
      comparison.compare(place + "number of models", std::vector{d.models}, std::vector{found.votes.trials()});
      if (!std::cmp_equal(d.models, found.votes.trials())) return;
    }
    const npy_array<double> scales = read_npy_reals(folder_ / file("sigma_test_"));
    if (found.own_scales.empty()) comparison.compare(place + "sigma_test", scales.values, found.scales.values());
    if (only.empty()) {
      comparison.compare(place + "votes", read_npy_integers(folder_ / file("votes_")).values, found.votes.values());
    }
    std::vector<std::size_t> members = only;
    if (members.empty()) {
      members.resize(d.models);
      std::iota(members.begin(), members.end(), std::size_t{0});
    }
    npy_array<std::uint32_t> votes;
    npy_array<double> scores;
    if (has(file("member_votes_"))) votes = read_npy_unsigned(folder_ / file("member_votes_"));
    if (has(file("scores_"))) scores = read_npy_reals(folder_ / file("scores_"));
    expect<data_error>((votes.shape.empty() || votes.shape[0] == d.models) &&
                           (scores.shape.empty() || scores.shape[0] == d.models) &&
                           (found.own_scales.empty() || scales.shape[0] == d.models),
                       inputs, ": kept votes, scores or scales are not one per model");
    const std::size_t trained = members.back() + 1;  // members before the last one have a place, whether trained or not
    for (const std::size_t m : members) {
      const std::string member = concatenate(place, "member ", m, ", ");
      if (!votes.shape.empty()) {
        comparison.compare(member + "votes", detail::member_row(votes.values, d.models, m),
                           found.member_votes.of_member(m));
      }
      if (!scores.shape.empty()) {
        comparison.compare(member + "scores", detail::member_row(scores.values, d.models, m),
                           detail::member_row(found.scores, trained, m));
      }
      if (!found.own_scales.empty()) {
        comparison.compare(member + "sigma_test", detail::member_row(scales.values, d.models, m),
                           detail::member_row(found.own_scales, trained, m));
      }
    }
  }

  std::filesystem::path folder_;
  const run_results& run_;
  const poisoned_split<Tensor>& data_;
  const Method& method_;
  any_executor executor_;
  Observer& watch_;
  run_settings settings_ = {};
};

}  // namespace v1
}  // namespace certssb
