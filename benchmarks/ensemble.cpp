// SPDX-License-Identifier: MIT
// Brief: training an ensemble of the papers' network, its votes and the sigma ascent, on 1 and 2 threads; and that the
// memory of training does not depend on the number of members. The noise is included everywhere.

#include "certssb/backend/tbb.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/sigma/grid.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/vote/member_scores.hpp"
#include "largest_memory.hpp"
#include "peak.hpp"
#include "pictures.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace {

using namespace certssb;
using array = host_array<float>;

const dataset<array>& pictures() {
  static const dataset<array> rows = bench::make_pictures(3840);
  return rows;
}

constexpr std::size_t epochs = 2;
const training_scales& scales() {
  static const auto same = training_scales::constant(pictures().size(), 0.5);
  return same;
}

auto trained(const tbb_executor& run, std::size_t models) {
  const auto method = cnn_learner<float>({.epochs = epochs});
  const auto member = [&](std::size_t m) {
    return fit_member(method, pictures(), scales(), gaussian_noise{}, random_key{2}, m);
  };
  std::vector<std::optional<decltype(member(0))>> members(models);
  run.for_each(models, [&](std::size_t m) { members[m].emplace(member(m)); });
  return members;
}

void train(benchmark::State& state) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  const tbb_executor run(threads);
  auto serial = trained(tbb_executor(1), 1);
  auto threaded = trained(run, 2);
  if (!std::ranges::equal(serial[0]->parameters(), threaded[0]->parameters())) {
    state.SkipWithError("members depend on the number of threads");
    return;
  }
  constexpr std::size_t models = 2;
  for (auto _ : state) benchmark::DoNotOptimize(trained(run, models));
  bench::count_rows(state, models * epochs * pictures().size(), bench::training_operations, threads);
}
BENCHMARK(train)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Brief: members that are used and dropped, as votes are collected; memory grown beyond that of training two.
void train_many(benchmark::State& state) {
  const auto models = static_cast<std::size_t>(state.range(0));
  const tbb_executor run(2);
  const auto method = cnn_learner<float>({.epochs = 1});
  const auto train_and_drop = [&](std::size_t count) {
    run.for_each(count, [&](std::size_t m) {
      auto member = fit_member(method, pictures(), scales(), gaussian_noise{}, random_key{2}, m);
      benchmark::DoNotOptimize(member.parameters().data());
    });
  };
  train_and_drop(2);
  const double before = largest_memory();
  for (auto _ : state) train_and_drop(models);
  state.counters["MiB"] = largest_memory();
  state.counters["MiB_grown"] = largest_memory() - before;
}
BENCHMARK(train_many)->ArgName("models")->Arg(2)->Arg(16)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Brief: one noisy vote of one member on every row, checked against the member's scores without noise at a scale near 0.
void votes(benchmark::State& state) {
  auto member = *trained(tbb_executor(1), 1)[0];
  std::vector<float> plain(pictures().size() * 2);
  member.scores(pictures().inputs(), plain);
  const gaussian_noise least{.step = 0x1p-26};
  const auto still = test_scales::constant(pictures().size(), least.step);
  const auto near = member_scores(member, pictures(), still, least, {}, random_key{3}, 0);
  if (!std::ranges::equal(near, plain, [](float a, float b) { return std::abs(a - b) < 1e-4F; })) {
    state.SkipWithError("votes without noise are not the scores");
    return;
  }
  const test_scales applied{noise_scales(scales())};
  for (auto _ : state) {
    benchmark::DoNotOptimize(member_scores(member, pictures(), applied, gaussian_noise{}, {}, random_key{3}, 0));
  }
  bench::count_rows(state, pictures().size(), bench::forward_operations);
}
BENCHMARK(votes)->Unit(benchmark::kMillisecond);

/// Brief: the mean proxy radius of rows at the scales found for them, over 64 draws of their own.
double mean_radius(small_cnn<float> base, const dataset<array>& rows, const noise_scales& found) {
  const auto p = member_scores(base, rows, test_scales(found), gaussian_noise{}, {.draws = 64}, random_key{4}, 0);
  const radius_proxy proxy(0.02);
  double mean = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto a = static_cast<std::size_t>(rows.labels()[i]);
    mean += proxy.radius({p[2 * i + a], p[2 * i + 1 - a]}, found[i]) / static_cast<double>(rows.size());
  }
  return mean;
}

/// Brief: a scale for each of 512 rows, by 10 steps of 8 draws or by a grid of 16 scales and 8 draws.
template <class Search>
void scale_of_each_row(benchmark::State& state) {
  const tbb_executor run(static_cast<std::size_t>(state.range(0)));
  const auto base = *trained(run, 1)[0];
  silent_observer silent;
  const ascent_options options{.steps = 10, .draws = 8};
  const auto some = bench::make_pictures(512);
  const auto find = [&](const auto& executor) {
    return ascend(Search{}, base, some, some.labels(), options, gaussian_noise{}, random_key{3}, executor, silent)
        .scales;
  };
  const auto found = find(run);
  if (!std::ranges::equal(found.values(), find(serial_executor{}).values())) {
    state.SkipWithError("scales depend on the number of threads");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(find(run));
  bench::count_rows(state, some.size());
  state.counters["mean_radius"] = mean_radius(base, some, found);
}
BENCHMARK(scale_of_each_row<pathwise_estimator>)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(scale_of_each_row<grid_search>)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(scale_of_each_row<detached_estimator>)
    ->ArgName("threads")
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
