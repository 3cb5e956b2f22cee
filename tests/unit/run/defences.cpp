// SPDX-License-Identifier: MIT
#include "certssb/run/defences.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "support/centroid_model.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace certssb;

namespace {

using rows_type = dataset<host_array<double>>;

struct fixture {
  gaussian_blobs_problem problem{3, 4, 4.0, 0.5};
  rows_type train = draw_dataset(problem, 90, random_key{1});
  rows_type first = draw_dataset(problem, 40, random_key{2});
  rows_type second = draw_dataset(problem, 25, random_key{3});
  std::array<const rows_type*, 2> tests{&first, &second};
  test::centroid_learner method;
  gaussian_noise noise;
  serial_executor run;
  silent_observer silent;
  smoothing_options options{.sigma = 0.4, .models = 6, .keep_scores = true};
  ascent_options ascent{.initial = 0.4, .floor = 0.2, .steps = 2, .draws = 4};

  auto context() { return defence_context{method, noise, run, silent, random_key{4}}; }
  template <class Learner, class Executor>
  auto with(const Learner& learner, const Executor& executor) {
    return defence_context{learner, noise, executor, silent, random_key{4}};
  }
  template <class Noise>
  auto ledger(const Noise& law) const {
    return noise_ledger(draw_dataset(problem, 90, random_key{1}),
                        exposure_caps<typename Noise::certified_norm>::exposures(90, 0.4, 2), law, random_key{8});
  }
  auto inputs() const { return std::span<const rows_type* const>(tests); }
};

template <class Outcome>
std::vector<std::int64_t> votes_of(const Outcome& outcome) {
  const auto values = outcome.ballots[0].votes.values();
  return {values.begin(), values.end()};
}

// Calls visit(name, defence) for every kind of run; defence(options, rule) gives its outcome under this noise and on
// this executor.
template <class Noise, class Executor, class Visit>
void visit_runs(fixture& f, const Noise& noise, const Executor& executor, const Visit& visit) {
  const auto context = [&](const auto& learner) {
    return defence_context{learner, noise, executor, f.silent, random_key{4}};
  };
  visit("uniform", [&](const smoothing_options& options, auto& rule) {
    return run_uniform(context(f.method), f.train, f.inputs(), options, rule);
  });
  visit("frozen", [&](const smoothing_options& options, auto& rule) {
    const auto scales = training_scales::per_class(f.train.labels(), std::vector<double>{0.3, 0.4, 0.5});
    return run_frozen(context(f.method), f.train, scales, f.inputs(), options, rule);
  });
  visit("floor", [&](const smoothing_options& options, auto& rule) {
    return run_floor(context(f.method), detached_estimator{}, f.train, f.inputs(), options, f.ascent, extra_noise::once,
                     rule);
  });
  visit("cert-ssb", [&](const smoothing_options& options, auto& rule) {
    return run_sample_specific(context(f.method), pathwise_estimator{}, f.train, f.inputs(), options, f.ascent,
                               test_scale::own, rule);
  });
  if constexpr (requires {
                  typename exposure_caps<typename Noise::certified_norm>;
                  exposure_price<typename Noise::certified_norm>::guess(1.0);
                }) {
    visit("ledger", [&](const smoothing_options& options, auto& rule) {
      auto ledger = f.ledger(noise);
      const ledger_learner method(f.method, {.initial = 0.4});
      return run_ledger(context(method), ledger, f.inputs(), options, rule);
    });
  }
}

// Stops when the first input has `enough` votes for one class.
struct first_input_decided {
  std::int64_t enough;
  std::array<std::int64_t, 3> votes{};
  bool add(std::span<const label_type> labels) { return ++votes[static_cast<std::size_t>(labels[0])] == enough; }
};

// A user's own law.
struct uniform_on_cube {
  struct certified_norm {};
  template <class Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    random_stream stream(key);
    for (Scalar& value : out) value = static_cast<Scalar>(2.0 * stream.uniform() - 1.0);
  }
};

// Keeps the labels it was shown.
struct label_recorder {
  struct model {
    std::vector<label_type> labels;
    std::size_t classes() const { return 2; }
    void scores(const host_array<double>&, std::span<double> out) const { std::ranges::fill(out, 0.5); }
  };
  template <row_source Rows>
  model fit(const Rows& rows, const random_key&) const {
    const std::span<const label_type> labels = rows.labels();
    return {{labels.begin(), labels.end()}};
  }
};

}  // namespace

