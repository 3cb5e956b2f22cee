// SPDX-License-Identifier: MIT
// From votes to certificates: 10,000 test samples, 10 classes, beside a loop that bounds every sample anew.
#include "certssb/certificate/certify.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/random.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/vote_count.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

namespace {

using namespace certssb;

constexpr std::size_t samples = 10000;
constexpr std::size_t classes = 10;
constexpr double alpha = 0.001;

const vote_counts& votes(std::int64_t models) {
  static std::vector<std::pair<std::int64_t, vote_counts>> made;
  for (const auto& [m, table] : made) {
    if (m == models) return table;
  }
  std::vector<std::int64_t> counts(samples * classes);
  random_stream draws(random_key{.seed = 1, .where = stage::audit});
  for (std::size_t i = 0; i < samples; ++i) {
    std::int64_t left = models;
    for (std::size_t c = 0; c < classes && left > 0; ++c) {
      const auto some = static_cast<std::int64_t>(draws.below(static_cast<std::uint32_t>(left) + 1U));
      counts[i * classes + c] = c + 1 == classes ? left : some;
      left -= counts[i * classes + c];
    }
  }
  made.reserve(8);
  return made.emplace_back(models, vote_counts(counts, classes, models)).second;
}

const uniform_mode& mode() {
  static const auto uniform = uniform_mode::from_parts(training_scales::constant(1000, 0.5), gaussian_noise{});
  return uniform;
}

std::vector<double> raw_radii(const vote_counts& table) {
  std::vector<double> radii;
  for (std::size_t i = 0; i < samples; ++i) {
    const auto top = no_split::bound_top(table[i], clopper_pearson{}, alpha);
    radii.push_back(gaussian_l2::scaled(gaussian_l2::budget(top.lower, top.upper), 0.5));
  }
  return radii;
}

template <class Bound, class Selection>
void certify_table(benchmark::State& state) {
  const vote_counts& table = votes(state.range(0));
  if constexpr (std::is_same_v<Bound, clopper_pearson> && std::is_same_v<Selection, no_split>) {
    const auto certificates = certify(table, Bound{}, Selection{}, mode(), alpha);
    const auto raw = raw_radii(table);
    for (std::size_t i = 0; i < samples; ++i) {
      if (certificates[i].radius.value() != raw[i]) return state.SkipWithError("radii differ from the raw loop's");
    }
  }
  for (auto _ : state) benchmark::DoNotOptimize(certify(table, Bound{}, Selection{}, mode(), alpha));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

void raw_loop(benchmark::State& state) {
  const vote_counts& table = votes(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(raw_radii(table));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

}  // namespace

BENCHMARK_TEMPLATE(certify_table, clopper_pearson, no_split)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(certify_table, clopper_pearson, two_sided)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(certify_table, hoeffding, no_split)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(raw_loop)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
