// SPDX-License-Identifier: MIT
#pragma once
// Brief: the defences from end to end: an undefended model to compare with; scales fixed beforehand, such as the
// uniform noise of RAB; noise first and adaptation after it; a ledger; and the two stages of Cert-SSB. Each returns
// votes and the scales under which they were taken; certificates are issued from these (certificate/certify.hpp). A
// stopping rule, if one is given, ends the training early.

#include "certssb/core/observer.hpp"
#include "certssb/ensemble/adaptive_learner.hpp"
#include "certssb/ensemble/ledger_learner.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/report/metrics.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/sigma/grid.hpp"
#include "certssb/vote/collect.hpp"
#include "certssb/vote/defence_outcome.hpp"
#include "certssb/vote/member_scores.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the common arguments of every defence: the learner, the noise, the executor, the observer and the key.
/// Requires: the parts outlive the object.
template <class Learner, class Noise, executor Executor, observer Observer>
struct defence_context {
  const Learner& method;
  const Noise& noise;
  const Executor& workers;
  Observer& watch;
  random_key key;
};

/// Brief: the noise of a context: that of the votes taken in it.
template <class Context>
using noise_of = std::remove_cvref_t<decltype(std::declval<const Context&>().noise)>;

/// Brief: a deduction guide that Clang needs before version 17.
template <class Learner, class Noise, executor Executor, observer Observer>
defence_context(const Learner&, const Noise&, const Executor&, Observer&, random_key)
    -> defence_context<Learner, Noise, Executor, Observer>;

/// Brief: the noise scale of test inputs: the common one, or the one that the ascent finds for each input.
enum class test_scale { common, own };

/// Brief: the settings that all defences share.
struct smoothing_options {
  double sigma = 0.5;                     ///< the common noise scale, in input units
  std::optional<double> test_sigma = {};  ///< scale of test inputs if it differs from sigma; radii do not depend on it
  std::optional<ascent_options> own_scales = {};  ///< if set, each member finds the noise scale of each test input
  std::size_t models = 20;                        ///< M; with a stopping rule, the largest number
  vote_policy vote = {};                          ///< noise draws per vote
  bool keep_scores = false;                       ///< keep every member's scores, [M,n,K], for bounds on mean scores
};

/// Brief: the result of a model without a defence.
struct undefended_outcome {
  ratio clean_accuracy;
  ratio attack_success;
};

