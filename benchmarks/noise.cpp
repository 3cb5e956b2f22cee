// SPDX-License-Identifier: MIT
// Brief: normal draws a second on one thread, one image's worth at a time, beside std::normal_distribution; and the same
// as noise on an image, rounded to the grid.
#include "certssb/noise/gaussian.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace {

using namespace certssb;

template <class Scalar>
struct keyed {
  void operator()(std::uint32_t draw, std::span<Scalar> out) const {
    gaussian_noise{}.fill(random_key{1, stage::audit, 0, 0, draw}, out);
  }
};

template <class Scalar>
struct standard {
  void operator()(std::uint32_t draw, std::span<Scalar> out) const {
    std::mt19937_64 engine(draw);
    again(engine, out);
  }
  static void again(std::mt19937_64& engine, std::span<Scalar> out) {
    std::normal_distribution<Scalar> law;
    for (Scalar& value : out) value = law(engine);
  }
};

/// Brief: the first four moments of a million draws, each within six standard errors.
template <class Scalar, class Fill>
bool has_normal_moments(const Fill& fill) {
  std::vector<Scalar> draws(1'000'000);
  fill(7, std::span(draws));
  double sums[4] = {};
  for (const Scalar draw : draws) {
    const double z = static_cast<double>(draw);
    sums[0] += z;
    sums[1] += z * z;
    sums[2] += z * z * z;
    sums[3] += z * z * z * z;
  }
  const double means[4] = {0, 1, 0, 3};
  const double variances[4] = {1, 2, 15, 96};
  for (int k = 0; k < 4; ++k) {
    if (std::abs(sums[k] / 1e6 - means[k]) > 6.0 * std::sqrt(variances[k] / 1e6)) return false;
  }
  return true;
}

template <class Scalar>
void keyed_philox(benchmark::State& state) {
  if (!has_normal_moments<Scalar>(keyed<Scalar>{})) return state.SkipWithError("moments are not those of N(0,1)");
  std::vector<Scalar> out(static_cast<std::size_t>(state.range(0)));
  std::uint32_t draw = 0;
  for (auto _ : state) {
    keyed<Scalar>{}(draw++, std::span(out));
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class Scalar>
void released(benchmark::State& state) {
  const gaussian_noise noise{.step = 1.0 / static_cast<double>(state.range(1))};
  std::vector<Scalar> row(784);
  std::uint32_t draw = 0;
  for (auto _ : state) {
    std::ranges::fill(row, Scalar{0.5});
    noise.release(random_key{1, stage::audit, 0, 0, draw++}, 0.5, std::span(row));
    benchmark::DoNotOptimize(row.data());
    benchmark::ClobberMemory();
  }
  for (const Scalar y : row) {
    const double steps = static_cast<double>(y) / noise.step;
    if (steps != std::round(steps)) return state.SkipWithError("noisy rows are off the grid");
  }
  state.SetItemsProcessed(state.iterations() * 784);
}

template <class Scalar>
void standard_mt19937_64(benchmark::State& state) {
  if (!has_normal_moments<Scalar>(standard<Scalar>{})) return state.SkipWithError("moments are not those of N(0,1)");
  std::vector<Scalar> out(static_cast<std::size_t>(state.range(0)));
  std::mt19937_64 engine(1);
  for (auto _ : state) {
    standard<Scalar>::again(engine, std::span(out));
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_TEMPLATE(keyed_philox, float)->Arg(784)->Arg(65536);
BENCHMARK_TEMPLATE(keyed_philox, double)->Arg(784)->Arg(65536);
BENCHMARK_TEMPLATE(released, float)->Args({784, 256})->Args({784, 1024});
BENCHMARK_TEMPLATE(released, double)->Args({784, 1024});
BENCHMARK_TEMPLATE(standard_mt19937_64, float)->Arg(784)->Arg(65536);
BENCHMARK_TEMPLATE(standard_mt19937_64, double)->Arg(784)->Arg(65536);

}  // namespace
