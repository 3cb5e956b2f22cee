// SPDX-License-Identifier: MIT
#pragma once
// Brief: trains one defence by its settings and takes its votes, in the way that its mode needs.

#include "certssb/bound/stopping.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/data/split.hpp"
#include "certssb/ensemble/parts.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/run/closed_form_defence.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/run/exact_neighbours.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/task_observer.hpp"
#include "certssb/run/trained_defence.hpp"
#include "certssb/run/vote_parts.hpp"
#include "certssb/run/without_noise.hpp"
#include "certssb/sigma/knn_selector.hpp"
#include "certssb/sigma/named_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one defence of one experiment. `Method` is a learner, or makes one from defence_settings.
/// Requires: the arguments of the constructor outlive the object.
template <tensor Tensor, class Method, executor Executor>
class defence_trainer {
public:
  using rows_type = dataset<Tensor>;
  using scalar = scalar_of<Tensor>;
  using result = trained_defence<scalar>;

  defence_trainer(const poisoned_split<Tensor>& data, const Method& method, const run_settings& run,
                  const defence_settings& settings, const Executor& executor, const task_observer& watch,
                  const random_key& key, const model_shelf& shelf = {})
      : data_(data),
        rows_(&data.train.data),
        method_(method),
        run_(run),
        settings_(settings),
        executor_(executor),
        watch_(watch),
        key_(key),
        shelf_(shelf),
        tests_{&data.clean, &data.triggered} {}

  /// Brief: trains the members as the mode of this defence needs them, and lets them vote.
  /// Throws: argument_error if the learner cannot do what the mode needs; cancelled; whatever the learner throws.
  [[nodiscard]] result train() const {
    if (settings_.closed_form())
      return answer_in_closed_form<scalar>(settings_, rows(), tests(), executor_, watch_, shelf_);
    if (settings_.plain_parts() || settings_.bagged()) return without_noise();
    return settings_.smoothed_parts() ? smoothed_parts() : one_ensemble();
  }

private:
  static constexpr double least_extra = 0.1;  ///< of sigma: the smallest extra noise that mode floor looks at
  static constexpr std::uint32_t purpose_of_ledger = 101;

  /// Brief: an ensemble on all rows of this trainer, as the mode needs it.
  [[nodiscard]] result one_ensemble() const {
    const mode_facts facts = facts_of(settings_.mode.base);
    switch (facts.training) {
      case member_training::fixed_scales:
        return frozen(given_scales());
      case member_training::floor:
        return floor();
      case member_training::ledger:
        return ledger();
      case member_training::selector:
        return selected();
      case member_training::sample_specific:
        return sample_specific();
      case member_training::neighbours:
        return exact_neighbours();
      default:
        break;
    }
    if (facts.noise == noise_law::uniform) return common_scale(noise<uniform_noise>());
    if (facts.noise == noise_law::laplace) return common_scale(noise<laplace_noise>());
    return common_scale(noise());
  }

  /// Brief: models without noise on parts or bags of rows.
  [[nodiscard]] result without_noise() const {
    const auto learner = part_learner_for(method_, settings_);
    const gaussian_noise unused;
    const auto key = key_without_noise(key_, settings_.bagged());
    return train_without_noise<scalar>(context(learner, unused), settings_, rows(), tests(), key);
  }

  /// Brief: an ensemble of its own for every part, under keys that no other part has. A part without rows abstains.
  [[nodiscard]] result smoothed_parts() const {
    const stopwatch watch;
    row_parts whole = row_parts::of(rows(), settings_.parts, settings_.cut, key_of_parts(key_));
    const auto positions = whole.positions();
    std::vector<std::optional<result>> of_part(positions.size());
    progress_counter counter(watch_, "parts", positions.size());
    silent_observer nobody;
    const task_observer quiet(nobody, "");
    const random_key key = key_of_parts(key_);
    executor_.for_each(positions.size(), [&](std::size_t j) {
      counter.expect_running();
      if (!positions[j].empty()) {
        const std::span<const std::size_t> own(positions[j]);
        const rows_type part = subset(rows(), own);
        const defence_trainer trainer(*this, part, own, quiet, key_of_part(key, j),
                                      shelf_.of_part(j, smoothing().models));
        of_part[j] = settings_.name == "smoothed-parts" ? trainer.named_members() : trainer.one_ensemble();
      }
      counter.advance();
    });
    const double test_sigma = smoothing().test_sigma.value_or(smoothing().sigma);
    result trained = join_parts(settings_, std::move(whole), std::move(of_part), rows().size(),
                                detail::empty_ballots(row_sets<rows_type>(tests()), test_sigma));
    trained.train_seconds = watch.seconds();
    return trained;
  }

