// SPDX-License-Identifier: MIT
// From the votes of parts to certificates: 10,000 test samples, 10 classes; plain parts beside a loop over all pairs of
// classes, smoothed parts beside trying every split, and the other two elections on the same votes.
#include "certssb/radius/parts.hpp"
#include "certssb/core/random.hpp"
#include "certssb/radius/finite_aggregation.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/radius/run_off.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace {

using namespace certssb;

constexpr std::size_t samples = 10000;
constexpr std::size_t elections = 1000;  // made; each is held for ten samples, so that their orders fit into memory
constexpr std::size_t classes = 10;
constexpr std::size_t plain_parts = 1200;
constexpr std::size_t smoothed_parts = 100;

/// Orders of the classes, election after election; the first class is the vote. The share of the models that name the
/// right class grows from election to election.
struct preferences_of_all {
  std::vector<label_type> preferences;  // [elections, k, classes]
  std::vector<label_type> labels;       // [elections, k]
  std::size_t parts;

  explicit preferences_of_all(std::size_t k) : preferences(elections * k * classes), labels(elections * k), parts(k) {
    random_stream draws(random_key{.seed = 1, .where = stage::audit});
    for (std::size_t i = 0; i < elections; ++i) {
      const auto right = static_cast<label_type>(i % classes);
      const double share = 0.2 + 0.7 * static_cast<double>(i) / static_cast<double>(elections);
      for (std::size_t j = 0; j < k; ++j) {
        const std::span<label_type> order = std::span(preferences).subspan((i * k + j) * classes, classes);
        std::iota(order.begin(), order.end(), label_type{0});
        const label_type first = draws.uniform() < share ? right : static_cast<label_type>(draws.below(classes));
        std::rotate(order.begin(), order.begin() + first, order.end());
        labels[i * k + j] = first;
      }
    }
  }

  [[nodiscard]] std::span<const label_type> votes(std::size_t i) const {
    return std::span(labels).subspan(i % elections * parts, parts);
  }
};

const preferences_of_all& plain() {
  static const preferences_of_all made(plain_parts);
  return made;
}

std::vector<part_report> reports(std::size_t i) {
  static const preferences_of_all made(smoothed_parts);
  std::vector<part_report> all;
  for (std::size_t j = 0; j < smoothed_parts; ++j) {
    const double budget = 0.1 + 0.01 * static_cast<double>((i * 31 + j * 17) % 97);
    all.push_back({(i + j) % 13 == 0 ? abstain : made.votes(i)[j], budget});
  }
  return all;
}

/// Plain parts by the formula, class by class.
std::int64_t survives_by_formula(std::span<const label_type> labels) {
  std::vector<std::int64_t> counts(classes);
  for (const label_type label : labels) ++counts[static_cast<std::size_t>(label)];
  const auto y = static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin());
  std::int64_t least = plain_parts;
  for (std::size_t c = 0; c < classes; ++c) {
    if (c != y) least = std::min(least, counts[y] - counts[c] - (c < y ? 1 : 0));
  }
  return least / 2;
}

/// The energy with one part touched, by trying every split of the votes that must be bought.
double energy_by_trying(const part_frontier& frontier, std::span<const part_report> all, std::size_t rows) {
  const part_votes& votes = frontier.votes();
  if (!frontier.survives() || rows > *frontier.survives()) return 0.0;
  double least = 1e300;
  for (std::size_t c = 0; c < classes; ++c) {
    if (static_cast<label_type>(c) == votes.leader()) continue;
    std::vector<double> mine;
    std::vector<double> third;
    for (const part_report& r : all) {
      if (r.label == abstain || r.label == static_cast<label_type>(c)) continue;
      (r.label == votes.leader() ? mine : third).push_back(r.budget * r.budget);
    }
    std::ranges::sort(mine);
    std::ranges::sort(third);
    const std::size_t need = votes.gap(c) + 1 - votes.abstaining() - 2 * (rows + frontier.failures());
    double sum = 0.0;
    for (std::size_t a = 0; a <= mine.size(); ++a) {
      const std::size_t rest = need > 2 * a ? need - 2 * a : 0;
      if (rest <= third.size()) {
        least = std::min(least, std::accumulate(third.begin(), third.begin() + static_cast<std::ptrdiff_t>(rest), sum));
      }
      if (a < mine.size()) sum += mine[a];
    }
  }
  return least;
}

