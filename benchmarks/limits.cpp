// SPDX-License-Identifier: MIT
// Brief: the two limits of one core that docs/performance.md holds the stages against: multiply-adds, and memory.

#include "peak.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <numeric>
#include <vector>

namespace {

void multiply_add(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(bench::fma_peak());
  state.counters["GFLOP/s"] = bench::fma_peak() / 1e9;
}
BENCHMARK(multiply_add)->Iterations(1);

/// Brief: reads of 256 MiB, far more than any cache holds, eight sums side by side.
void read_memory(benchmark::State& state) {
  const std::vector<float> values(std::size_t{1} << 26U, 1.0F);
  using namespace certssb::detail;
  for (auto _ : state) {
    std::array<simd<float>, 8> sums{};
    for (std::size_t i = 0; i < values.size(); i += 8 * lanes<float>) {
      unrolled<8>([&](auto s) { sums[s] += load(values.data() + i + s * lanes<float>); });
    }
    float sum = 0.0F;
    for (const simd<float>& s : sums) sum += total<float>(s);
    if (sum != static_cast<float>(values.size())) return state.SkipWithError("the sum is wrong");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(values.size() * sizeof(float)));
}
BENCHMARK(read_memory)->Unit(benchmark::kMillisecond);

}  // namespace
