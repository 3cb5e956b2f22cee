// SPDX-License-Identifier: MIT
// Training an ensemble of the papers' network, and the sigma ascent, on 1 and 2 threads.
#include "certssb/backend/tbb.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/train.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/tensor/host_array.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace {

using namespace certssb;
using array = host_array<float>;

// Two classes of 28x28 pictures: one half of each is brighter.
const dataset<array>& pictures() {
  static const dataset<array> rows = [] {
    const std::size_t n = 1280;
    std::vector<float> values(n * 784);
    std::vector<label_type> labels(n);
    random_stream stream(random_key{1, stage::synthetic});
    for (std::size_t i = 0; i < n; ++i) {
      labels[i] = static_cast<label_type>(i % 2);
      for (std::size_t k = 0; k < 784; ++k) {
        const double bright = (k % 28 < 14) == (i % 2 == 0) ? 0.5 : 0.1;
        values[i * 784 + k] = static_cast<float>(bright + 0.4 * stream.uniform());
      }
    }
    return dataset<array>(array(std::move(values), 784), std::move(labels), 2, {1, 28, 28});
  }();
  return rows;
}

auto trained(const tbb_executor& run, std::size_t models) {
  static const noise_scales scales = noise_scales::constant(pictures().size(), 0.5);
  silent_observer silent;
  return train_ensemble(cnn_learner<float>({.epochs = 1}), pictures(), scales, gaussian_noise{}, random_key{2}, models,
                        run, silent);
}

void train(benchmark::State& state) {
  const tbb_executor run(static_cast<std::size_t>(state.range(0)));
  auto serial = trained(tbb_executor(1), 1);
  auto threaded = trained(run, 2);
  if (!std::ranges::equal(serial[0].parameters(), threaded[0].parameters())) {
    state.SkipWithError("members depend on the number of threads");
    return;
  }
  constexpr std::size_t models = 4;
  for (auto _ : state) benchmark::DoNotOptimize(trained(run, models));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(models * pictures().size()));
}
BENCHMARK(train)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

template <class Estimator>
void ascent(benchmark::State& state) {
  const tbb_executor run(static_cast<std::size_t>(state.range(0)));
  const auto base = trained(run, 1)[0];
  silent_observer silent;
  const ascent_options options{.steps = 1, .draws = 8};
  for (auto _ : state) {
    benchmark::DoNotOptimize(ascend(Estimator{}, base, pictures(), pictures().labels(), options, gaussian_noise{},
                                    random_key{3}, run, silent));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(8 * pictures().size()));
}
BENCHMARK(ascent<pathwise_estimator>)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(ascent<detached_estimator>)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
