// SPDX-License-Identifier: MIT
#pragma once
// Brief: certifies the outcomes of defences, collects the results, and writes the folder of a run meanwhile: arrays,
// samples, pictures, the page and results.json.

#include "certssb/core/stopwatch.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/html.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/page.hpp"
#include "certssb/run/certify_outcome.hpp"
#include "certssb/run/evaluate.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/pictures.hpp"
#include "certssb/run/run_folder.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/task_observer.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the bytes of a .npy file of every member's votes, as unsigned integers of the votes' own width.
template <class Vote>
[[nodiscard]] std::string vote_bytes(const hard_votes& votes, const std::vector<std::size_t>& shape) {
  std::vector<Vote> values;
  values.reserve(votes.members() * votes.samples());
  for (std::size_t m = 0; m < votes.members(); ++m) {
    for (std::size_t i = 0; i < votes.samples(); ++i) values.push_back(static_cast<Vote>(votes(m, i)));
  }
  return npy_bytes<Vote>(shape, values);
}

/// Brief: hard votes, or orders of classes, in the form of this shape.
[[nodiscard]] inline std::string kept_bytes(const hard_votes& kept, const std::vector<std::size_t>& shape) {
  return kept.bytes_per_vote() == 1   ? vote_bytes<std::uint8_t>(kept, shape)
         : kept.bytes_per_vote() == 2 ? vote_bytes<std::uint16_t>(kept, shape)
                                      : vote_bytes<std::uint32_t>(kept, shape);
}

/// Brief: one defence's votes on one set of test inputs, as files.
template <std::floating_point Scalar>
void write_ballot(const ballot<Scalar>& votes, const std::string& prefix, const std::string& inputs,
                  run_folder& folder) {
  const std::size_t n = votes.votes.samples();
  const std::size_t k = votes.votes.classes();
  const auto models = static_cast<std::size_t>(votes.votes.trials());
  folder.write(prefix + "votes_" + inputs + ".npy", npy_bytes({n, k}, votes.votes.values()));
  folder.write(prefix + "sigma_test_" + inputs + ".npy",
               votes.own_scales.empty() ? npy_bytes({n}, votes.scales.values())
                                        : npy_bytes({models, n}, std::span<const double>(votes.own_scales)));
  if (const hard_votes& kept = votes.member_votes; kept.members() > 0) {
    folder.write(prefix + "member_votes_" + inputs + ".npy", kept_bytes(kept, {kept.members(), kept.samples()}));
  }
  if (!votes.scores.empty()) {
    folder.write(prefix + "scores_" + inputs + ".npy",
                 npy_bytes({models, n, k}, std::span<const Scalar>(votes.scores)));
  }
}

/// Brief: the part of every training row, [N], and the votes of the members of every part, [k,n,K]; the shifts of finite
/// aggregation, [d], and the orders of a run-off, [k,n,K].
template <std::floating_point Scalar>
void write_parts(const voted_parts<Scalar>& parts, std::size_t which, const std::string& prefix,
                 const std::string& inputs, run_folder& folder) {
  if (which == 0) {
    const std::vector<std::int64_t> part_of(parts.cut.values().begin(), parts.cut.values().end());
    folder.write(prefix + "part_of_row.npy", npy_bytes<std::int64_t>({part_of.size()}, part_of));
    const std::vector<std::int64_t> shifts(parts.shifts.begin(), parts.shifts.end());
    if (!shifts.empty()) folder.write(prefix + "shifts.npy", npy_bytes<std::int64_t>({shifts.size()}, shifts));
  }
  if (!parts.preferences.empty()) {
    const hard_votes& orders = parts.preferences[which];
    const std::size_t k = orders.classes();
    folder.write(prefix + "preferences_" + inputs + ".npy",
                 kept_bytes(orders, {orders.members(), orders.samples() / k, k}));
  }
  if (parts.ballots.empty()) return;
  std::vector<std::int64_t> votes;
  for (const auto& sets : parts.ballots) {
    const auto values = sets[which].votes.values();
    votes.insert(votes.end(), values.begin(), values.end());
  }
  const vote_counts& first = parts.ballots.front()[which].votes;
  folder.write(prefix + "part_votes_" + inputs + ".npy",
               npy_bytes<std::int64_t>({parts.ballots.size(), first.samples(), first.classes()}, votes));
}

