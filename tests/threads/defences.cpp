// SPDX-License-Identifier: MIT
// Every defence on threads that a thread sanitizer can follow: it does not see inside oneTBB.

#include "certssb/run/defences.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace certssb;

namespace {

/// Brief: three threads, each taking the next body until none is left.
struct thread_executor {
  [[nodiscard]] static std::size_t concurrency() { return 3; }

  template <class Body>
  void for_each(std::size_t count, Body&& body) const {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < concurrency(); ++t) {
      threads.emplace_back([&] {
        for (std::size_t i = next++; i < count; i = next++) body(i);
      });
    }
  }
};

static_assert(executor<thread_executor>);

using rows_type = dataset<host_array<float>>;

struct after_five {
  int members = 0;
  bool add(std::span<const label_type>) { return ++members == 5; }
};

/// Brief: the votes of `defence(context, training rows, test inputs)` on both executors.
template <class Learner, class Defence>
void check_same_votes(const Learner& method, const Defence& defence) {
  const gaussian_blobs_problem problem{3, 4, 4.0, 0.5};
  const auto rows = [&](std::size_t n, std::uint64_t seed) {
    const auto drawn = draw_dataset(problem, n, random_key{seed});
    const auto& values = drawn.inputs().values;
    return rows_type(host_array<float>({values.begin(), values.end()}, 4),
                     {drawn.labels().begin(), drawn.labels().end()}, 3, {4}, {-100.0, 100.0});
  };
  const rows_type test = rows(60, 2);
  const std::array<const rows_type*, 1> tests{&test};
  const auto votes = [&](const auto& run) {
    silent_observer silent;
    const gaussian_noise noise;
    const auto outcome = defence(defence_context{method, noise, run, silent, random_key{4}}, rows(70, 1),
                                 std::span<const rows_type* const>(tests));
    const auto values = outcome.ballots[0].votes.values();
    return std::vector<std::int64_t>(values.begin(), values.end());
  };
  CHECK(votes(thread_executor{}) == votes(serial_executor{}));
}

const smoothing_options options{.sigma = 0.4, .models = 7, .vote = {.draws = 2}};
const ascent_options ascent{.initial = 0.4, .floor = 0.2, .steps = 2, .draws = 4};
const fit_options short_fit{.epochs = 2, .batch = 16, .learning_rate = 0.05};

}  // namespace

TEST_CASE("members of every defence share nothing but the rows", "[threads]") {
  const auto method = logistic_learner<float>(short_fit);
  check_same_votes(method, [](const auto& context, const rows_type& train, auto tests) {
    return run_uniform(context, train, tests, options);
  });
  check_same_votes(method, [](const auto& context, const rows_type& train, auto tests) {
    const auto scales = training_scales::per_class(train.labels(), std::vector<double>{0.3, 0.4, 0.5});
    return run_frozen(context, train, scales, tests, options);
  });
  check_same_votes(method, [](const auto& context, const rows_type& train, auto tests) {
    return run_sample_specific(context, pathwise_estimator{}, train, tests, options, ascent);
  });
  check_same_votes(method, [](const auto& context, const rows_type& train, auto tests) {
    return run_floor(context, pathwise_estimator{}, train, tests, options, ascent);
  });
}

TEST_CASE("members of a ledger share nothing but the ledger", "[threads]") {
  const ledger_learner method(logistic_learner<float>(short_fit), {.initial = 0.4, .ceiling = 2.0, .rate = 1.0});
  check_same_votes(method, [](const auto& context, rows_type train, auto tests) {
    const auto caps = exposure_caps<l2_norm>::exposures(train.size(), 0.4, 2);
    noise_ledger ledger(std::move(train), caps, gaussian_noise{}, random_key{8});
    return run_ledger(context, ledger, tests, options);
  });
}

TEST_CASE("a stopping rule sees members in order whatever the threads", "[threads]") {
  check_same_votes(logistic_learner<float>(short_fit), [](const auto& context, const rows_type& train, auto tests) {
    after_five rule;
    return run_uniform(context, train, tests, options, rule);
  });
}