  /// Brief: an ensemble of the bundled learners that parts have.
  [[nodiscard]] result named_members() const {
    const auto learner = part_learner_for(method_, settings_);
    const gaussian_noise law = noise();
    return {.settings = settings_,
            .noise = noise_law::gaussian,
            .train_scales = training_scales::constant(rows().size(), smoothing().sigma),
            .ballots = vote_uniform(context(learner, law), rows(), tests(), smoothing())};
  }

  /// The trainer of one part: its rows, its key, and nothing of the others.
  defence_trainer(const defence_trainer& whole, const rows_type& part, std::span<const std::size_t> positions,
                  const task_observer& watch, const random_key& key, const model_shelf& shelf)
      : data_(whole.data_),
        rows_(&part),
        positions_(positions),
        method_(whole.method_),
        run_(whole.run_),
        settings_(whole.settings_),
        executor_(whole.executor_),
        watch_(watch),
        key_(key),
        shelf_(shelf),
        tests_(whole.tests_) {}

  [[nodiscard]] const rows_type& rows() const { return *rows_; }
  [[nodiscard]] std::span<const rows_type* const> tests() const { return tests_; }
  [[nodiscard]] const smoothing_options& smoothing() const { return settings_.smoothing; }

  /// The noise, on the grid for the units of the inputs.
  template <class Noise = gaussian_noise>
  [[nodiscard]] Noise noise() const {
    return {.step = grid_step_of(rows().ranges())};
  }

  template <class Learner, class Noise>
  [[nodiscard]] auto context(const Learner& learner, const Noise& noise) const {
    return defence_context<Learner, Noise, Executor, const task_observer>{learner, noise, executor_,
                                                                          watch_,  key_,  shelf_};
  }

  /// The learner around `inner` whose members flip labels where the mode asks for it, before anything reads them.
  template <class Inner>
  [[nodiscard]] auto flipping(const Inner& inner) const {
    return flipping_learner(inner, settings_.mode.label_noise ? run_.certified.flip_probability : 0.0);
  }
  [[nodiscard]] auto learner() const { return flipping(learner_for(method_, settings_)); }
  [[nodiscard]] named_search search() const { return named_search(settings_.estimator); }

  /// Calls work(rule), the rule being the early stopping that is asked for, or none.
  template <class Work>
  [[nodiscard]] result stopped(const Work& work) const {
    const certification_settings& c = run_.certification;
    if (!c.stop_at_radius) return without_noise_type(work(train_all), settings_);
    const double p0 = normal_cdf(*c.stop_at_radius / smoothing().sigma);
    early_stopping rule(decision_rule(c.alpha, rows().classes(), p0), data_.clean.size() + data_.triggered.size(),
                        c.decide_fraction);
    auto outcome = work(rule);
    return without_noise_type(std::move(outcome), settings_, rule.points());
  }

  template <class Noise>
  [[nodiscard]] result common_scale(const Noise& noise) const {
    return stopped([&](auto& rule) {
      return run_uniform(context(learner(), noise), rows(), tests(), smoothing(), rule, search());
    });
  }

  [[nodiscard]] training_scales given_scales() const {
    const std::string& file = run_.certified.train_scales.value();
    npy_array<double> scales = read_npy_reals(file);
    const std::size_t all = data_.train.data.size();
    expect<data_error>(scales.shape.size() == 1 && scales.values.size() == all, file, ": expected a scale for each of ",
                       all, " training rows, got ", scales.values.size());
    if (positions_.empty()) return training_scales(std::move(scales.values));
    std::vector<double> own;
    for (const std::size_t position : positions_) own.push_back(scales.values[position]);
    return training_scales(std::move(own));
  }