/// Brief: the training rows of each class, [K], and what a closed form computes of them: distances or probabilities,
/// [n,K], and by how much those of each sample may be wrong, [n].
inline void write_closed_form(const closed_form& closed, std::size_t which, const std::string& kind,
                              const std::string& prefix, const std::string& inputs, run_folder& folder) {
  if (which == 0) {
    const std::vector<std::int64_t> counts(closed.class_counts.begin(), closed.class_counts.end());
    folder.write(prefix + "class_counts.npy", npy_bytes<std::int64_t>({counts.size()}, counts));
  }
  if (closed.answers.empty()) return;
  const closed_answers& answers = closed.answers[which];
  folder.write(prefix + kind + inputs + ".npy",
               npy_bytes<double>({answers.samples(), answers.classes}, answers.values));
  folder.write(prefix + "errors_" + inputs + ".npy", npy_bytes<double>({answers.samples()}, answers.errors));
}

/// Brief: the enclosures of mode knn1_exact, [n,3]: label, lower bound of p_A, upper bound of p_B.
inline void write_bounds(const bounded_votes& bounds, const std::string& name, run_folder& folder) {
  std::vector<double> values;
  for (const bounded_sample& sample : bounds.samples) {
    values.insert(values.end(), {static_cast<double>(sample.top.label), sample.top.lower, sample.top.upper});
  }
  folder.write(name, npy_bytes({bounds.samples.size(), 3}, std::span<const double>(values)));
}

/// Brief: the test inputs, [n,d], if regions around them were compared.
template <tensor Tensor>
void write_inputs(const dataset<Tensor>& rows, const std::string& inputs, run_folder& folder) {
  std::vector<scalar_of<Tensor>> values(rows.size() * rows.row_size());
  tensor_traits<Tensor>::read(rows.inputs(), 0, values);
  folder.write("inputs_" + inputs + ".npy",
               npy_bytes({rows.size(), rows.row_size()}, std::span<const scalar_of<Tensor>>(values)));
}

}  // namespace detail

/// Brief: takes the defences of a run one by one. Without a folder nothing is written.
/// Requires: the arguments of the constructor outlive the object.
template <tensor Tensor>
class run_writer {
public:
  using scalar = scalar_of<Tensor>;

  run_writer(const poisoned_split<Tensor>& data, const run_settings& settings, const random_key& key,
             run_folder* folder)
      : data_(data), settings_(settings), key_(key), folder_(folder) {
    if (folder_ == nullptr) return;
    const auto& train = data.train;
    const std::vector<std::int64_t> rows(train.positions.begin(), train.positions.end());
    folder_->write("poisoned_rows.npy", npy_bytes<std::int64_t>({rows.size()}, rows));
    folder_->write("pattern_norms.npy", npy_bytes<double>({rows.size()}, train.pattern_norms));
    folder_->write("pattern_norms_l1.npy", npy_bytes<double>({rows.size()}, train.pattern_l1));
    std::vector<std::int64_t> relabelled;
    for (std::size_t p = 0; p < rows.size(); ++p) {
      if (train.relabels(p)) relabelled.push_back(rows[p]);
    }
    folder_->write("relabelled_rows.npy", npy_bytes<std::int64_t>({relabelled.size()}, relabelled));
  }

