// SPDX-License-Identifier: MIT
#include "certssb/run/defences.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "support/centroid_model.hpp"

#include <catch2/catch.hpp>

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
  auto inputs() const { return std::span<const rows_type* const>(tests); }
};

template <class Outcome>
std::vector<std::int64_t> votes_of(const Outcome& outcome) {
  const auto values = outcome.ballots[0].votes.values();
  return {values.begin(), values.end()};
}

// Stops when the first input has `enough` votes for one class.
struct first_input_decided {
  std::int64_t enough;
  std::array<std::int64_t, 3> votes{};
  bool add(std::span<const label_type> labels) { return ++votes[static_cast<std::size_t>(labels[0])] == enough; }
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

TEST_CASE("the two defences draw different noise, and another seed other votes", "[pipeline]") {
  fixture f;
  f.options.sigma = 1.5;
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
  const auto outcome = run_undefended(f.context(), f.train, f.first, f.second, 1);
  // The blobs are 4/.5 = 8 standard deviations apart: the Bayes error is below 1e-4.
  CHECK(outcome.clean_accuracy.value() == 1.0);
  const auto ones = std::ranges::count(f.second.labels(), label_type{1});
  CHECK(outcome.attack_success.value() == Approx(static_cast<double>(ones) / 25.0));
}

TEST_CASE("frozen scales are the ones trained with, at any scale a row", "[pipeline]") {
  fixture f;
  f.options.sigma = 1.5;
  const auto table = training_scales::per_class(f.train.labels(), std::vector<double>{0.5, 1.0, 1.5});
  const auto outcome = run_frozen(f.context(), f.train, table, f.inputs(), f.options);
  for (std::size_t i = 0; i < f.train.size(); ++i) {
    CHECK(outcome.train_scales[i] == 0.5 + 0.5 * static_cast<double>(f.train.labels()[i]));
  }
  CHECK(outcome.ballots[1].scales.smallest() == 1.5);
  CHECK_FALSE(outcome.test_scales_from_data);
  // At the common scale frozen is uniform under noise of its own.
  const auto same = run_frozen(f.context(), f.train, training_scales::constant(90, 1.5), f.inputs(), f.options);
  const auto uniform = run_uniform(f.context(), f.train, f.inputs(), f.options);
  CHECK(votes_of(same) != votes_of(uniform));
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
  const auto run = [&](const auto& executor) {
    first_input_decided rule{5};
    const auto outcome = run_uniform(f.with(f.method, executor), f.train, f.inputs(), f.options, rule);
    CHECK(std::ranges::max(rule.votes) == 5);
    CHECK(std::ranges::equal(outcome.ballots[0].votes[0].counts, rule.votes));
    return outcome;
  };
  const auto serial = run(serial_executor{});
  CHECK(serial.ballots[0].votes.trials() < 16);
  CHECK(votes_of(serial) == votes_of(run(tbb_executor(2))));
  f.options.models = static_cast<std::size_t>(serial.ballots[0].votes.trials());
  CHECK(votes_of(serial) == votes_of(run_uniform(f.context(), f.train, f.inputs(), f.options)));
}

TEST_CASE("every vote policy and noise law goes through every run", "[pipeline]") {
  struct uniform_on_cube {
    struct certified_norm {};
    void fill(const random_key& key, std::span<double> out) const {
      random_stream stream(key);
      for (double& value : out) value = 2.0 * stream.uniform() - 1.0;
    }
  };
  fixture f;
  const uniform_on_cube cube;
  for (const std::size_t draws : {0U, 1U, 3U}) {
    f.options.vote.draws = draws;
    const defence_context context{f.method, cube, f.run, f.silent, random_key{4}};
    CHECK(run_uniform(context, f.train, f.inputs(), f.options).ballots[1].votes.trials() == 6);
    CHECK(run_floor(f.context(), detached_estimator{}, f.train, f.inputs(), f.options, f.ascent)
              .ballots[1]
              .votes.trials() == 6);
  }
}

TEST_CASE("members that find test scales themselves vote at those, in any kind of run", "[pipeline]") {
  fixture f;
  f.options.own_scales = f.ascent;
  const auto own = run_uniform(f.context(), f.train, f.inputs(), f.options);
  const random_key key = detail::key_for(random_key{4}, detail::purpose::uniform_members);
  auto member = fit_member(f.method, f.train, own.train_scales, f.noise, key, 3);
  const auto scales = member_scales(member, f.second, f.ascent, f.noise, key, 3);
  CHECK(scales.smallest() < scales.largest());
  CHECK(std::ranges::equal(std::span(own.ballots[1].own_scales).subspan(3 * f.second.size(), f.second.size()),
                           scales.values()));
  const auto expected = member_scores(member, f.second, scales, f.noise, f.options.vote, key, 3);
  CHECK(std::ranges::equal(std::span(own.ballots[1].scores).subspan(3 * 75, 75), expected));
  CHECK_FALSE(std::ranges::equal(scales.values(), member_scales(member, f.second, f.ascent, f.noise, key, 4).values()));
  // Without test noise there is no scale to find.
  f.options.vote.draws = 0;
  const auto without = run_uniform(f.context(), f.train, f.inputs(), f.options);
  f.options.own_scales.reset();
  CHECK(without.ballots[0].own_scales.empty());
  CHECK(without.ballots[0].scores == run_uniform(f.context(), f.train, f.inputs(), f.options).ballots[0].scores);
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
