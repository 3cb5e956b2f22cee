// SPDX-License-Identifier: MIT
#pragma once
// Brief: the multiply-add limit of one core, measured, and counters that set a benchmark against it.

#include "certssb/model/detail/kernel/simd.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench {

/// Brief: float operations a second of one core that does nothing but multiply and add: the best of 30 short runs.
inline double fma_peak() {
  using namespace certssb::detail;
  using clock = std::chrono::steady_clock;
  static const double peak = []() __attribute__((flatten)) {
    constexpr std::size_t chains = 12;
    constexpr std::size_t steps = 100'000;
    double best = 0.0;
    for (int run = 0; run < 30; ++run) {
      const simd<float> factor = simd<float>{} + 0.999F;
      std::array<simd<float>, chains> sum{};
      const auto start = clock::now();
      for (std::size_t i = 0; i < steps; ++i) {
        unrolled<chains>([&](auto c) { sum[c] = sum[c] * factor + factor; });
      }
      const std::chrono::duration<double> taken = clock::now() - start;
      for (simd<float>& s : sum) benchmark::DoNotOptimize(s);
      best = std::max(best, 2.0 * chains * steps * lanes<float> / taken.count());
    }
    return best;
  }
  ();
  return peak;
}

/// Brief: rows a second; of operations a row, GFLOP/s and the share of that limit, times the threads at work.
inline void count_rows(benchmark::State& state, std::size_t rows, double operations = 0.0, std::size_t threads = 1) {
  using benchmark::Counter;
  state.SetItemsProcessed(static_cast<std::int64_t>(rows) * static_cast<std::int64_t>(state.iterations()));
  if (operations == 0.0) return;
  const double all = operations * static_cast<double>(rows);
  state.counters["GFLOP/s"] = Counter(1e-9 * all, Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] =
      Counter(all / (fma_peak() * static_cast<double>(threads)), Counter::kIsIterationInvariantRate);
}

/// Brief: operations a row of the papers' network on 28 x 28 pixels and two classes: every product of its layers,
/// whether the kernels compute it or know it to be zero.
inline constexpr double convolution_1 = 2.0 * 24 * 24 * 16 * 25;
inline constexpr double convolution_2 = 2.0 * 8 * 8 * 32 * 400;
inline constexpr double dense_1 = 2.0 * 512 * 512;
inline constexpr double dense_2 = 2.0 * 512 * 2;
inline constexpr double forward_operations = convolution_1 + convolution_2 + dense_1 + dense_2;
inline constexpr double training_operations = 2.0 * convolution_1 + 3.0 * (convolution_2 + dense_1 + dense_2);

}  // namespace bench
