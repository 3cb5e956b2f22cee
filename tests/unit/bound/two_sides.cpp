// SPDX-License-Identifier: MIT
#include "certssb/bound/two_sides.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;

TEST_CASE("both sides of unanimous counts are the closed form's", "[bound]") {
  const two_sides all = bound_share("clopper-pearson", 50, 50, 0.01);
  CHECK(all.trials == 50);
  CHECK(all.lower == Approx(std::pow(0.01, 0.02)).epsilon(1e-9));
  CHECK(all.upper == 1.0);
  const two_sides none = bound_share("clopper-pearson", 0, 50, 0.01);
  CHECK(none.lower == 0.0);
  CHECK(none.upper == Approx(1.0 - std::pow(0.01, 0.02)).epsilon(1e-9));
}

TEST_CASE("both sides of a mean are Hoeffding's", "[bound]") {
  const std::vector<double> scores{1.0, 0.5, 1.0, 0.5, 1.0, 0.5, 1.0, 0.5};
  const two_sides found = bound_mean("hoeffding", scores, 0.1);
  const double width = std::sqrt(std::log(10.0) / 16.0);
  CHECK(found.lower == Approx(0.75 - width).epsilon(1e-9));
  CHECK(found.upper == Approx(std::min(1.0, 0.75 + width)).epsilon(1e-9));
}

TEST_CASE("two sides refuse what they cannot bound", "[bound]") {
  CHECK_THROWS_WITH(bound_share("hoeffding", 3, 2, 0.1), "successes: expected at most trials (2), got 3");
  CHECK_THROWS_WITH(bound_share("betting", 1, 2, 0.1), Catch::Contains("betting is for scores"));
  CHECK_THROWS_WITH(bound_mean("hoeffding", std::vector<double>{0.5, 1.5}, 0.1), "scores must lie in [0,1], got 1.5");
  CHECK_THROWS_WITH(bound_mean("hoeffding", std::vector<double>{0.5, std::nan("")}, 0.1), Catch::Contains("got nan"));
  CHECK_THROWS_WITH(bound_mean("hoeffding", std::vector<double>{}, 0.1), Catch::Contains("at least one"));
  CHECK_THROWS_WITH(bound_mean("clopper-pearson", std::vector<double>{0.5}, 0.1),
                    Catch::Contains("clopper-pearson is for counts"));
}
