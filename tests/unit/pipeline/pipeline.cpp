// SPDX-License-Identifier: MIT
#include "certssb/pipeline.hpp"

#include "certssb/data/synthetic.hpp"
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
  auto inputs() const { return std::span<const rows_type* const>(tests); }
};

}  // namespace

TEST_CASE("every member votes once on every input, as its scores say", "[pipeline]") {
  fixture f;
  const auto outcome = run_uniform(f.context(), f.train, f.inputs(), f.options);
  CHECK(outcome.train_scales.smallest() == 0.4);
  CHECK(outcome.train_scales.largest() == 0.4);
  CHECK_FALSE(outcome.scales_from_ascent);
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
  CHECK(own.scales_from_ascent);
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
