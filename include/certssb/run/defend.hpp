// SPDX-License-Identifier: MIT
#pragma once
// Brief: trains one defence by its settings and takes its votes, in the way that its mode needs.

#include "certssb/bound/stopping.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/data/split.hpp"
#include "certssb/ensemble/parts.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/task_observer.hpp"
#include "certssb/run/vote_parts.hpp"
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

/// Brief: what the parts of a training set voted: with smoothing inside, the ballots of every part; plain parts vote in
/// the ballots of the defence, one member per part.
template <std::floating_point Scalar>
struct voted_parts {
  row_parts cut;
  std::vector<std::vector<ballot<Scalar>>> ballots = {};  ///< [parts][sets of test inputs]
};

/// Brief: the result of a defence, with the type of its noise erased.
template <std::floating_point Scalar>
struct trained_defence {
  defence_settings settings;
  noise_law noise;
  training_scales train_scales;
  std::vector<ballot<Scalar>> ballots;  ///< of the clean and of the triggered test inputs
  bool test_scales_from_data = false;
  std::vector<double> constant_within = {};       ///< mode quantised: how far each row may move at the same scale
  std::vector<bounded_votes> exact_bounds = {};   ///< mode knn1_exact: for each set of test inputs, instead of votes
  std::vector<stopping_point> stopping = {};      ///< with early stopping: one point per member
  std::optional<voted_parts<Scalar>> parts = {};  ///< where parts vote; the ballots are then the votes of the parts
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

/// Brief: the learner of the members of parts: `method.of_parts(settings)` if the method has it, else as learner_for.
template <class Method>
[[nodiscard]] auto part_learner_for(const Method& method, const defence_settings& settings) {
  if constexpr (requires { method.of_parts(settings); }) {
    return method.of_parts(settings);
  } else {
    return learner_for(method, settings);
  }
}

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
                  const random_key& key)
      : data_(data),
        rows_(&data.train.data),
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
    if (settings_.plain_parts()) return plain_parts();
    return settings_.smoothed_parts() ? smoothed_parts() : one_ensemble();
  }