void plain_certificates(benchmark::State& state) {
  for (std::size_t i = 0; i < samples; i += 97) {
    const auto survives = part_votes(plain().votes(i), classes).survives();
    if (!survives || static_cast<std::int64_t>(*survives) != survives_by_formula(plain().votes(i))) {
      return state.SkipWithError("parts survive something else than by the formula");
    }
  }
  for (auto _ : state) {
    for (std::size_t i = 0; i < samples; ++i) {
      benchmark::DoNotOptimize(part_votes(plain().votes(i), classes).survives());
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

void smoothed_certificates(benchmark::State& state) {
  std::vector<std::vector<part_report>> all;
  for (std::size_t i = 0; i < samples; ++i) all.push_back(reports(i));
  for (std::size_t i = 0; i < samples; i += 97) {
    const part_frontier frontier(all[i], classes, 5);
    const double expected = energy_by_trying(frontier, all[i], 1);
    if (std::abs(frontier.energy(1) - expected) > 1e-9 * expected) {
      return state.SkipWithError("energies differ from those of trying every split");
    }
  }
  for (auto _ : state) {
    for (const auto& one : all) benchmark::DoNotOptimize(part_frontier(one, classes, 5).energy(1));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

/// The energies of all rows that can be touched, once the frontier is made.
void whole_frontiers(benchmark::State& state) {
  std::vector<part_frontier> all;
  for (std::size_t i = 0; i < samples; ++i) all.emplace_back(reports(i), classes, 5);
  for (auto _ : state) {
    for (const part_frontier& frontier : all) {
      for (std::size_t rows = 0; frontier.survives() && rows <= *frontier.survives(); ++rows) {
        benchmark::DoNotOptimize(frontier.energy(rows));
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

void run_off_certificates(benchmark::State& state) {
  const auto orders = [](std::size_t i) {
    return std::span(plain().preferences).subspan(i % elections * plain_parts * classes, plain_parts * classes);
  };
  for (auto _ : state) {
    for (std::size_t i = 0; i < samples; ++i) benchmark::DoNotOptimize(run_off(orders(i), classes));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

/// The same votes as those of k d models: 1,200 models, of which each row is seen by d.
void finite_certificates(benchmark::State& state) {
  const auto d = static_cast<std::size_t>(state.range(0));
  std::vector<std::size_t> shifts;
  for (std::size_t s = 0; s < d; ++s) shifts.push_back((s * s * 37 + s) % plain_parts);
  const finite_aggregation rule(plain_parts, shifts);
  if (d == 1) {
    for (std::size_t i = 0; i < samples; i += 97) {
      if (static_cast<std::int64_t>(rule.certify(plain().votes(i), classes).survives) !=
          survives_by_formula(plain().votes(i))) {
        return state.SkipWithError("one shift survives something else than plain parts");
      }
    }
  }
  for (auto _ : state) {
    for (std::size_t i = 0; i < samples; ++i) benchmark::DoNotOptimize(rule.certify(plain().votes(i), classes));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples));
}

}  // namespace

BENCHMARK(plain_certificates)->Unit(benchmark::kMillisecond);
BENCHMARK(smoothed_certificates)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_frontiers)->Unit(benchmark::kMillisecond);
BENCHMARK(run_off_certificates)->Unit(benchmark::kMillisecond);
BENCHMARK(finite_certificates)->Arg(1)->Arg(4)->Arg(16)->Unit(benchmark::kMillisecond);
