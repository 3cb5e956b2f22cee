// SPDX-License-Identifier: MIT
#pragma once
// Brief: trains one defence by its settings and takes its votes, in the way that its mode needs.

#include "certssb/bound/stopping.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/task_observer.hpp"
#include "certssb/sigma/knn_selector.hpp"
#include "certssb/sigma/named_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the result of a defence, with the type of its noise erased.
template <std::floating_point Scalar>
struct trained_defence {
  defence_settings settings;
  noise_law noise;
  training_scales train_scales;
  std::vector<ballot<Scalar>> ballots;  ///< of the clean and of the triggered test inputs
  bool test_scales_from_data = false;
  std::vector<double> constant_within = {};      ///< mode quantised: how far each row may move at the same scale
  std::vector<bounded_votes> exact_bounds = {};  ///< mode knn1_exact: for each set of test inputs, instead of votes
  std::vector<stopping_point> stopping = {};     ///< with early stopping: one point per member
  double train_seconds = 0.0;
  double ascent_seconds = 0.0;
  std::size_t ascended = 0;  ///< samples whose noise scale was found by ascent
};

/// Brief: erases the type of an outcome's noise, and keeps its law as a value.
template <class Noise, std::floating_point Scalar>
[[nodiscard]] trained_defence<Scalar> without_noise_type(defence_outcome<Noise, Scalar> outcome,
                                                         defence_settings settings,
                                                         std::vector<stopping_point> stopping = {}) {
  trained_defence<Scalar> trained{.settings = std::move(settings),
                                  .noise = named_law<law_of<Noise>>,
                                  .train_scales = std::move(outcome.train_scales),
                                  .ballots = std::move(outcome.ballots)};
  trained.test_scales_from_data = outcome.test_scales_from_data;
  trained.stopping = std::move(stopping);
  trained.train_seconds = outcome.train_seconds;
  trained.ascent_seconds = outcome.ascent_seconds;
  return trained;
}

/// Brief: the learner of one defence: `method(settings)` if the method makes learners from settings, and otherwise the
/// method.
template <class Method>
[[nodiscard]] auto learner_for(const Method& method, const defence_settings& settings) {
  if constexpr (std::invocable<const Method&, const defence_settings&>) {
    return method(settings);
  } else {
    return method;
  }
}

/// Brief: the model without a defence, trained with the settings of rab.
/// Throws: as run_undefended.
template <tensor Tensor, class Method, executor Executor, observer Observer>
[[nodiscard]] undefended_result train_undefended(const poisoned_split<Tensor>& data, const Method& method,
                                                 const run_settings& settings, const Executor& executor,
                                                 Observer& watch, const random_key& key) {
  const auto learner = learner_for(method, settings.defence("rab"));
  const gaussian_noise noise;
  const undefended_outcome undefended =
      run_undefended(defence_context{learner, noise, executor, watch, key}, data.train.data, data.clean, data.triggered,
                     std::span<const label_type>(data.wanted));
  return {undefended.clean_accuracy.value(), undefended.attack_success.value()};
}

/// Brief: one defence of one experiment. `Method` is a learner, or makes one from defence_settings.
/// Requires: the arguments of the constructor outlive the object.
template <tensor Tensor, class Method, executor Executor, observer Observer>
class defence_trainer {
public:
  using rows_type = dataset<Tensor>;
  using scalar = scalar_of<Tensor>;
  using result = trained_defence<scalar>;

  defence_trainer(const poisoned_split<Tensor>& data, const Method& method, const run_settings& run,
                  const defence_settings& settings, const Executor& executor, Observer& watch, const random_key& key)
      : data_(data),
        method_(method),
        run_(run),
        settings_(settings),
        executor_(executor),
        watch_(watch),
        key_(key),
        tests_{&data.clean, &data.triggered} {}

  /// Brief: trains the members as the mode of this defence needs them, and lets them vote.
  /// Throws: argument_error if the learner cannot do what the mode needs; cancelled; whatever the learner throws.
  [[nodiscard]] result train() const {
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
      case member_training::common_scale:
        break;
    }
    if (facts.noise == noise_law::uniform) return common_scale(noise<uniform_noise>());
    if (facts.noise == noise_law::laplace) return common_scale(noise<laplace_noise>());
    return common_scale(noise());
  }

private:
  static constexpr double least_extra = 0.1;  ///< of sigma: the smallest extra noise that mode floor looks at
  static constexpr double enclosure_gap = 1e-3;
  static constexpr std::uint32_t purpose_of_ledger = 101;

  [[nodiscard]] const rows_type& rows() const { return data_.train.data; }
  [[nodiscard]] std::span<const rows_type* const> tests() const { return tests_; }
  [[nodiscard]] const smoothing_options& smoothing() const { return settings_.smoothing; }

  /// The noise, on the grid for the units of the inputs.
  template <class Noise = gaussian_noise>
  [[nodiscard]] Noise noise() const {
    return {.step = grid_step_of(rows().ranges())};
  }

  template <class Learner, class Noise>
  [[nodiscard]] auto context(const Learner& learner, const Noise& noise) const {
    return defence_context<Learner, Noise, Executor, Observer>{learner, noise, executor_, watch_, key_};
  }

  /// The learner around `inner` whose members flip labels where the mode asks for it, before anything reads them.
  template <class Inner>
  [[nodiscard]] auto flipping(const Inner& inner) const {
    return flipping_learner(inner, settings_.mode.label_noise ? run_.certified.flip_probability : 0.0);
  }
  [[nodiscard]] auto learner() const { return flipping(learner_for(method_, settings_)); }
  /// The search for noise scales that is asked for.
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
    expect<data_error>(scales.shape.size() == 1 && scales.values.size() == rows().size(), file,
                       ": expected a scale for each of ", rows().size(), " training rows, got ", scales.values.size());
    return training_scales(std::move(scales.values));
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
    const stopwatch watch;
    result trained{.settings = settings_,
                   .noise = noise_law::gaussian,
                   .train_scales = training_scales::constant(rows().size(), smoothing().sigma),
                   .ballots = {}};
    progress_counter counter(watch_, "nearest neighbours", tests_.size());
    for (const rows_type* test : tests_) {
      trained.exact_bounds.push_back(
          bound_neighbours(enclose_neighbours(rows(), trained.train_scales, test->inputs(), enclosure_gap, executor_)));
      const double sigma = smoothing().test_sigma.value_or(smoothing().sigma);
      trained.ballots.push_back(
          {test_scales::constant(test->size(), sigma), vote_counts(test->size(), test->classes()), {}, {}});
      counter.advance();
    }
    trained.train_seconds = watch.seconds();
    return trained;
  }

  const poisoned_split<Tensor>& data_;
  const Method& method_;
  const run_settings& run_;
  const defence_settings& settings_;
  const Executor& executor_;
  Observer& watch_;
  random_key key_;
  std::array<const rows_type*, 2> tests_;
};

}  // namespace v1
}  // namespace certssb
