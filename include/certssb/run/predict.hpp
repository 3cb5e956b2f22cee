// SPDX-License-Identifier: MIT
#pragma once
// Brief: the models of a finished run answer new inputs, each with a certificate: the votes and the statement of the run.

#include "certssb/certificate/named.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/data/row_sets.hpp"
#include "certssb/model/saved_model.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/run/certify_outcome.hpp"
#include "certssb/run/closed_form_defence.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/run/kept_run.hpp"
#include "certssb/run/trained_defence.hpp"
#include "certssb/run/vote_parts.hpp"
#include "certssb/run/without_noise.hpp"
#include "certssb/sigma/named_search.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one defence of a finished run. Its models are read one by one when they are asked, never trained.
/// Requires: the arguments of the constructor outlive the object; `Method` is that of the run, or makes the same models.
/// Determinism: an answer depends on the input and its id alone, not on the inputs beside it, the executor or the process.
/// Inputs and ids of the run's own test set get the run's own certificates, to the bit, from the build that made the run.
template <tensor Tensor, class Method, executor Executor>
class kept_defence {
public:
  using rows_type = dataset<Tensor>;
  using scalar = scalar_of<Tensor>;
  using result = trained_defence<scalar>;

  /// Brief: the defence of this name; without a name, the only one of the run.
  /// Throws: data_error if a file of it is missing or changed, or does not fit the others.
  kept_defence(const kept_run& run, const std::string& name, const Method& method, const Executor& executor)
      : run_(run),
        stated_(run.defence(name)),
        own_(run.settings().defence(stated_.name)),
        method_(method),
        executor_(executor),
        ranges_(run.ranges()),
        key_{*run.settings().seed},
        extents_(extents_of_models(own_)),
        members_(run.models(stated_.name + "/" + kept_members_name, extents_)) {
    own_.published = false;  // answers are of the defence's own mode
    if (own_.noised()) {
      expect<data_error>(stated_.models > 0 && stated_.models <= own_.smoothing.models, "results.json: expected 1 to ",
                         own_.smoothing.models, " models of ", stated_.name, ", got ", stated_.models);
      own_.smoothing.models = stated_.models;
      scales_ = read_npy_reals(run.file(prefix() + "sigma_train.npy")).values;
    }
    own_.smoothing.keep_votes = false;
    if (run.holds(prefix() + "rho_train.npy")) {
      constant_within_ = read_npy_reals(run.file(prefix() + "rho_train.npy")).values;
    }
    if (run.holds(prefix() + kept_bases_name)) {
      bases_ = run.models(prefix() + kept_bases_name, {own_.smoothed_parts() ? own_.parts : 1});
    }
    if (own_.plain_parts() || own_.smoothed_parts()) read_cut();
  }

  [[nodiscard]] const defence_result& stated() const noexcept { return stated_; }
  [[nodiscard]] const value_ranges& ranges() const noexcept { return ranges_; }
  /// Brief: whether an answer depends on those before it. All inputs are then asked at once, in their order.
  [[nodiscard]] bool remembers() const { return own_.mode.base == memory_mode::name; }

  /// Brief: new inputs as rows, as kept_run::rows.
  [[nodiscard]] rows_type rows(Tensor inputs, std::vector<std::uint32_t> ids) const {
    return run_.rows(std::move(inputs), std::move(ids), ranges_);
  }

  /// Brief: the certificates of the inputs in the mode of the defence.
  /// Throws: argument_error for rows of another shape; data_error for models that cannot be read.
  /// Cost: one reading of every model, its votes, and n bounds.
  [[nodiscard]] issued_certificates answer(const rows_type& inputs) const {
    const auto shape = inputs.row_shape();
    expect(std::ranges::equal(shape, run_.row_shape()) && inputs.classes() == run_.classes(),
           "predict: expected inputs of the shape of the run's rows");
    const rows_type* const only = &inputs;
    result trained = vote(row_sets<rows_type>(std::span(&only, 1)));
    return std::move(certify_outcome(trained, 0, inputs.inputs(), run_.settings(), executor_).front());
  }

private:
  using sets = row_sets<rows_type>;

  [[nodiscard]] std::string prefix() const { return stated_.name + "/"; }
  [[nodiscard]] std::size_t train_rows() const { return run_.results().data.train; }