namespace detail {

/// Brief: separate keys for draws that must be independent.
enum class purpose : std::uint32_t {
  undefended = 1,
  uniform_members,
  base_model,
  train_ascent,
  test_ascent,
  own_members,
  frozen_members,
  floor_members,
  ledger_members
};

inline random_key key_for(const random_key& key, purpose use) { return key.derive(static_cast<std::uint32_t>(use)); }

class stopwatch {
public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

template <row_source Rows>
[[nodiscard]] std::vector<test_scales> common_scales(std::span<const Rows* const> tests,
                                                     const smoothing_options& options) {
  std::vector<test_scales> scales;
  for (const Rows* test : tests) {
    scales.push_back(test_scales::constant(test->size(), options.test_sigma.value_or(options.sigma)));
  }
  return scales;
}

/// Brief: an outcome without ascent, of votes taken under the context's noise.
template <class Context, std::floating_point Scalar>
[[nodiscard]] auto outcome_of(const Context&, const char* name, training_scales scales,
                              std::vector<ballot<Scalar>> ballots, const smoothing_options& options,
                              const stopwatch& watch) {
  return defence_outcome<noise_of<Context>, Scalar>{.name = name,
                                                    .train_scales = std::move(scales),
                                                    .ballots = std::move(ballots),
                                                    .test_draws = options.vote.draws,
                                                    .train_seconds = watch.seconds()};
}

}  // namespace detail

/// Brief: trains members with `fit(m)` and lets each vote on every set of test inputs, at `scales`, or, with
/// options.own_scales and noise on the test inputs, at scales that each member finds itself by `own_search`.
/// Shapes: scales[k] as long as tests[k].
/// Throws: argument_error if lengths disagree or models = 0, and as member_scales; cancelled.
/// Cost: the trainings, and max(1, draws) forward passes per member and test input; one member per worker in memory.
/// Determinism: the same votes for any executor.
/// Reference: Cert-SSB, training of the smoothed models and aggregation of their predictions.
template <class Context, class Fit, row_source Rows, class Rule, scale_search Search = pathwise_estimator>
[[nodiscard]] auto vote_on(const Context& context, const random_key& key, const Fit& fit,
                           std::span<const Rows* const> tests, std::vector<test_scales> scales,
                           const smoothing_options& options, Rule& rule, const Search& own_search = {}) {
  using scalar = scalar_of<typename Rows::tensor_type>;
  expect(tests.size() == scales.size(), "vote_on: ", tests.size(), " sets of test inputs but ", scales.size(),
         " sets of scales");
  std::vector<ballot<scalar>> ballots;
  for (std::size_t k = 0; k < tests.size(); ++k) {
    ballots.push_back({std::move(scales[k]), vote_counts(tests[k]->size(), tests[k]->classes()), {}, {}});
  }
  const auto answer = [&](std::size_t m) {
    auto member = fit(m);
    std::vector<member_answer<scalar>> given(tests.size());
    for (std::size_t k = 0; k < tests.size(); ++k) {
      const test_scales* used = &ballots[k].scales;
      std::optional<test_scales> own;
      if (options.own_scales && options.vote.draws > 0) {
        used = &own.emplace(member_scales(member, *tests[k], *options.own_scales, context.noise, key, m, own_search));
        given[k].own_scales.assign(own->values().begin(), own->values().end());
      }
      given[k].scores = member_scores(member, *tests[k], *used, context.noise, options.vote, key, m);
    }
    return given;
  };
  collect_votes(options.models, answer, ballots, {.keep_scores = options.keep_scores}, context.workers, context.watch,
                rule);
  return ballots;
}

/// Brief: members trained on x_i + sigma_i eps_{m,i}, one draw per row and member, with these scales.
/// Shapes: train_scales [N]; scales[k] as long as tests[k].
/// Throws, cost, determinism: as vote_on.
template <class Context, row_source Rows, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto train_and_vote(const Context& context, const random_key& key, const Rows& train,
                                  const training_scales& train_scales, std::span<const Rows* const> tests,
                                  std::vector<test_scales> scales, const smoothing_options& options,
                                  Rule& rule = train_all, const Search& own_search = {}) {
  const auto fit = [&](std::size_t m) {
    return fit_member(context.method, train, train_scales, context.noise, key, m);
  };
  return vote_on(context, key, fit, tests, std::move(scales), options, rule, own_search);
}

namespace detail {

/// Brief: members on noisy rows, voting at the common scale.
template <class Context, row_source Rows, class Rule, scale_search Search>
[[nodiscard]] auto run_noised(const Context& context, purpose use, const char* name, const Rows& train,
                              training_scales scales, std::span<const Rows* const> tests,
                              const smoothing_options& options, Rule& rule, const Search& own_search) {
  const stopwatch watch;
  auto ballots = train_and_vote(context, key_for(context.key, use), train, scales, tests, common_scales(tests, options),
                                options, rule, own_search);
  return outcome_of(context, name, std::move(scales), std::move(ballots), options, watch);
}

}  // namespace detail

/// Brief: trains one model on the poisoned rows without noise; returns its accuracy on clean inputs, and the share of
/// triggered inputs that it calls `target`.
/// Shapes: train, clean and triggered are labelled rows of one shape.
/// Throws: argument_error for test sets without rows or with rows of another size; whatever the learner throws.
/// Cost: one training and one forward pass per test input.
/// Determinism: a function of the data and context.key.
template <class Context, row_source Rows>
[[nodiscard]] undefended_outcome run_undefended(const Context& context, const Rows& train, const Rows& clean,
                                                const Rows& triggered, label_type target) {
  const random_key key = detail::key_for(context.key, detail::purpose::undefended);
  auto model = context.method.fit(train, key);
  const auto predict = [&](const Rows& rows) {
    const auto scores = member_scores(model, rows, test_scales::constant(rows.size(), 1.0), context.noise,
                                      vote_policy{.draws = 0}, key, 0);
    std::vector<label_type> labels(rows.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      labels[i] = static_cast<label_type>(
          hard_vote(std::span(std::as_const(scores)).subspan(i * rows.classes(), rows.classes())));
    }
    return labels;
  };
  return {empirical_accuracy(predict(clean), clean.labels()), attack_success(predict(triggered), target)};
}

/// Brief: scales fixed beforehand, which do not depend on the features: constants, one per class, a trusted selector's.
/// Test inputs are perturbed at the common test scale, or at the members' own (options.own_scales, by `own_search`).
/// Throws: argument_error if lengths disagree; cancelled.
template <class Context, row_source Rows, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto run_frozen(const Context& context, const Rows& train, training_scales scales,
                              std::span<const Rows* const> tests, const smoothing_options& options,
                              Rule& rule = train_all, const Search& own_search = {}) {
  return detail::run_noised(context, detail::purpose::frozen_members, "frozen", train, std::move(scales), tests,
                            options, rule, own_search);
}

/// Brief: RAB: the same noise scale for every training row and test input.
/// Throws: as vote_on.
/// Cost: as vote_on.
/// Determinism: as vote_on.
/// Reference: Weber et al., RAB (S&P 2023).
template <class Context, row_source Rows, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto run_uniform(const Context& context, const Rows& train, std::span<const Rows* const> tests,
                               const smoothing_options& options, Rule& rule = train_all,
                               const Search& own_search = {}) {
  return detail::run_noised(context, detail::purpose::uniform_members, "rab", train,
                            training_scales::constant(train.size(), options.sigma), tests, options, rule, own_search);
}

/// Brief: noise, then adapt: one exposure per row and member at options.sigma; each member then searches
/// sample-specific extra noise on its own noisy rows (ensemble/adaptive_learner.hpp), with a base model trained by
/// context.method. The extra noise is the context's too. `estimator` also finds the members' own test scales.
/// Requires: for the pathwise estimator, a learner whose classifier has directional_scores.
template <class Context, scale_search Estimator, row_source Rows, class Rule = const every_member>
[[nodiscard]] auto run_floor(const Context& context, const Estimator& estimator, const Rows& train,
                             std::span<const Rows* const> tests, const smoothing_options& options,
                             const ascent_options& extra, extra_noise drawn = extra_noise::once,
                             Rule& rule = train_all) {
  const adaptive_learner method(context.method, context.method, estimator, extra, drawn, context.noise);
  return detail::run_noised(defence_context{method, context.noise, context.workers, context.watch, context.key},
                            detail::purpose::floor_members, "floor", train,
                            training_scales::constant(train.size(), options.sigma), tests, options, rule, estimator);
}

/// Brief: members that see the training rows only through a ledger, within its caps. The scales of the outcome are
/// those of single exposures that use the caps up: 1/sqrt(P_i).
/// Requires: context.method fits accounts (ensemble/ledger_learner.hpp); context.key is not the ledger's; context.noise
/// is of the ledger's type.
/// Throws: argument_error when an account was opened before, a release overspends, or lengths disagree; cancelled.
template <class Context, class Ledger, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto run_ledger(const Context& context, Ledger& ledger,
                              std::span<const typename Ledger::rows_type* const> tests,
                              const smoothing_options& options, Rule& rule = train_all, const Search& own_search = {}) {
  static_assert(std::same_as<noise_of<Context>, typename Ledger::noise_type>,
                "run_ledger: the context's noise and the ledger's are of different types");
  const detail::stopwatch watch;
  const random_key key = detail::key_for(context.key, detail::purpose::ledger_members);
  const auto fit = [&](std::size_t m) { return fit_ledger_member(context.method, ledger, key, m); };
  auto ballots = vote_on(context, key, fit, tests, detail::common_scales(tests, options), options, rule, own_search);
  return detail::outcome_of(context, "ledger", ledger.caps().effective_scales(), std::move(ballots), options, watch);
}

/// Brief: Cert-SSB: (1) a base model trained at the common scale; ascent for every training row (anchored at its label)
/// and every test input (anchored at the class the base model gives it at the floor); (2) M members trained on
/// x_i + sigma_i eps_{m,i}, voting at x + sigma_x u_m. `estimator` also finds the members' own test scales.
/// Requires: for the pathwise estimator, a learner whose classifier has directional_scores.
/// Reference: Cert-SSB, both stages of training.
template <scale_search Estimator, class Context, row_source Rows, class Rule = const every_member>
[[nodiscard]] auto run_sample_specific(const Context& context, const Estimator& estimator, const Rows& train,
                                       std::span<const Rows* const> tests, const smoothing_options& options,
                                       const ascent_options& ascent, test_scale at = test_scale::own,
                                       Rule& rule = train_all) {
  const auto key = [&](detail::purpose use) { return detail::key_for(context.key, use); };
  const auto base = fit_member(context.method, train, training_scales::constant(train.size(), options.sigma),
                               context.noise, key(detail::purpose::base_model), 0);

  const detail::stopwatch ascent_watch;
  ascent_result found = ascend(estimator, base, train, train.labels(), ascent, context.noise,
                               key(detail::purpose::train_ascent), context.workers, context.watch);
  std::vector<test_scales> scales = detail::common_scales(tests, options);
  for (std::size_t k = 0; at == test_scale::own && k < tests.size(); ++k) {
    const random_key test_key = key(detail::purpose::test_ascent);
    const auto anchors = predict_smoothed(base, *tests[k], ascent, context.noise, test_key, context.workers);
    scales[k] = test_scales(
        ascend(estimator, base, *tests[k], anchors, ascent, context.noise, test_key, context.workers, context.watch)
            .scales);
  }
  const double ascent_seconds = ascent_watch.seconds();

  const detail::stopwatch train_watch;
  training_scales train_scales(std::move(found.scales));
  auto ballots = train_and_vote(context, key(detail::purpose::own_members), train, train_scales, tests,
                                std::move(scales), options, rule, estimator);
  auto outcome =
      detail::outcome_of(context, "cert-ssb", std::move(train_scales), std::move(ballots), options, train_watch);
  outcome.test_scales_from_data = at == test_scale::own && options.vote.draws > 0 && !options.own_scales;
  outcome.trace = std::move(found.trace);
  outcome.ascent_seconds = ascent_seconds;
  return outcome;
}

}  // namespace v1
}  // namespace certssb
