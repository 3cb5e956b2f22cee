// SPDX-License-Identifier: MIT
#include "certssb/sigma/knn_selector.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/core/random_normal.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;

namespace {

using array = host_array<double>;

dataset<array> rows_of(std::vector<double> values, std::size_t size) {
  const std::size_t n = values.size() / size;
  return {array(std::move(values), size), std::vector<label_type>(n, 0), 2, {size}, {-100.0, 100.0}};
}

std::vector<double> values(const noise_scales& scales) { return {scales.values().begin(), scales.values().end()}; }

}  // namespace

TEST_CASE("scales follow the mean distance to the nearest trusted rows", "[sigma]") {
  const auto trusted = rows_of({0, 0, 3, 4, 0, 10}, 2);
  const knn_selector selector(trusted, {.neighbours = 2, .initial = 0.5, .elasticity = 0.1, .centre = 1.0});
  const auto rows = rows_of({0, 0, 3, 0, 0, 100}, 2);
  // From (0,0): 0 and 5. From (3,0): 3 and 4. From (0,100): 90 and sqrt(9 + 96^2).
  const auto d = selector.distances(rows, serial_executor{});
  CHECK(d[0] == 2.5);
  CHECK(d[1] == 3.5);
  CHECK(d[2] == Approx(0.5 * (90.0 + std::sqrt(9225.0))).epsilon(1e-15));
  const auto scales = selector.elastic(rows, serial_executor{});
  CHECK(scales[0] == Approx(0.5 * std::exp(0.15)).epsilon(1e-14));
  CHECK(scales[1] == Approx(0.5 * std::exp(0.25)).epsilon(1e-14));
  CHECK(scales[2] == 1.0);  // the ceiling
}

TEST_CASE("log scales change by no more than the elasticity times the distance", "[sigma]") {
  const gaussian_blobs_problem problem{2, 5, 3.0, 1.0};
  const auto trusted = draw_dataset(problem, 40, random_key{71});
  const auto a = draw_dataset(problem, 300, random_key{72});
  const knn_selector selector(
      trusted, {.neighbours = 3, .initial = 0.5, .elasticity = 0.7, .centre = 2.0, .floor = 0.3, .ceiling = 0.9});
  random_stream stream(random_key{73, stage::audit});
  std::vector<double> moved(a.inputs().values);
  std::vector<double> distance(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::vector<double> step(5);
    fill_normal(random_key{74}.for_sample(static_cast<std::uint32_t>(i)), std::span(step));
    const double length = 2.0 * stream.uniform() * stream.uniform();
    for (std::size_t k = 0; k < 5; ++k) {
      moved[5 * i + k] += length * step[k];
      distance[i] += length * step[k] * length * step[k];
    }
    distance[i] = std::sqrt(distance[i]);
  }
  const auto b = rows_of(std::move(moved), 5);
  const auto before = selector.elastic(a, serial_executor{});
  const auto after = selector.elastic(b, serial_executor{});
  double closest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double change = std::abs(std::log(after[i] / before[i]));
    CHECK(change <= 0.7 * distance[i] * (1.0 + 1e-12));
    closest = std::max(closest, change / (0.7 * distance[i]));
  }
  CHECK(closest > 0.5);

  // A move shorter than rho keeps the quantised scale, and the scale never exceeds the unquantised one but by the
  // floor.
  std::size_t kept = 0, changed = 0;
  const auto grid = selector.quantised(a, 0.2, serial_executor{});
  const auto grid_after = selector.quantised(b, 0.2, serial_executor{});
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(grid.scales[i] <= before[i] * (1.0 + 1e-12));
    CHECK(grid.scales[i] >= 0.3 * (1.0 - 1e-12));
    if (distance[i] < grid.constant_within[i]) {
      CHECK(grid_after.scales[i] == grid.scales[i]);
      ++kept;
    } else if (grid_after.scales[i] != grid.scales[i]) {
      ++changed;
    }
  }
  CHECK(kept > 20);
  CHECK(changed > 20);
}

