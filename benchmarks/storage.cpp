// SPDX-License-Identifier: MIT
// Storage-update of n rows of 784 scalars, beside a loop that takes every distance in full.
#include "certssb/backend/tbb.hpp"
#include "certssb/core/random.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"
#include "largest_memory.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

using namespace certssb;

constexpr std::size_t dimension = 784;

struct problem {
  host_array<float> centres;
  std::vector<label_type> labels;
  std::vector<double> radii;
};

/// Rows around some random pictures, with two labels, so that some balls meet.
problem make_problem(std::size_t n, double spread, std::size_t pictures_count) {
  random_stream draws(random_key{.seed = 3, .where = stage::audit});
  std::vector<float> pictures(pictures_count * dimension);
  for (float& x : pictures) x = static_cast<float>(draws.uniform());
  std::vector<float> values;
  problem made;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t picture = draws.below(static_cast<std::uint32_t>(pictures_count));
    for (std::size_t j = 0; j < dimension; ++j) {
      values.push_back(pictures[picture * dimension + j] + static_cast<float>(spread * (draws.uniform() - 0.5)));
    }
    made.labels.push_back(static_cast<label_type>(draws.below(2)));
    made.radii.push_back(draws.uniform());
  }
  made.centres = host_array<float>(std::move(values), dimension);
  return made;
}

/// The rule under policy min with no filter and no rounding care: label and radius of each row.
std::vector<std::pair<label_type, double>> raw_update(const problem& p) {
  std::vector<std::pair<label_type, double>> answers;
  std::vector<std::size_t> stored;
  std::vector<double> distances;
  for (std::size_t i = 0; i < p.labels.size(); ++i) {
    const float* x = p.centres.values.data() + i * dimension;
    distances.clear();
    for (const std::size_t k : stored) {
      const float* c = p.centres.values.data() + k * dimension;
      double sum = 0.0;
      for (std::size_t j = 0; j < dimension; ++j) {
        const double step = static_cast<double>(x[j]) - static_cast<double>(c[j]);
        sum += step * step;
      }
      distances.push_back(std::sqrt(sum));
    }
    label_type label = p.labels[i];
    double radius = p.radii[i];
    double slack = 0.0;
    for (std::size_t s = 0; s < stored.size(); ++s) {
      const double space = answers[stored[s]].second - distances[s];
      if (space > slack) {
        slack = space;
        label = answers[stored[s]].first;
      }
    }
    if (label != p.labels[i]) radius = std::min(radius, slack);
    double room = std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < stored.size(); ++s) {
      if (answers[stored[s]].first != label) room = std::min(room, distances[s] - answers[stored[s]].second);
    }
    radius = std::max(0.0, std::min(radius, room));
    answers.emplace_back(label, radius);
    if (radius > 0.0) stored.push_back(i);
  }
  return answers;
}

std::vector<stored_answer> update(const problem& p) {
  return storage_update(p.centres, std::span<const label_type>(p.labels), std::span<const double>(p.radii),
                        storage_policy::min, tbb_executor());
}

problem problem_of(const benchmark::State& state, std::size_t n) {
  return make_problem(n, static_cast<double>(state.range(1)) / 100.0, static_cast<std::size_t>(state.range(2)));
}

/// Rows; the spread in hundredths: at 10 the rows of one picture are about 1.1 apart, so that many balls meet, at 40
/// about 4.6, so that none do; pictures: the balls of two are out of each other's reach.
void storage(benchmark::State& state) {
  const problem p = problem_of(state, static_cast<std::size_t>(state.range(0)));
  const problem small = problem_of(state, 1000);
  const auto raw = raw_update(small);
  const auto answers = update(small);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (answers[i].label != raw[i].first || std::abs(answers[i].radius - raw[i].second) > 1e-9) {
      return state.SkipWithError("answers differ from the raw loop's");
    }
  }
  for (auto _ : state) benchmark::DoNotOptimize(update(p));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["MiB"] = largest_memory();
}

/// Rows spread along a line 200 long, so that most groups are out of reach: the time shows how the cost then grows.
void storage_on_a_line(benchmark::State& state) {
  problem p = make_problem(static_cast<std::size_t>(state.range(0)), 0.1, 1);
  random_stream draws(random_key{.seed = 4, .where = stage::audit});
  for (std::size_t i = 0; i < p.labels.size(); ++i) {
    const auto shift = static_cast<float>(200.0 / std::sqrt(double{dimension}) * draws.uniform());
    for (std::size_t j = 0; j < dimension; ++j) p.centres.values[i * dimension + j] += shift;
  }
  for (auto _ : state) benchmark::DoNotOptimize(update(p));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void raw_loop(benchmark::State& state) {
  const problem p = problem_of(state, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(raw_update(p));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

}  // namespace

BENCHMARK(storage)
    ->Args({10000, 10, 10})
    ->Args({10000, 40, 10})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(storage)
    ->Args({100000, 10, 10})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(storage_on_a_line)
    ->Arg(10000)
    ->Arg(40000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(raw_loop)->Args({2000, 10, 10})->Unit(benchmark::kMillisecond)->UseRealTime();