private:
  static constexpr double least_extra = 0.1;  ///< of sigma: the smallest extra noise that mode floor looks at
  static constexpr double enclosure_gap = 1e-3;
  static constexpr std::uint32_t purpose_of_ledger = 101;
  static constexpr std::uint32_t purpose_of_parts = 102;

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
      case member_training::parts:
      case member_training::common_scale:
        break;
    }
    if (facts.noise == noise_law::uniform) return common_scale(uniform_noise{});
    if (facts.noise == noise_law::laplace) return common_scale(laplace_noise{});
    return common_scale(gaussian_noise{});
  }

  /// Brief: where the training set is cut. The key of the cut follows from that of the noise.
  [[nodiscard]] row_parts cut() const {
    return row_parts::of(rows(), settings_.parts, settings_.cut, key_.derive(purpose_of_parts));
  }

  [[nodiscard]] result plain_parts() const {
    const stopwatch watch;
    voted_parts<scalar> parts{.cut = cut()};
    const auto learner = part_learner_for(method_, settings_);
    const gaussian_noise unused;
    result trained{.settings = settings_,
                   .noise = noise_law::gaussian,
                   .train_scales = training_scales::constant(rows().size(), 1.0),
                   .ballots = vote_plain_parts(context(learner, unused), rows(), parts.cut.positions(), tests(),
                                               key_.derive(purpose_of_parts))};
    trained.parts = std::move(parts);
    trained.train_seconds = watch.seconds();
    return trained;
  }

  /// Brief: an ensemble of its own for every part, under keys that no other part has. A part without rows abstains.
  [[nodiscard]] result smoothed_parts() const {
    const stopwatch watch;
    voted_parts<scalar> parts{.cut = cut()};
    const auto positions = parts.cut.positions();
    std::vector<std::optional<result>> of_part(positions.size());
    progress_counter counter(watch_, "parts", positions.size());
    silent_observer nobody;
    const task_observer quiet(nobody, "");
    const random_key key = key_.derive(purpose_of_parts);
    executor_.for_each(positions.size(), [&](std::size_t j) {
      counter.expect_running();
      if (!positions[j].empty()) {
        const std::span<const std::size_t> own(positions[j]);
        const rows_type part = subset(rows(), own);
        const defence_trainer trainer(*this, part, own, quiet, key.for_model(static_cast<std::uint32_t>(j)).derive(0));
        of_part[j] = settings_.name == "smoothed-parts" ? trainer.named_members() : trainer.one_ensemble();
      }
      counter.advance();
    });
    std::vector<double> scales(rows().size(), smoothing().sigma);
    const double test_sigma = smoothing().test_sigma.value_or(smoothing().sigma);
    auto votes = detail::empty_ballots(row_sets<rows_type>(tests()), test_sigma);
    for (std::size_t j = 0; j < positions.size(); ++j) {
      if (of_part[j]) {
        const auto found = of_part[j]->train_scales.values();
        for (std::size_t i = 0; i < found.size(); ++i) scales[positions[j][i]] = found[i];
        parts.ballots.push_back(std::move(of_part[j]->ballots));
      } else {
        parts.ballots.push_back(no_votes(test_sigma));
      }
      for (std::size_t k = 0; k < votes.size(); ++k) votes[k].votes.add_votes(leaders(parts.ballots[j][k].votes));
      of_part[j].reset();
    }
    for (ballot<scalar>& set : votes) set.member_votes = {};
    result trained{.settings = settings_,
                   .noise = noise_law::gaussian,
                   .train_scales = training_scales(std::move(scales)),
                   .ballots = std::move(votes)};
    trained.parts = std::move(parts);
    trained.train_seconds = watch.seconds();
    return trained;
  }

  /// Brief: an ensemble of the bundled learners that parts have.
  [[nodiscard]] result named_members() const {
    const auto learner = part_learner_for(method_, settings_);
    const gaussian_noise noise;
    return {.settings = settings_,
            .noise = noise_law::gaussian,
            .train_scales = training_scales::constant(rows().size(), smoothing().sigma),
            .ballots = vote_uniform(context(learner, noise), rows(), tests(), smoothing())};
  }

  /// Brief: M members that name nothing.
  [[nodiscard]] std::vector<ballot<scalar>> no_votes(double test_sigma) const {
    auto none = detail::empty_ballots(row_sets<rows_type>(tests()), test_sigma);
    for (std::size_t k = 0; k < none.size(); ++k) {
      const std::size_t n = tests_[k]->size();
      const std::size_t classes = tests_[k]->classes();
      none[k].votes =
          vote_counts(std::vector<std::int64_t>(n * classes), classes, static_cast<std::int64_t>(smoothing().models));
    }
    return none;
  }

  /// Brief: the class that most members of a part name, for each sample.
  [[nodiscard]] static std::vector<label_type> leaders(const vote_counts& votes) {
    std::vector<label_type> labels(votes.samples());
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<label_type>(votes[i].top());
    return labels;
  }

  /// The trainer of one part: its rows, its key, and nothing of the others.
  defence_trainer(const defence_trainer& whole, const rows_type& part, std::span<const std::size_t> positions,
                  const task_observer& watch, const random_key& key)
      : data_(whole.data_),
        rows_(&part),
        positions_(positions),
        method_(whole.method_),
        run_(whole.run_),
        settings_(whole.settings_),
        executor_(whole.executor_),
        watch_(watch),
        key_(key),
        tests_(whole.tests_) {}

  [[nodiscard]] const rows_type& rows() const { return *rows_; }
  [[nodiscard]] std::span<const rows_type* const> tests() const { return tests_; }
  [[nodiscard]] const smoothing_options& smoothing() const { return settings_.smoothing; }

  template <class Learner, class Noise>
  [[nodiscard]] auto context(const Learner& learner, const Noise& noise) const {
    return defence_context<Learner, Noise, Executor, const task_observer>{learner, noise, executor_, watch_, key_};
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
      return run_frozen(context(learner(), gaussian_noise{}), rows(), scales, tests(), smoothing(), rule, search());
    });
  }

  [[nodiscard]] result floor() const {
    ascent_options extra = settings_.ascent;
    extra.initial = extra.floor = least_extra * smoothing().sigma;
    extra.ceiling = std::max(extra.floor, smoothing().sigma);
    const auto inner = learner_for(method_, settings_);
    const auto method = flipping(adaptive_learner(inner, inner, search(), extra));
    return stopped([&](auto& rule) {
      return detail::run_noised(context(method, gaussian_noise{}), detail::purpose::floor_members, "floor", rows(),
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
                        gaussian_noise{}, key_.derive(purpose_of_ledger));
    return stopped([&](auto& rule) {
      return run_ledger(context(method, gaussian_noise{}), ledger, tests(), smoothing(), rule, search());
    });
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
      return run_sample_specific(context(learner, gaussian_noise{}), search(), rows(), tests(), smoothing(),
                                 settings_.ascent, at, rule);
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
  const rows_type* rows_;
  std::span<const std::size_t> positions_ = {};  ///< of the rows of one part; empty: all rows
  const Method& method_;
  const run_settings& run_;
  const defence_settings& settings_;
  const Executor& executor_;
  const task_observer& watch_;
  random_key key_;
  std::array<const rows_type*, 2> tests_;
};

}  // namespace v1
}  // namespace certssb