TEST_CASE("rho is the distance to the nearest edge over the elasticity, rounded down", "[sigma]") {
  // On the line with one trusted row at 0 the distance is |x|: log s = |x| - 1, the grid log(.5) + .4 j up to log 1.
  const auto trusted = rows_of({0.0}, 1);
  const knn_selector selector(
      trusted, {.neighbours = 1, .initial = 1.0, .elasticity = 1.0, .centre = 1.0, .floor = 0.5, .ceiling = 1.0});
  const double low = std::log(0.5);
  const auto rows = rows_of({0.0, 0.5, 0.9, 3.0}, 1);
  const auto grid = selector.quantised(rows, 0.4, serial_executor{});
  // Cells of |x|: below 1 + low + .4 = .7069 the floor, above it .5 e^.4, the last.
  const double edge = 1.0 + low + 0.4;
  CHECK(grid.scales[0] == Approx(0.5).epsilon(1e-15));
  CHECK(grid.scales[1] == Approx(0.5).epsilon(1e-15));
  CHECK(grid.scales[2] == Approx(0.5 * std::exp(0.4)).epsilon(1e-15));
  CHECK(grid.scales[3] == grid.scales[2]);
  const double exact[] = {edge, edge - 0.5, 0.9 - edge, 3.0 - edge};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(grid.constant_within[i] <= exact[i]);
    CHECK(grid.constant_within[i] == Approx(exact[i]).margin(1e-12));
    // Moves just short of rho, in both directions, keep the scale.
    const double x = rows.inputs().values[i];
    const double step = grid.constant_within[i] * (1.0 - 1e-12);
    const auto moved = selector.quantised(rows_of({x - step, x + step}, 1), 0.4, serial_executor{});
    CHECK(moved.scales[0] == grid.scales[i]);
    CHECK(moved.scales[1] == grid.scales[i]);
  }
  // A grid wider than the range has one cell, whose scale never changes.
  const auto one = selector.quantised(rows, 5.0, serial_executor{});
  CHECK(std::isinf(one.constant_within[2]));
  CHECK(one.scales[3] == Approx(0.5).epsilon(1e-15));
}

TEST_CASE("selectors give the same bits on any number of threads", "[sigma]") {
  const gaussian_blobs_problem problem{2, 4, 3.0, 1.0};
  const auto trusted = draw_dataset<float>(problem, 30, random_key{75});
  const auto rows = draw_dataset<float>(problem, 200, random_key{76});
  const knn_selector selector(trusted, {.neighbours = 4, .elasticity = 0.3, .centre = 2.0});
  const auto serial = values(selector.elastic(rows, serial_executor{}));
  CHECK(serial == values(selector.elastic(rows, tbb_executor(2))));
  CHECK(selector.quantised(rows, 0.1, tbb_executor(2)).constant_within ==
        selector.quantised(rows, 0.1, serial_executor{}).constant_within);
}

TEST_CASE("selectors refuse settings out of range and rows of another size", "[sigma]") {
  const auto trusted = rows_of({0, 0, 1, 1}, 2);
  for (auto spoil :
       {+[](knn_selector_options& o) { o.neighbours = 0; }, +[](knn_selector_options& o) { o.neighbours = 3; },
        +[](knn_selector_options& o) { o.initial = 0.0; },
        +[](knn_selector_options& o) { o.elasticity = std::nan(""); },
        +[](knn_selector_options& o) { o.centre = -1.0; }, +[](knn_selector_options& o) { o.floor = 0.0; },
        +[](knn_selector_options& o) { o.ceiling = 0.1; }}) {
    knn_selector_options options{.neighbours = 1};
    spoil(options);
    CHECK_THROWS_AS(knn_selector(trusted, options), argument_error);
  }
  const knn_selector selector(trusted, {.neighbours = 2});
  CHECK_THROWS_WITH(selector.elastic(rows_of({1, 2, 3}, 3), serial_executor{}),
                    "knn_selector: trusted rows have 2 scalars, a row has 3");
  CHECK_THROWS_AS(selector.quantised(trusted, 0.0, serial_executor{}), argument_error);
}
