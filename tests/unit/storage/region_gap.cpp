// SPDX-License-Identifier: MIT
#include "certssb/storage/region_gap.hpp"
#include "certssb/backend/tbb.hpp"
#include "certssb/core/random.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

using namespace certssb;

namespace {

template <class Scalar>
void check_gap(std::size_t n, std::size_t d, double largest) {
  random_stream draws(random_key{.seed = 11 + n + d});
  std::vector<Scalar> values(n * d);
  for (Scalar& x : values) x = static_cast<Scalar>(draws.uniform());
  std::vector<label_type> labels(n);
  std::vector<double> radii(n);
  for (std::size_t i = 0; i < n; ++i) {
    labels[i] = static_cast<label_type>(draws.below(3));
    radii[i] = draws.below(5) == 0 ? 0.0 : largest * draws.uniform();
  }
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (labels[i] == labels[j] || radii[i] == 0.0 || radii[j] == 0.0) continue;
      double square = 0.0;
      for (std::size_t p = 0; p < d; ++p) {
        square += std::pow(static_cast<double>(values[i * d + p]) - static_cast<double>(values[j * d + p]), 2.0);
      }
      least = std::min(least, std::sqrt(square) - radii[i] - radii[j]);
    }
  }
  const host_array<Scalar> centres(values, d);
  const std::span<const label_type> l(labels);
  const std::span<const double> r(radii);
  const auto gap = region_gap(centres, l, r);
  REQUIRE(gap.has_value());
  CHECK(*gap == Approx(least).margin(1e-12));
  CHECK(region_gap(centres, l, r, tbb_executor(2)) == gap);
  // Without an overlap nothing is trimmed or adopted; with one, something is.
  const auto answers = storage_update(centres, l, r, storage_policy::min);
  const bool acted = std::ranges::any_of(answers, [](const stored_answer& a) {
    return a.event == storage_event::trim || a.event == storage_event::adopt;
  });
  CHECK(acted == (*gap < 0.0));
}

std::optional<double> gap_of(const std::vector<double>& line, const std::vector<label_type>& labels,
                             const std::vector<double>& radii) {
  return region_gap(host_array<double>(line, 1), std::span<const label_type>(labels), std::span<const double>(radii));
}

}  // namespace

TEST_CASE("the gap between regions of different labels is the least of all pairs", "[storage]") {
  for (const double largest : {0.01, 0.3, 3.0}) {
    check_gap<double>(60, 3, largest);
    check_gap<double>(40, 200, largest);
    check_gap<float>(80, 700, largest);
  }
  CHECK(gap_of({0.0, 3.0, 10.0}, {0, 1, 0}, {1.0, 0.5, 2.0}) == 1.5);
  CHECK(gap_of({0.0, 1.0}, {0, 1}, {1.0, 0.5}) == -0.5);
}

TEST_CASE("regions of one label, or none, have no gap", "[storage]") {
  CHECK_FALSE(gap_of({}, {}, {}).has_value());
  CHECK_FALSE(gap_of({0.0, 1.0}, {1, 1}, {1.0, 1.0}).has_value());
  CHECK_FALSE(gap_of({0.0, 1.0}, {0, 1}, {1.0, 0.0}).has_value());
  CHECK_FALSE(gap_of({0.0, 1.0}, {0, -1}, {1.0, 0.0}).has_value());
  CHECK_THROWS_WITH(gap_of({0.0, 1.0}, {0}, {1.0, 1.0}), "region_gap: 2 centres but 1 labels and 2 radii");
  CHECK_THROWS_WITH(gap_of({0.0, 1.0}, {0, 1}, {1.0, -1.0}), Catch::Contains("radius must be finite"));
}