TEST_CASE("every member votes once on every input, as its scores say", "[pipeline]") {
  fixture f;
  const auto outcome = run_uniform(f.context(), f.train, f.inputs(), f.options);
  CHECK(outcome.train_scales.smallest() == 0.4);
  CHECK(outcome.train_scales.largest() == 0.4);
  CHECK_FALSE(outcome.test_scales_from_data);
  REQUIRE(outcome.ballots.size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    const auto& ballot = outcome.ballots[k];
    const std::size_t n = f.tests[k]->size();
    CHECK(ballot.scales.size() == n);
    CHECK(ballot.votes.trials() == 6);
    vote_counts counted(n, 3);
    for (std::size_t m = 0; m < 6; ++m) counted.add(std::span(ballot.scores).subspan(m * n * 3, n * 3));
    CHECK(std::ranges::equal(counted.values(), ballot.votes.values()));
  }
}

TEST_CASE("Cert-SSB has scales of its own for rows and test inputs, unless the common one is asked for", "[pipeline]") {
  fixture f;
  const auto own = run_sample_specific(f.context(), pathwise_estimator{}, f.train, f.inputs(), f.options, f.ascent);
  CHECK(own.test_scales_from_data);
  CHECK(own.trace.size() == 2);
  CHECK(own.train_scales.smallest() < own.train_scales.largest());
  CHECK(own.ballots[0].scales.smallest() < own.ballots[0].scales.largest());
  const auto common = run_sample_specific(f.context(), pathwise_estimator{}, f.train, f.inputs(), f.options, f.ascent,
                                          test_scale::common);
  CHECK(std::ranges::equal(common.train_scales.values(), own.train_scales.values()));
  CHECK(common.ballots[0].scales.largest() == 0.4);
}

TEST_CASE("defences at the same scales draw different noise, and another seed gives other votes", "[pipeline]") {
  fixture f;
  f.options.sigma = 1.5;
  // Without steps the ascent leaves every scale at 1.5, so that the defences below differ by their noise alone.
  const ascent_options still{.initial = 1.5, .floor = 0.2, .steps = 0, .draws = 4};
  const auto uniform = run_uniform(f.context(), f.train, f.inputs(), f.options);
  const auto frozen = run_frozen(f.context(), f.train, training_scales::constant(90, 1.5), f.inputs(), f.options);
  const auto specific = run_sample_specific(f.context(), pathwise_estimator{}, f.train, f.inputs(), f.options, still);
  for (const auto* outcome : {&frozen, &specific}) {
    CHECK(std::ranges::equal(outcome->train_scales.values(), uniform.train_scales.values()));
    CHECK(std::ranges::equal(outcome->ballots[0].scales.values(), uniform.ballots[0].scales.values()));
  }
  CHECK(votes_of(uniform) != votes_of(frozen));
  CHECK(votes_of(uniform) != votes_of(specific));
  CHECK(votes_of(frozen) != votes_of(specific));
  const auto votes = [&](std::uint64_t seed) {
    const defence_context context{f.method, f.noise, f.run, f.silent, random_key{seed}};
    const auto outcome = run_uniform(context, f.train, f.inputs(), f.options);
    const auto values = outcome.ballots[0].votes.values();
    return std::vector<std::int64_t>(values.begin(), values.end());
  };
  CHECK(votes(4) == votes(4));
  CHECK(votes(4) != votes(5));
}

TEST_CASE("an undefended model is right as often as its law allows, and the attack's success is counted",
          "[pipeline]") {
  fixture f;
  const std::vector<label_type> wanted(f.second.size(), 1);
  const auto outcome = run_undefended(f.context(), f.train, f.first, f.second, std::span<const label_type>(wanted));
  // The blobs are 4/.5 = 8 standard deviations apart: the Bayes error is below 1e-4.
  CHECK(outcome.clean_accuracy.value() == 1.0);
  const auto ones = std::ranges::count(f.second.labels(), label_type{1});
  CHECK(outcome.attack_success.value() == Approx(static_cast<double>(ones) / 25.0));
}

TEST_CASE("frozen members are trained at the given scales, one per row", "[pipeline]") {
  fixture f;
  f.options.sigma = 1.5;
  const auto table = training_scales::per_class(f.train.labels(), std::vector<double>{0.5, 1.0, 1.5});
  const auto outcome = run_frozen(f.context(), f.train, table, f.inputs(), f.options);
  for (std::size_t i = 0; i < f.train.size(); ++i) {
    CHECK(outcome.train_scales[i] == 0.5 + 0.5 * static_cast<double>(f.train.labels()[i]));
  }
  CHECK(outcome.ballots[1].scales.smallest() == 1.5);
  CHECK_FALSE(outcome.test_scales_from_data);
  const random_key key = detail::key_for(random_key{4}, detail::purpose::frozen_members);
  auto member = fit_member(f.method, f.train, table, f.noise, key, 3);
  const auto expected = member_scores(member, f.first, test_scales::constant(40, 1.5), f.noise, {}, key, 3);
  CHECK(std::ranges::equal(std::span(outcome.ballots[0].scores).subspan(3 * 120, 120), expected));
  CHECK_THROWS_AS(run_frozen(f.context(), f.train, training_scales::constant(3, 1.5), f.inputs(), f.options),
                  argument_error);
}

