// SPDX-License-Identifier: MIT
#include "certssb/certificate/knn1_exact.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;

namespace {

/// Two rows on a line, at 0 (class 0) and 1 (class 1).
dataset<host_array<double>> two_rows() { return {host_array<double>({0.0, 1.0}, 1), {0, 1}, 2, {1}}; }

}  // namespace

TEST_CASE("mode knn1_exact certifies without sampling", "[certificate]") {
  const auto train = two_rows();
  const auto sigmas = training_scales::constant(2, 0.5);
  const host_array<double> tests({0.0, 0.5, 1.0}, 1);
  const auto enclosures = enclose_neighbours(train, sigmas, tests, 1e-5);
  const bounded_votes votes = bound_neighbours(enclosures);
  const auto all = issue(votes, knn1_exact_mode(sigmas));
  // At x = 0: (1 + s e')^2 - (s e)^2 is a product of two independent normal variables, each positive with probability
  // Phi(1 / (s sqrt 2)).
  const double up = normal_cdf(1.0 / (0.5 * std::sqrt(2.0)));
  const double p = up * up + (1.0 - up) * (1.0 - up);
  REQUIRE(all.size() == 3);
  CHECK(all[0].label == 0);
  CHECK(all[0].radius.value() == Approx(0.5 * normal_quantile(p)).margin(1e-4));
  CHECK(all[0].radius.value() <= 0.5 * normal_quantile(p));
  CHECK(all[0].alpha == 0.0);
  CHECK(all[0].models == 0);
  CHECK(all[0].mode == "knn1_exact");
  CHECK(all[1].label == abstain);
  CHECK(all[2].label == 1);
  CHECK(all[2].radius.value() == Approx(all[0].radius.value()).margin(1e-4));
}

TEST_CASE("enclosures do not depend on the executor", "[certificate]") {
  const auto train = two_rows();
  const auto sigmas = training_scales({0.5, 0.7});
  const host_array<double> tests({0.0, 0.3, 0.6, 1.0}, 1);
  const auto one = enclose_neighbours(train, sigmas, tests);
  const auto two = enclose_neighbours(train, sigmas, tests, 1e-3, tbb_executor(2));
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t c = 0; c < 2; ++c) {
      CHECK(one[i][c].lower == two[i][c].lower);
      CHECK(one[i][c].upper == two[i][c].upper);
    }
  }
}

TEST_CASE("a smaller change of the training rows than the radius leaves the class as it was", "[certificate]") {
  // The exact probability after any such change, from the same enclosure: never below 1/2.
  const auto sigmas = training_scales::constant(2, 0.5);
  const auto votes = bound_neighbours(enclose_neighbours(two_rows(), sigmas, host_array<double>({0.2}, 1)));
  const double radius = issue(votes, knn1_exact_mode(sigmas))[0].radius.value();
  REQUIRE(radius > 0.1);
  for (int step = 0; step < 64; ++step) {
    const double angle = 2.0 * 3.141592653589793 * step / 64.0;
    const dataset<host_array<double>> moved(
        host_array<double>({radius * std::cos(angle), 1.0 + radius * std::sin(angle)}, 1), {0, 1}, 2, {1}, {-9.0, 9.0});
    CHECK(enclose_neighbours(moved, sigmas, host_array<double>({0.2}, 1))[0][0].upper > 0.5);
  }
}

TEST_CASE("test inputs must have the size of the training rows", "[certificate]") {
  CHECK_THROWS_WITH(
      enclose_neighbours(two_rows(), training_scales::constant(2, 1.0), host_array<double>({0.0, 0.0}, 2)),
      Catch::Contains("training rows of 1 entries but test inputs of 2"));
  CHECK_THROWS_WITH(enclose_neighbours(two_rows(), training_scales::constant(3, 1.0), host_array<double>({0.0}, 1)),
                    Catch::Contains("2 distances but 2 labels and 3 scales"));
}