  /// Brief: certifies one defence, adds it to the results, and writes its arrays and samples.
  template <executor Executor>
  void add(const trained_defence<scalar>& trained, run_results& results, const Executor& executor) {
    const std::string prefix = trained.settings.name + "/";
    defence_result defence = describe_defence(trained, settings_);
    struct answered_set {
      std::vector<issued_certificates> all;
      std::vector<evaluation_result> evaluations;
      evaluation_times times;
    };
    std::vector<answered_set> sets(trained.ballots.size());
    executor.for_each(sets.size(), [&](std::size_t which) {
      answered_set& set = sets[which];
      const dataset<Tensor>& rows = data_.inputs(which);
      const measured_attack attack(data_, which);
      set.all = certify_outcome(trained, which, rows.inputs(), settings_, executor, &set.times);
      for (const issued_certificates& issued : set.all) {
        set.evaluations.push_back(
            evaluate(issued, input_names[which], rows.labels(), attack, settings_.certification.radii));
      }
    });
    for (std::size_t which = 0; which < sets.size(); ++which) {
      const std::string inputs = input_names[which];
      const dataset<Tensor>& rows = data_.inputs(which);
      const std::vector<issued_certificates>& all = sets[which].all;
      results.timing.certify_s += sets[which].times.certify_s;
      results.timing.storage_s += sets[which].times.storage_s;
      std::ranges::move(sets[which].evaluations, std::back_inserter(defence.evaluations));
      for (const issued_certificates& issued : all) {
        for (const std::string& name : issued.assumptions) {
          if (std::ranges::find(results.assumptions, name) == results.assumptions.end()) {
            results.assumptions.push_back(name);
          }
        }
      }
      if (folder_ == nullptr) continue;
      if (std::ranges::any_of(all, &issued_certificates::uses_store)) detail::write_inputs(rows, inputs, *folder_);
      detail::write_ballot(trained.ballots[which], prefix, inputs, *folder_);
      if (trained.parts) detail::write_parts(*trained.parts, which, prefix, inputs, *folder_);
      if (trained.closed) {
        const bool of_means = trained.settings.mode.base == nearest_mean_facts::name;
        detail::write_closed_form(*trained.closed, which, of_means ? "distances_" : "probabilities_", prefix, inputs,
                                  *folder_);
      }
      if (!trained.exact_bounds.empty()) {
        detail::write_bounds(trained.exact_bounds[which], prefix + "bounds_" + inputs + ".npy", *folder_);
      }
      folder_->write(prefix + "samples_" + inputs + ".csv",
                     samples_csv(std::span<const issued_certificates>(all), rows, trained.ballots[which]));
    }
    if (folder_ != nullptr) write_scales(trained, prefix);
    results.defences.push_back(std::move(defence));
    results.timing.ascent_s += trained.ascent_seconds;
    train_seconds_ += trained.train_seconds;
    trained_rows_ += static_cast<double>(trained.settings.epochs * data_.train.data.size()) *
                     static_cast<double>(results.defences.back().models);
    if (!trained.settings.noised()) return;  // without noise there is no noise to show
    const auto sigmas = trained.ballots.back().scales.values();
    picture_scales_.emplace_back(
        trained.settings.name,
        std::vector<double>(sigmas.begin(), sigmas.begin() + static_cast<std::ptrdiff_t>(pictured(data_))));
  }

  /// Brief: adds the timing; writes pictures, page and results.json, and publishes the folder.
  template <observer Observer>
  void finish(run_results& results, double total_seconds, Observer& watch) {
    results.timing.train_samples_per_s = train_seconds_ > 0.0 ? trained_rows_ / train_seconds_ : 0.0;
    results.timing.total_s = total_seconds;
    if (folder_ == nullptr) return;
    results.examples = draw_examples(data_, picture_scales_, key_, *folder_);
    results.changes = list_changes(data_);
    std::string complaint;
    const run_page page = illustrate({folder_->place().string(), results}, folder_->path(), complaint);
    folder_->write("report.html", html_page(std::vector<run_page>{page}));
    results.arrays = folder_->digests();
    if (!complaint.empty()) note(watch, "drawings are left out of report.html: " + complaint);
    folder_->write("results.json", results_to_json(results).dump(2) + "\n");
    folder_->publish(results.complete ? run_state::complete : run_state::incomplete);
  }

private:
  void write_scales(const trained_defence<scalar>& trained, const std::string& prefix) {
    const auto scales = trained.train_scales.values();
    folder_->write(prefix + "sigma_train.npy", npy_bytes({scales.size()}, scales));
    if (trained.constant_within.empty()) return;
    folder_->write(prefix + "rho_train.npy",
                   npy_bytes({scales.size()}, std::span<const double>(trained.constant_within)));
  }

  const poisoned_split<Tensor>& data_;
  const run_settings& settings_;
  random_key key_;
  run_folder* folder_;
  defence_scales picture_scales_;
  double train_seconds_ = 0.0;
  double trained_rows_ = 0.0;
};

}  // namespace v1
}  // namespace certssb