TEST_CASE("floor members are those of the adaptive learner at one constant scale", "[pipeline]") {
  fixture f;
  const auto outcome =
      run_floor(f.context(), pathwise_estimator{}, f.train, f.inputs(), f.options, f.ascent, extra_noise::every_read);
  CHECK(outcome.train_scales.smallest() == 0.4);
  CHECK(outcome.train_scales.largest() == 0.4);
  const adaptive_learner method(f.method, f.method, pathwise_estimator{}, f.ascent, extra_noise::every_read);
  const random_key key = detail::key_for(random_key{4}, detail::purpose::floor_members);
  auto member = fit_member(method, f.train, training_scales::constant(90, 0.4), f.noise, key, 3);
  const auto expected = member_scores(member, f.first, test_scales::constant(40, 0.4), f.noise, {}, key, 3);
  CHECK(std::ranges::equal(std::span(outcome.ballots[0].scores).subspan(3 * 120, 120), expected));
  const auto threaded = run_floor(f.with(f.method, tbb_executor(2)), pathwise_estimator{}, f.train, f.inputs(),
                                  f.options, f.ascent, extra_noise::every_read);
  CHECK(threaded.ballots[1].scores == outcome.ballots[1].scores);
}

TEST_CASE("floor members draw their extra noise from the law of the defence", "[pipeline]") {
  fixture f;
  const laplace_noise noise;
  const defence_context context{f.method, noise, f.run, f.silent, random_key{4}};
  const auto outcome = run_floor(context, pathwise_estimator{}, f.train, f.inputs(), f.options, f.ascent);
  const adaptive_learner method(f.method, f.method, pathwise_estimator{}, f.ascent, extra_noise::once, noise);
  const random_key key = detail::key_for(random_key{4}, detail::purpose::floor_members);
  auto member = fit_member(method, f.train, training_scales::constant(90, 0.4), noise, key, 2);
  const auto expected = member_scores(member, f.first, test_scales::constant(40, 0.4), noise, {}, key, 2);
  CHECK(std::ranges::equal(std::span(outcome.ballots[0].scores).subspan(2 * 120, 120), expected));
}

TEST_CASE("ledger members have the same bits on any executor, and the scales of their caps", "[pipeline]") {
  fixture f;
  const ledger_learner method(logistic_learner<double>({.epochs = 3, .batch = 16, .learning_rate = 0.05}),
                              {.initial = 0.4, .ceiling = 2.0, .rate = 1.0});
  const auto run = [&](const auto& executor) {
    noise_ledger ledger(draw_dataset(f.problem, 90, random_key{1}), exposure_caps<l2_norm>::exposures(90, 0.4, 3),
                        f.noise, random_key{8});
    auto outcome = run_ledger(f.with(method, executor), ledger, f.inputs(), f.options);
    CHECK_THROWS_AS(run_ledger(f.with(method, executor), ledger, f.inputs(), f.options), argument_error);
    return outcome;
  };
  const auto serial = run(serial_executor{});
  CHECK(serial.train_scales.smallest() == Approx(0.4 / std::sqrt(3.0)).epsilon(1e-14));
  CHECK(serial.train_scales.largest() == serial.train_scales.smallest());
  CHECK(serial.ballots[0].votes.trials() == 6);
  CHECK(run(tbb_executor(1)).ballots[0].scores == serial.ballots[0].scores);
  CHECK(run(tbb_executor(2)).ballots[0].scores == serial.ballots[0].scores);
}

TEST_CASE("a stopping rule ends every kind of run at the same member on any executor", "[pipeline]") {
  fixture f;
  f.options.models = 60;
  f.options.keep_scores = false;
  std::map<std::string, std::vector<std::int64_t>> serial;
  visit_runs(f, f.noise, serial_executor{}, [&](const std::string& name, const auto& defence) {
    CAPTURE(name);
    first_input_decided rule{5};
    const auto outcome = defence(f.options, rule);
    CHECK(std::ranges::max(rule.votes) == 5);
    CHECK(std::ranges::equal(outcome.ballots[0].votes[0].counts, rule.votes));
    CHECK(outcome.ballots[0].votes.trials() < 16);
    serial[name] = votes_of(outcome);
    // The same votes as those of a run that was told the number beforehand.
    smoothing_options fixed = f.options;
    fixed.models = static_cast<std::size_t>(outcome.ballots[0].votes.trials());
    CHECK(serial[name] == votes_of(defence(fixed, train_all)));
  });
  CHECK(serial.size() == 5);
  visit_runs(f, f.noise, tbb_executor(2), [&](const std::string& name, const auto& defence) {
    CAPTURE(name);
    first_input_decided rule{5};
    CHECK(votes_of(defence(f.options, rule)) == serial.at(name));
  });
}

