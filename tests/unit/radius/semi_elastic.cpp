// SPDX-License-Identifier: MIT
#include "certssb/radius/semi_elastic.hpp"
#include "certssb/core/normal.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;

TEST_CASE("as the scales become equal the one-row value becomes the Gaussian one", "[radius]") {
  for (const double d : {1.0, 20.0, 784.0}) {
    const elastic_row row{0.0, d};
    const double gaussian = normal_cdf(1.0 - 1.5);
    CHECK(row.worst(1.5, 1.0, 0.0) == Approx(gaussian).epsilon(1e-14));
    for (const double t : {1e-3, 1e-4, 3.1e-5}) {
      CAPTURE(d, t);
      // Within the TV of the scales, on either side.
      const double slack = std::sqrt(d / 2) * t * std::exp(t);
      CHECK(std::abs(row.worst(1.5, 1.0, t) - gaussian) < slack);
      CHECK(std::abs(row.worst(1.5, 1.0, -t) - gaussian) < slack);
    }
  }
}

TEST_CASE("where the non-centrality explodes the value is an upper bound of its neighbours", "[radius]") {
  for (const double d : {1.0, 20.0, 784.0, 3072.0}) {
    const elastic_row row{0.0, d};
    for (const double a : {0.5, 1.0, 2.0}) {
      CAPTURE(d, a);
      for (const double side : {-1.0, 1.0}) {
        // 3.1e-5 is the last exact one; below, the bound holds with the Gaussian value in it.
        CHECK(row.worst(1.5, a, side * 2.9e-5) > row.worst(1.5, a, side * 3.1e-5));
        CHECK(row.worst(1.5, a, side * 2.9e-5) > row.worst(1.5, a, 0.0));
      }
    }
  }
}

TEST_CASE("the one-row value grows with the distance at every scale", "[radius]") {
  for (const double d : {1.0, 20.0, 784.0}) {
    const elastic_row row{0.0, d};
    for (const double t : {-0.2, -0.01, 0.01, 0.2}) {
      double last = 0.0;
      for (double a = 0.01; a < 3.0; a *= 1.5) {
        CAPTURE(d, t, a);
        const double now = row.worst(2.0, a, t);
        CHECK(now >= last - 1e-9);
        last = now;
      }
    }
  }
}

TEST_CASE("the one-row radius falls with the slope and with the size of a row, and never exceeds the Gaussian one",
          "[radius]") {
  const auto radius = [](double eta, double d) { return elastic_row{eta, d}.radius(1.5); };
  CHECK(radius(0.0, 784) == Approx(1.5).epsilon(1e-5));
  CHECK(radius(0.0, 784) < 1.5);
  CHECK(radius(0.01, 20) < radius(0.0, 20));
  CHECK(radius(0.05, 20) < radius(0.01, 20));
  CHECK(radius(0.05, 784) < radius(0.05, 20));
  CHECK(elastic_row{0.01, 20}.radius(0.0) == 0.0);
}

TEST_CASE("many rows without slope hold while S is below B", "[radius]") {
  const elastic_rows rows{0.0, 784};
  CHECK(rows.holds(1.0, 1.0 - 1e-9, 5.0, 5.0));
  CHECK_FALSE(rows.holds(1.0, 1.0, 5.0, 5.0));
  // .5 + .1 after the shift, less sqrt(2/2) e^h h: h = .0909...: .0995...
  const double b = normal_quantile(0.6);
  CHECK(elastic_rows{0.1, 2}.holds(b, 0.0, 0.908, 0.908));
  CHECK_FALSE(elastic_rows{0.1, 2}.holds(b, 0.0, 0.918, 0.918));
}