  void read_cut() {
    const std::vector<std::int64_t> part_of = read_npy_integers(run_.file(prefix() + "part_of_row.npy")).values;
    expect<data_error>(part_of.size() == train_rows(), prefix(), "part_of_row.npy: expected ", train_rows(),
                       " rows, got ", part_of.size());
    const std::size_t models = own_.plain_parts() ? extents_.front() : own_.parts;
    cut_ = row_parts::given(part_of, models, own_.cut);
    if (own_.plain_parts() && own_.elect.rule == election_rule::finite) {
      for (const std::int64_t shift : read_npy_integers(run_.file(prefix() + "shifts.npy")).values) {
        expect<data_error>(shift >= 0 && std::cmp_less(shift, models), prefix(), "shifts.npy: holds ", shift);
        shifts_.push_back(static_cast<std::size_t>(shift));
      }
      positions_ = detail::shifted_positions(*cut_, shifts_);
    } else {
      positions_ = cut_->positions();
    }
  }

  template <class Learner>
  [[nodiscard]] auto restore(const Learner& learner, const safetensors_stack& from, std::size_t index) const {
    static_assert(restoring_learner<Learner>, "kept_defence: the learner has no restore(row_shape, classes, tensors)");
    const std::vector<saved_tensor> saved = from.read(index);
    return learner.restore(std::span<const std::size_t>(run_.row_shape()), run_.classes(),
                           std::span<const saved_tensor>(saved));
  }

  template <class Learner, class Noise>
  [[nodiscard]] auto context(const Learner& learner, const Noise& noise, const random_key& key) const {
    return defence_context<Learner, Noise, Executor, silent_observer>{learner, noise, executor_, silent_, key};
  }

  [[nodiscard]] result vote(const sets& tests) const {
    if (own_.closed_form()) return by_means(tests);
    if (own_.plain_parts() || own_.bagged()) return without_noise(tests);
    if (own_.smoothed_parts()) return smoothed_parts(tests);
    result trained = one_ensemble(tests, key_, 0);
    trained.train_scales = training_scales(scales_);
    trained.constant_within = constant_within_;
    return trained;
  }

  [[nodiscard]] result by_means(const sets& tests) const {
    const std::vector<saved_tensor> saved = members_->read(0);
    const class_means means = class_means::restore(tests[0].row_size(), run_.classes(), saved);
    return answer_by_means<scalar>(own_, means, train_rows(), tests, executor_);
  }

  [[nodiscard]] result without_noise(const sets& tests) const {
    const auto learner = part_learner_for(method_, own_);
    const gaussian_noise unused;
    const auto load = [&](std::size_t j) {
      part_model<restored<decltype(learner)>> part{{}, run_.classes()};
      if (own_.bagged() || !positions_[j].empty()) part.model.emplace(restore(learner, *members_, j));
      return part;
    };
    const random_key key = key_without_noise(key_, own_.bagged());
    auto ballots = vote_plainly(context(learner, unused, key_), load, extents_.front(), tests, key,
                                own_.elect.rule == election_rule::run_off);
    std::optional<voted_parts<scalar>> parts;
    if (cut_) parts.emplace(voted_parts<scalar>{.cut = *cut_, .shifts = shifts_});
    return without_noise_from<scalar>(own_, train_rows(), std::move(parts), std::move(ballots));
  }

  [[nodiscard]] result smoothed_parts(const sets& tests) const {
    std::vector<std::optional<result>> of_part(positions_.size());
    const random_key key = key_of_parts(key_);
    executor_.for_each(positions_.size(), [&](std::size_t j) {
      if (positions_[j].empty()) return;
      const random_key own = key_of_part(key, j);
      of_part[j] = stated_.name == "smoothed-parts" ? named_members(tests, own, j) : one_ensemble(tests, own, j);
    });
    const double test_sigma = own_.smoothing.test_sigma.value_or(own_.smoothing.sigma);
    result trained =
        join_parts(own_, *cut_, std::move(of_part), train_rows(), detail::empty_ballots(tests, test_sigma));
    trained.train_scales = training_scales(scales_);
    return trained;
  }