  [[nodiscard]] result frozen(const training_scales& scales) const {
    return stopped([&](auto& rule) {
      return run_frozen(context(learner(), noise()), rows(), scales, tests(), smoothing(), rule, search());
    });
  }

  [[nodiscard]] result floor() const {
    ascent_options extra = settings_.ascent;
    extra.initial = extra.floor = least_extra * smoothing().sigma;
    extra.ceiling = std::max(extra.floor, smoothing().sigma);
    const auto inner = learner_for(method_, settings_);
    const auto method = flipping(adaptive_learner(inner, inner, search(), extra, extra_noise::once, noise()));
    return stopped([&](auto& rule) {
      return detail::run_noised(context(method, noise()), detail::purpose::floor_members, "floor", rows(),
                                training_scales::constant(rows().size(), smoothing().sigma), tests(), smoothing(), rule,
                                search());
    });
  }

  /// One exposure per epoch, all together as much as one at sigma.
  [[nodiscard]] result ledger() const {
    const double first = smoothing().sigma * std::sqrt(static_cast<double>(settings_.epochs));
    expect(run_.training.sigma_max >= first, "sigma_max: mode ledger shows each row ", settings_.epochs, " times, at ",
           first, " at least, got ", run_.training.sigma_max);
    const auto method = flipping(
        ledger_learner(learner_for(method_, settings_),
                       {.initial = first, .ceiling = run_.training.sigma_max, .rate = run_.training.ascent_rate}));
    noise_ledger ledger(rows_type(rows()), exposure_caps<l2_norm>::exposures(rows().size(), first, settings_.epochs),
                        noise(), key_.derive(purpose_of_ledger));
    return stopped(
        [&](auto& rule) { return run_ledger(context(method, noise()), ledger, tests(), smoothing(), rule, search()); });
  }

  [[nodiscard]] result selected() const {
    expect(data_.trusted.has_value(), "mode ", settings_.mode.base,
           " needs rows known clean, set aside as trusted_rows");
    const rows_type& trusted = *data_.trusted;
    knn_selector_options options{.initial = smoothing().sigma,
                                 .elasticity = run_.certified.semi_elasticity,
                                 .floor = 0.5 * smoothing().sigma,
                                 .ceiling = 2.0 * smoothing().sigma};
    options.neighbours = std::min(options.neighbours, trusted.size());
    const std::vector<double> among = knn_selector(trusted, options).distances(trusted, executor_);
    options.centre = std::accumulate(among.begin(), among.end(), 0.0) / static_cast<double>(among.size());
    const knn_selector selector(trusted, options);
    if (settings_.mode.base == semi_elastic_mode::name) return frozen(selector.elastic(rows(), executor_));
    auto found = selector.quantised(rows(), run_.certified.grid_width, executor_);
    result trained = frozen(found.scales);
    trained.constant_within = std::move(found.constant_within);
    return trained;
  }

  [[nodiscard]] result sample_specific() const {
    const test_scale at = settings_.test_noise_scale == "own" ? test_scale::own : test_scale::common;
    const auto learner = learner_for(method_, settings_);
    result trained = stopped([&](auto& rule) {
      return run_sample_specific(context(learner, noise()), search(), rows(), tests(), smoothing(), settings_.ascent,
                                 at, rule);
    });
    trained.ascended = rows().size();
    for (const rows_type* test : tests_) trained.ascended += at == test_scale::own ? test->size() : 0;
    return trained;
  }

  [[nodiscard]] result exact_neighbours() const {
    return enclose_neighbour_defence<scalar>(settings_, rows(), tests(), executor_, watch_);
  }

  const poisoned_split<Tensor>& data_;
  const rows_type* rows_;
  std::span<const std::size_t> positions_ = {};  ///< of the rows of one part; empty: all rows
  const Method& method_;
  const run_settings& run_;
  const defence_settings& settings_;
  const Executor& executor_;
  const task_observer& watch_;
  random_key key_;
  model_shelf shelf_;
  std::array<const rows_type*, 2> tests_;
};

}  // namespace v1
}  // namespace certssb