TEST_CASE("every vote policy and noise law goes through every run", "[pipeline]") {
  fixture f;
  const auto check = [&](const auto& noise, std::size_t expected) {
    std::size_t runs = 0;
    visit_runs(f, noise, f.run, [&](const std::string& name, const auto& defence) {
      ++runs;
      for (const std::size_t draws : {0U, 1U, 3U}) {
        CAPTURE(name, draws);
        smoothing_options options = f.options;
        options.vote.draws = draws;
        const auto outcome = defence(options, train_all);
        CHECK(outcome.ballots[1].votes.trials() == 6);
        // The policy is used: other draws, other scores.
        options.vote.draws = draws + 1;
        CHECK(outcome.ballots[1].scores != defence(options, train_all).ballots[1].scores);
      }
    });
    CHECK(runs == expected);
  };
  check(f.noise, 5);
  check(laplace_noise{}, 5);
  check(uniform_noise{}, 5);
  // A user's own law: a ledger has no price for its norm.
  check(uniform_on_cube{}, 4);
}

TEST_CASE("members that find test scales themselves vote at those, in any kind of run", "[pipeline]") {
  fixture f;
  f.options.own_scales = f.ascent;
  const pathwise_estimator pathwise;
  const auto check = [&](const auto& outcome, detail::purpose use, const auto& estimator, const auto& fit) {
    const random_key key = detail::key_for(random_key{4}, use);
    auto member = fit(key, 3);
    const auto scales = member_scales(member, f.second, f.ascent, f.noise, key, 3, estimator);
    CHECK(scales.smallest() < scales.largest());
    CHECK(std::ranges::equal(std::span(outcome.ballots[1].own_scales).subspan(3 * f.second.size(), f.second.size()),
                             scales.values()));
    const auto expected = member_scores(member, f.second, scales, f.noise, f.options.vote, key, 3);
    CHECK(std::ranges::equal(std::span(outcome.ballots[1].scores).subspan(3 * 75, 75), expected));
  };
  visit_runs(f, f.noise, f.run, [&](const std::string& name, const auto& defence) {
    CAPTURE(name);
    const auto own = defence(f.options, train_all);
    const auto on_rows = [&](const auto& method) {
      return [&](const random_key& key, std::size_t m) {
        return fit_member(method, f.train, own.train_scales, f.noise, key, m);
      };
    };
    if (name == "uniform") check(own, detail::purpose::uniform_members, pathwise, on_rows(f.method));
    if (name == "frozen") check(own, detail::purpose::frozen_members, pathwise, on_rows(f.method));
    if (name == "cert-ssb") check(own, detail::purpose::own_members, pathwise, on_rows(f.method));
    if (name == "floor") {
      check(own, detail::purpose::floor_members, detached_estimator{},
            on_rows(adaptive_learner(f.method, f.method, detached_estimator{}, f.ascent, extra_noise::once)));
    }
    if (name == "ledger") {
      auto ledger = f.ledger(f.noise);
      check(own, detail::purpose::ledger_members, pathwise, [&](const random_key& key, std::size_t m) {
        return fit_ledger_member(ledger_learner(f.method, {.initial = 0.4}), ledger, key, m);
      });
    }
    // Without test noise there is no scale to find.
    smoothing_options none = f.options;
    none.vote.draws = 0;
    const auto without = defence(none, train_all);
    CHECK(without.ballots[0].own_scales.empty());
    none.own_scales.reset();
    CHECK(without.ballots[0].scores == defence(none, train_all).ballots[0].scores);
  });
}

TEST_CASE("labels are flipped in rows and ledgers alike, and every member trains on flips of its own", "[pipeline]") {
  gaussian_blobs_problem problem{2, 4, 4.0, 0.5};
  const auto train = draw_dataset(problem, 60, random_key{1});
  const gaussian_noise noise;
  const random_key key{5};
  const flipping_learner on_rows(label_recorder{}, 0.3);
  const flipping_learner on_account(ledger_learner(label_recorder{}, {}), 0.3);
  noise_ledger ledger(draw_dataset(problem, 60, random_key{1}), exposure_caps<l2_norm>::exposures(60, 0.5), noise,
                      random_key{8});
  const auto scales = training_scales::constant(60, 0.5);
  const auto first = fit_member(on_rows, train, scales, noise, key, 0);
  CHECK_FALSE(std::ranges::equal(first.labels, train.labels()));
  CHECK(fit_ledger_member(on_account, ledger, key, 0).labels == first.labels);
  CHECK(fit_ledger_member(on_account, ledger, key, 1).labels != first.labels);
  auto account = ledger.open(2);
  account.flip(0.1, key);
  CHECK_THROWS_WITH(account.flip(0.1, key), "ledger_account: labels are flipped once");
}