  [[nodiscard]] result named_members(const sets& tests, const random_key& key, std::size_t part) const {
    const auto learner = part_learner_for(method_, own_);
    const gaussian_noise noise{.step = grid_step_of(ranges_)};
    const std::size_t first = part * extents_.back();
    if constexpr (votes_together<restored<decltype(learner)>, rows_type>) {
      if (own_.smoothing.vote.draws == 0) {
        std::vector<restored<decltype(learner)>> members;
        for (std::size_t m = 0; m < own_.smoothing.models; ++m)
          members.push_back(restore(learner, *members_, first + m));
        auto ballots = vote_linearly(std::span<const restored<decltype(learner)>>(members), tests, own_.smoothing);
        if (ballots) return voted(noise_law::gaussian, *std::move(ballots), part);
      }
    }
    return by_noise(tests, learner, noise, key, part);
  }

  [[nodiscard]] result one_ensemble(const sets& tests, const random_key& key, std::size_t part) const {
    const auto learner = learner_for(method_, own_);
    const double step = grid_step_of(ranges_);
    switch (facts_of(own_.mode.base).noise) {
      case noise_law::uniform:
        return by_noise(tests, learner, uniform_noise{.step = step}, key, part);
      case noise_law::laplace:
        return by_noise(tests, learner, laplace_noise{.step = step}, key, part);
      default:
        return by_noise(tests, learner, gaussian_noise{.step = step}, key, part);
    }
  }

  /// The members of one ensemble vote as when they were trained, under the same keys.
  template <class Learner, class Noise>
  [[nodiscard]] result by_noise(const sets& tests, const Learner& learner, const Noise& noise, const random_key& key,
                                std::size_t part) const {
    const auto under = context(learner, noise, key);
    const named_search search(own_.estimator);
    const bool sample_specific = facts_of(own_.mode.base).training == member_training::sample_specific;
    const bool own_scale = sample_specific && own_.test_noise_scale == "own";
    std::vector<test_scales> scales = detail::common_scales(tests, own_.smoothing);
    if (own_scale) {
      expect<data_error>(bases_ != nullptr, prefix(), ": the model that finds noise scales is missing");
      scales.front() = find_test_scales(under, search, restore(learner, *bases_, part), tests[0], own_.ascent);
    }
    const auto load = [&](std::size_t m) { return restore(learner, *members_, part * extents_.back() + m); };
    result trained = voted(named_law<law_of<Noise>>,
                           vote_on(under, detail::key_for(key, purpose()), load, tests, std::move(scales),
                                   own_.smoothing, train_all, search),
                           part);
    trained.test_scales_from_data = own_scale && own_.smoothing.vote.draws > 0 && !own_.smoothing.own_scales;
    return trained;
  }

  /// The scales of the training rows are set once all votes are there.
  [[nodiscard]] result voted(noise_law law, std::vector<ballot<scalar>> ballots, std::size_t part) const {
    const std::size_t rows = positions_.empty() ? train_rows() : positions_[part].size();
    return {.settings = own_,
            .noise = law,
            .train_scales = training_scales::constant(rows, own_.smoothing.sigma),
            .ballots = std::move(ballots)};
  }

  [[nodiscard]] detail::purpose purpose() const {
    switch (facts_of(own_.mode.base).training) {
      case member_training::fixed_scales:
      case member_training::selector:
        return detail::purpose::frozen_members;
      case member_training::floor:
        return detail::purpose::floor_members;
      case member_training::ledger:
        return detail::purpose::ledger_members;
      case member_training::sample_specific:
        return detail::purpose::own_members;
      default:
        return detail::purpose::uniform_members;
    }
  }

  const kept_run& run_;
  const defence_result& stated_;
  defence_settings own_;
  const Method& method_;
  const Executor& executor_;
  value_ranges ranges_;
  random_key key_;
  std::vector<std::size_t> extents_;
  std::shared_ptr<const safetensors_stack> members_;
  std::shared_ptr<const safetensors_stack> bases_ = {};
  std::vector<double> scales_ = {};
  std::vector<double> constant_within_ = {};
  std::optional<row_parts> cut_ = {};
  std::vector<std::size_t> shifts_ = {};
  std::vector<std::vector<std::size_t>> positions_ = {};  ///< the rows of each part
  mutable silent_observer silent_ = {};
};

}  // namespace v1
}  // namespace certssb
