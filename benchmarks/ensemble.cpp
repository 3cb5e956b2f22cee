// SPDX-License-Identifier: MIT
// Brief: training an ensemble of the papers' network, its votes and the sigma ascent, on 1 and 2 threads; and that the
// memory of training does not depend on the number of members. The noise is included everywhere.

#include "certssb/backend/tbb.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/train.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/vote/member_scores.hpp"
#include "peak.hpp"
#include "pictures.hpp"

#include <benchmark/benchmark.h>

#include <sys/resource.h>

#include <algorithm>

namespace {

using namespace certssb;
using array = host_array<float>;

const dataset<array>& pictures() {
  static const dataset<array> rows = bench::make_pictures(3840);
  return rows;
}

constexpr std::size_t epochs = 2;
const noise_scales& scales() {
  static const noise_scales same = noise_scales::constant(pictures().size(), 0.5);
  return same;
}

auto trained(const tbb_executor& run, std::size_t models) {
  silent_observer silent;
  return train_ensemble(cnn_learner<float>({.epochs = epochs}), pictures(), scales(), gaussian_noise{}, random_key{2},
                        models, run, silent);
}

void train(benchmark::State& state) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  const tbb_executor run(threads);
  auto serial = trained(tbb_executor(1), 1);
  auto threaded = trained(run, 2);
  if (!std::ranges::equal(serial[0].parameters(), threaded[0].parameters())) {
    state.SkipWithError("members depend on the number of threads");
    return;
  }
  constexpr std::size_t models = 2;
  for (auto _ : state) benchmark::DoNotOptimize(trained(run, models));
  bench::count_rows(state, models * epochs * pictures().size(), bench::training_operations, threads);
}
BENCHMARK(train)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Brief: the largest memory this process has had, in MiB.
double largest_memory() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024.0;
}

/// Brief: members that are used and dropped, as votes are collected; memory grown beyond that of training two.
void train_many(benchmark::State& state) {
  const auto models = static_cast<std::size_t>(state.range(0));
  const tbb_executor run(2);
  silent_observer silent;
  const auto train_and_drop = [&](std::size_t count) {
    train_members(cnn_learner<float>({.epochs = 1}), pictures(), scales(), gaussian_noise{}, random_key{2}, count, run,
                  silent, [](std::size_t, auto& member) { benchmark::DoNotOptimize(member.parameters().data()); });
  };
  train_and_drop(2);
  const double before = largest_memory();
  for (auto _ : state) train_and_drop(models);
  state.counters["MiB"] = largest_memory();
  state.counters["MiB_grown"] = largest_memory() - before;
}
BENCHMARK(train_many)->ArgName("models")->Arg(2)->Arg(16)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Brief: one noisy vote of one member on every row, checked against the member's scores without noise at scale 0+.
void votes(benchmark::State& state) {
  auto member = trained(tbb_executor(1), 1)[0];
  std::vector<float> plain(pictures().size() * 2);
  member.scores(pictures().inputs(), plain);
  const auto still = noise_scales::constant(pictures().size(), 1e-12);
  if (member_scores(member, pictures(), still, gaussian_noise{}, {}, random_key{3}, 0) != plain) {
    state.SkipWithError("votes without noise are not the scores");
    return;
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(member_scores(member, pictures(), scales(), gaussian_noise{}, {}, random_key{3}, 0));
  }
  bench::count_rows(state, pictures().size(), bench::forward_operations);
}
BENCHMARK(votes)->Unit(benchmark::kMillisecond);

template <class Estimator>
void ascent(benchmark::State& state) {
  const tbb_executor run(static_cast<std::size_t>(state.range(0)));
  const auto base = trained(run, 1)[0];
  silent_observer silent;
  const ascent_options options{.steps = 10, .draws = 8};
  const auto some = bench::make_pictures(512);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        ascend(Estimator{}, base, some, some.labels(), options, gaussian_noise{}, random_key{3}, run, silent));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(some.size()));
}
BENCHMARK(ascent<pathwise_estimator>)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(ascent<detached_estimator>)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
