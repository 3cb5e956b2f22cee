// SPDX-License-Identifier: MIT
#include "certssb/radius/nearest_mean.hpp"

#include "certssb/core/random.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace certssb;

namespace {

/// Rows on a line, and the test input at 0.
struct rows_on_a_line {
  std::vector<double> places;
  std::vector<label_type> labels;
  std::size_t classes;

  [[nodiscard]] std::vector<std::size_t> counts() const {
    std::vector<std::size_t> n(classes);
    for (const label_type label : labels) ++n[static_cast<std::size_t>(label)];
    return n;
  }
  [[nodiscard]] std::vector<double> distances() const {
    std::vector<double> sums(classes);
    for (std::size_t i = 0; i < places.size(); ++i) sums[static_cast<std::size_t>(labels[i])] += places[i];
    const auto n = counts();
    for (std::size_t c = 0; c < classes; ++c) sums[c] = n[c] > 0 ? std::abs(sums[c] / static_cast<double>(n[c])) : 0.0;
    return sums;
  }
  [[nodiscard]] nearest_mean_answer certify() const { return nearest_mean_radius(distances(), counts()); }
};

}  // namespace

TEST_CASE("moving both means along the line attains the radius of the nearest mean, and no less does", "[radius]") {
  random_stream draws(random_key{41});
  int beaten = 0;
  for (int trial = 0; trial < 200; ++trial) {
    rows_on_a_line rows{{}, {}, 3};
    for (std::size_t i = 0; i < 9; ++i) {
      rows.labels.push_back(i < 3 ? static_cast<label_type>(i) : static_cast<label_type>(3.0 * draws.uniform()));
      rows.places.push_back(4.0 * draws.uniform() - 1.0);
    }
    const auto answer = rows.certify();
    REQUIRE(answer.label != abstain);
    const auto y = static_cast<std::size_t>(answer.label);
    const auto counts = rows.counts();
    const auto d = rows.distances();
    // The rival of the least radius, and the two moves: n_c / (n_y + n_c) of the gap for y, the rest for c.
    std::size_t rival = 3;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < 3; ++c) {
      if (c == y) continue;
      const double n = static_cast<double>(counts[y] * counts[c]) / static_cast<double>(counts[y] + counts[c]);
      if ((d[c] - d[y]) * std::sqrt(n) < least) {
        least = (d[c] - d[y]) * std::sqrt(n);
        rival = c;
      }
    }
    CHECK(answer.radius == Approx(least).epsilon(1e-12));
    const auto mine = static_cast<double>(counts[y]);
    const auto theirs = static_cast<double>(counts[rival]);
    for (const double stretch : {0.999, 1.001}) {
      rows_on_a_line moved = rows;
      std::vector<double> signs(3);
      for (std::size_t i = 0; i < rows.places.size(); ++i)
        signs[static_cast<std::size_t>(rows.labels[i])] += rows.places[i];
      double energy = 0.0;
      for (std::size_t i = 0; i < moved.places.size(); ++i) {
        const auto c = static_cast<std::size_t>(rows.labels[i]);
        if (c != y && c != rival) continue;
        const double outward = signs[c] < 0.0 ? -1.0 : 1.0;
        const double step = stretch * (d[rival] - d[y]) / (mine + theirs) * (c == y ? theirs : -mine);
        moved.places[i] += outward * step;
        energy += step * step;
      }
      CHECK(std::sqrt(energy) == Approx(stretch * answer.radius).epsilon(1e-9));
      CHECK((moved.certify().label == answer.label) == (stretch < 1.0));
    }
    // Random changes just below the radius.
    for (int attack = 0; attack < 100; ++attack) {
      std::vector<double> change(rows.places.size());
      double norm = 0.0;
      for (double& step : change) {
        step = draws.uniform() - 0.5;
        norm += step * step;
      }
      rows_on_a_line moved = rows;
      for (std::size_t i = 0; i < change.size(); ++i) {
        moved.places[i] += change[i] * 0.999 * answer.radius / std::sqrt(norm);
      }
      beaten += moved.certify().label == answer.label ? 0 : 1;
    }
  }
  CHECK(beaten == 0);
}

TEST_CASE("classes without rows are no rivals", "[radius]") {
  using counts = std::vector<std::size_t>;
  const std::vector<double> distances{0.0, 3.0, 1.0};
  const auto answer = nearest_mean_radius(distances, counts{0, 2, 2});
  CHECK(answer.label == 2);
  CHECK(answer.radius == Approx(2.0));
  const auto alone = nearest_mean_radius(distances, counts{0, 5, 0});
  CHECK(alone.label == 1);
  CHECK(std::isinf(alone.radius));
}

TEST_CASE("means that are equally near, but for the error, certify nothing", "[radius]") {
  using counts = std::vector<std::size_t>;
  CHECK(nearest_mean_radius(std::vector<double>{1.0, 1.0}, counts{1, 1}).label == abstain);
  CHECK(nearest_mean_radius(std::vector<double>{1.0, 1.1}, counts{1, 1}, 0.06).label == abstain);
  CHECK(nearest_mean_radius(std::vector<double>{1.0, 1.1}, counts{2, 2}, 0.04).radius == Approx(0.02));
}

TEST_CASE("distances that are none are refused, by name", "[radius]") {
  using counts = std::vector<std::size_t>;
  using reals = std::vector<double>;
  CHECK_THROWS_WITH(nearest_mean_radius(reals{1.0}, counts{1, 1}), Catch::Contains("1 distances but 2 counts"));
  CHECK_THROWS_WITH(nearest_mean_radius((reals{1.0, 2.0}), counts{0, 0}), Catch::Contains("no class has rows"));
  CHECK_THROWS_WITH(nearest_mean_radius((reals{1.0, std::nan("")}), counts{1, 1}), Catch::Contains("finite and >= 0"));
  CHECK_THROWS_WITH(nearest_mean_radius((reals{1.0, 2.0}), counts{1, 1}, -1.0), Catch::Contains("the error"));
}
