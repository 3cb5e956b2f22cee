// SPDX-License-Identifier: MIT
#pragma once
// Brief: the defences from end to end: an undefended model to compare with; scales fixed beforehand, such as the
// uniform noise of RAB; noise first and adaptation after it; a ledger; and the two stages of Cert-SSB. Each returns
// votes and the scales under which they were taken; certificates are issued from these (certificate/certify.hpp). A
// stopping rule, if one is given, ends the training early.

#include "certssb/data/row_sets.hpp"
#include "certssb/ensemble/adaptive_learner.hpp"
#include "certssb/ensemble/ledger_learner.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/report/metrics.hpp"
#include "certssb/run/defence_context.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/sigma/grid.hpp"
#include "certssb/vote/collect.hpp"
#include "certssb/vote/defence_outcome.hpp"
#include "certssb/vote/member_scores.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the result of a model without a defence.
struct undefended_outcome {
  ratio clean_accuracy;
  ratio attack_success;
};

namespace detail {

template <class Rows>
[[nodiscard]] std::vector<test_scales> common_scales(const row_sets<Rows>& tests, const smoothing_options& options) {
  std::vector<test_scales> scales;
  for (std::size_t k = 0; k < tests.size(); ++k) {
    scales.push_back(test_scales::constant(tests[k].size(), options.test_sigma.value_or(options.sigma)));
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

/// Brief: trains members with `fit(m)` and lets each member vote on every set of test inputs. The inputs are perturbed
/// at `scales`, or, with options.own_scales, at scales that each member finds by `own_search`.
/// Shapes: scales[k] as long as tests[k].
/// Throws: argument_error if lengths disagree or models = 0, and as member_scales; cancelled; whatever `fit` throws.
/// Cost: the trainings, and max(1, draws) forward passes per member and test input; one member per worker in memory.
/// Determinism: the same votes for any executor.
/// Reference: Cert-SSB, training of the smoothed models and aggregation of their predictions.
template <class Context, class Fit, class Rows, class Rule, scale_search Search = pathwise_estimator>
[[nodiscard]] auto vote_on(const Context& context, const random_key& key, const Fit& fit, const row_sets<Rows>& tests,
                           std::vector<test_scales> scales, const smoothing_options& options, Rule& rule,
                           const Search& own_search = {}) {
  using scalar = scalar_of<typename Rows::tensor_type>;
  expect(tests.size() == scales.size(), "vote_on: ", tests.size(), " sets of test inputs but ", scales.size(),
         " sets of scales");
  std::vector<ballot<scalar>> ballots;
  for (std::size_t k = 0; k < tests.size(); ++k) {
    ballots.push_back({std::move(scales[k]), vote_counts(tests[k].size(), tests[k].classes()), {}, {}});
  }
  const auto answer = [&](std::size_t m) {
    auto member = fit(m);
    std::vector<member_answer<scalar>> given(tests.size());
    for (std::size_t k = 0; k < tests.size(); ++k) {
      const test_scales* used = &ballots[k].scales;
      std::optional<test_scales> own;
      if (options.own_scales && options.vote.draws > 0) {
        used = &own.emplace(member_scales(member, tests[k], *options.own_scales, context.noise, key, m, own_search));
        given[k].own_scales.assign(own->values().begin(), own->values().end());
      }
      given[k].scores = member_scores(member, tests[k], *used, context.noise, options.vote, key, m);
    }
    return given;
  };
  collect_votes(options.models, answer, ballots,
                {.keep_scores = options.keep_scores, .keep_votes = options.keep_votes, .only = options.only},
                context.workers, context.watch, rule);
  return ballots;
}

/// Brief: trains members on x_i + sigma_i eps_{m,i}, one draw per row and member, with the given scales, and lets them
/// vote.
/// Shapes: train_scales [N]; scales[k] as long as tests[k].
/// Throws: as vote_on.
/// Cost: as vote_on.
/// Determinism: as vote_on.
template <class Context, class Rows, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto train_and_vote(const Context& context, const random_key& key, const Rows& train,
                                  const training_scales& train_scales, const row_sets_of<Rows>& tests,
                                  std::vector<test_scales> scales, const smoothing_options& options,
                                  Rule& rule = train_all, const Search& own_search = {}) {
  const auto fit = [&](std::size_t m) {
    auto member = fit_member(context.method, train, train_scales, context.noise, key, m);
    context.shelf.keep(m, member);
    return member;
  };
  return vote_on(context, key, fit, tests, std::move(scales), options, rule, own_search);
}

namespace detail {

/// Brief: trains members on noisy rows and lets them vote at the common scale.
template <class Context, class Rows, class Rule, scale_search Search>
[[nodiscard]] auto run_noised(const Context& context, purpose use, const char* name, const Rows& train,
                              training_scales scales, const row_sets_of<Rows>& tests, const smoothing_options& options,
                              Rule& rule, const Search& own_search) {
  const stopwatch watch;
  auto ballots = train_and_vote(context, key_for(context.key, use), train, scales, tests, common_scales(tests, options),
                                options, rule, own_search);
  return outcome_of(context, name, std::move(scales), std::move(ballots), options, watch);
}

}  // namespace detail

/// Brief: trains one model on the poisoned rows without noise; returns its accuracy on clean inputs, and the share of
/// triggered inputs that it calls what the attacker wants.
/// Shapes: train, clean and triggered are labelled rows of one shape; wanted as long as triggered.
/// Throws: argument_error for test sets without rows or with rows of another size, or where there is not one wanted
/// label per triggered input; whatever the learner throws.
/// Cost: one training and one forward pass per test input.
/// Determinism: a function of the data and context.key.
template <class Context, class Rows>
[[nodiscard]] undefended_outcome run_undefended(const Context& context, const Rows& train, const Rows& clean,
                                                const Rows& triggered, std::span<const label_type> wanted) {
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
  return {empirical_accuracy(predict(clean), clean.labels()), attack_success(predict(triggered), wanted)};
}

/// Brief: trains and votes with noise scales fixed beforehand, which do not depend on the features: constants, one per
/// class, or those of a trusted selector. Test inputs are perturbed at the common test scale, or, with
/// options.own_scales, at scales that each member finds by `own_search`.
/// Shapes: scales [rows of train].
/// Throws: as vote_on, and argument_error unless there is one scale per row.
/// Cost: as vote_on.
/// Determinism: as vote_on.
template <class Context, class Rows, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto run_frozen(const Context& context, const Rows& train, training_scales scales,
                              const row_sets_of<Rows>& tests, const smoothing_options& options, Rule& rule = train_all,
                              const Search& own_search = {}) {
  return detail::run_noised(context, detail::purpose::frozen_members, "frozen", train, std::move(scales), tests,
                            options, rule, own_search);
}

/// Brief: RAB: the same noise scale for every training row and test input.
/// Throws: as vote_on.
/// Cost: as vote_on.
/// Determinism: as vote_on.
/// Reference: Weber et al., RAB (S&P 2023).
template <class Context, class Rows, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto run_uniform(const Context& context, const Rows& train, const row_sets_of<Rows>& tests,
                               const smoothing_options& options, Rule& rule = train_all,
                               const Search& own_search = {}) {
  return detail::run_noised(context, detail::purpose::uniform_members, "rab", train,
                            training_scales::constant(train.size(), options.sigma), tests, options, rule, own_search);
}

/// Brief: noise first, then adaptation. Every member sees each row once, under noise of scale options.sigma. It then
/// finds sample-specific extra noise of the same law on its own noisy rows (ensemble/adaptive_learner.hpp), with a base
/// model trained by context.method. With options.own_scales, `estimator` also finds the test scales.
/// Requires: for the pathwise estimator, a learner whose classifier has directional_scores.
/// Throws: as vote_on, and as adaptive_learner.
/// Cost: as vote_on, where a training is that of adaptive_learner.
/// Determinism: as vote_on.
template <class Context, scale_search Estimator, class Rows, class Rule = const every_member>
[[nodiscard]] auto run_floor(const Context& context, const Estimator& estimator, const Rows& train,
                             const row_sets_of<Rows>& tests, const smoothing_options& options,
                             const ascent_options& extra, extra_noise drawn = extra_noise::once,
                             Rule& rule = train_all) {
  const adaptive_learner method(context.method, context.method, estimator, extra, drawn, context.noise);
  return detail::run_noised(defence_context{method, context.noise, context.workers, context.watch, context.key},
                            detail::purpose::floor_members, "floor", train,
                            training_scales::constant(train.size(), options.sigma), tests, options, rule, estimator);
}

/// Brief: trains members that see the training rows only through a ledger, within its caps. The scales of the outcome
/// are those of single exposures that use up the caps: 1/sqrt(P_i) for Gaussian noise.
/// Requires: context.method fits accounts (ensemble/ledger_learner.hpp); context.key is not the ledger's; context.noise
/// is of the ledger's type.
/// Throws: as vote_on, and argument_error if an account was opened before or a release exceeds a cap.
/// Cost: as vote_on.
/// Determinism: as vote_on, given a ledger without opened accounts.
template <class Context, class Ledger, class Rule = const every_member, scale_search Search = pathwise_estimator>
[[nodiscard]] auto run_ledger(const Context& context, Ledger& ledger, const row_sets<typename Ledger::rows_type>& tests,
                              const smoothing_options& options, Rule& rule = train_all, const Search& own_search = {}) {
  static_assert(std::same_as<noise_of<Context>, typename Ledger::noise_type>,
                "run_ledger: the context's noise and the ledger's are of different types");
  const detail::stopwatch watch;
  const random_key key = detail::key_for(context.key, detail::purpose::ledger_members);
  const auto fit = [&](std::size_t m) {
    auto member = fit_ledger_member(context.method, ledger, key, m);
    context.shelf.keep(m, member);
    return member;
  };
  auto ballots = vote_on(context, key, fit, tests, detail::common_scales(tests, options), options, rule, own_search);
  return detail::outcome_of(context, "ledger", ledger.caps().effective_scales(), std::move(ballots), options, watch);
}

/// Brief: the scales that a base model's ascent gives to test inputs, anchored at the class that it gives each at the
/// floor.
/// Shapes: [n].
/// Throws: as ascend.
/// Determinism: keyed by context.key and the ids of the inputs; an input's scale does not depend on the others.
template <scale_search Estimator, class Context, class Base, class Rows>
[[nodiscard]] test_scales find_test_scales(const Context& context, const Estimator& estimator, const Base& base,
                                           const Rows& inputs, const ascent_options& ascent) {
  const random_key key = detail::key_for(context.key, detail::purpose::test_ascent);
  const auto anchors = predict_smoothed(base, inputs, ascent, context.noise, key, context.workers);
  return test_scales(
      ascend(estimator, base, inputs, anchors, ascent, context.noise, key, context.workers, context.watch).scales);
}

/// Brief: Cert-SSB, in two stages. (1) A base model is trained at the common scale. Ascent on it gives a noise scale to
/// every training row (anchored at its label) and, with test_scale::own, to every test input (anchored at the class
/// that the base model gives it at the floor). (2) M members are trained on x_i + sigma_i eps_{m,i}, and vote at x +
/// sigma_x u_m. With options.own_scales, `estimator` also finds the test scales of each member.
/// Requires: for the pathwise estimator, a learner whose classifier has directional_scores.
/// Throws: as vote_on and ascend.
/// Cost: as vote_on, and one training and the ascent of every training row and test input.
/// Determinism: as vote_on.
/// Reference: Cert-SSB, both stages of training.
template <scale_search Estimator, class Context, class Rows, class Rule = const every_member>
[[nodiscard]] auto run_sample_specific(const Context& context, const Estimator& estimator, const Rows& train,
                                       const row_sets_of<Rows>& tests, const smoothing_options& options,
                                       const ascent_options& ascent, test_scale at = test_scale::own,
                                       Rule& rule = train_all) {
  const auto key = [&](detail::purpose use) { return detail::key_for(context.key, use); };
  const auto base = fit_member(context.method, train, training_scales::constant(train.size(), options.sigma),
                               context.noise, key(detail::purpose::base_model), 0);
  context.shelf.keep_base(base);

  const detail::stopwatch ascent_watch;
  ascent_result found = ascend(estimator, base, train, train.labels(), ascent, context.noise,
                               key(detail::purpose::train_ascent), context.workers, context.watch);
  std::vector<test_scales> scales = detail::common_scales(tests, options);
  for (std::size_t k = 0; at == test_scale::own && k < tests.size(); ++k) {
    scales[k] = find_test_scales(context, estimator, base, tests[k], ascent);
  }
  const double ascent_seconds = ascent_watch.seconds();

  const detail::stopwatch train_watch;
  training_scales train_scales(std::move(found.scales));
  auto ballots = train_and_vote(context, key(detail::purpose::own_members), train, train_scales, tests,
                                std::move(scales), options, rule, estimator);
  auto outcome =
      detail::outcome_of(context, "cert-ssb", std::move(train_scales), std::move(ballots), options, train_watch);
  outcome.train_scales_from_data = true;
  outcome.test_scales_from_data = at == test_scale::own && options.vote.draws > 0 && !options.own_scales;
  outcome.trace = std::move(found.trace);
  outcome.ascent_seconds = ascent_seconds;
  return outcome;
}

}  // namespace v1
}  // namespace certssb
