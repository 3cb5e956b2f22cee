// SPDX-License-Identifier: MIT
#include "certssb/radius/attainable_parts.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/radius/part_frontier.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;

TEST_CASE("what unanimous parts certify is what their frontier says", "[radius]") {
  for (const std::size_t k : {2U, 5U, 30U, 100U, 301U}) {
    for (const double alpha_part : {0.3, 0.05, 0.01, 0.001}) {
      CAPTURE(k, alpha_part);
      const auto best = attain_parts(k, 20, alpha_part, 0.001);
      CHECK(best.part_budget == max_budget(20, alpha_part, clopper_pearson{}));
      const part_frontier frontier(std::vector<part_report>(k, {1, best.part_budget}), 2, best.failures);
      CHECK(best.rows == frontier.survives());
      CHECK(best.budget == Approx(frontier.budget(0)).epsilon(1e-11));
    }
  }
}

TEST_CASE("a hundred parts of 20 models certify ten times what 20 models do", "[radius]") {
  // sqrt(45) PhiInv(.005^(1/20)), since P(Bin(100, .01) > 5) = .0005 and P(Bin(100, .01) > 4) = .0034.
  const auto parts = attain_parts(100, 20, 0.01, 0.001);
  CHECK(parts.failures == 5);
  CHECK(parts.budget == Approx(std::sqrt(45.0) * normal_quantile(std::pow(0.005, 0.05))).epsilon(1e-9));
  CHECK(parts.rows == 44U);
  CHECK(parts.budget > 10.0 * max_budget(20, 0.001, clopper_pearson{}));
}

TEST_CASE("the best alpha_part beats every other", "[radius]") {
  for (const std::size_t k : {2U, 3U, 10U, 100U, 300U}) {
    for (const std::int64_t models : {11, 20, 100}) {
      CAPTURE(k, models);
      const double best = best_alpha_part(k, models, 0.001);
      const double most = attain_parts(k, models, best, 0.001).budget;
      for (double alpha_part = 1e-5; alpha_part < 0.5; alpha_part *= 1.05) {
        CHECK(attain_parts(k, models, alpha_part, 0.001).budget <= most * (1.0 + 1e-9));
      }
    }
  }
  CHECK(best_alpha_part(1, 20, 0.001) == 0.001);
  CHECK(best_alpha_part(100, 100, 0.001, hoeffding{}) != best_alpha_part(100, 100, 0.001));
}

TEST_CASE("parts that cannot certify say so, and impossible requests are refused by name", "[radius]") {
  const auto none = attain_parts(10, 1, 0.01, 0.001);
  CHECK(none.budget == 0.0);
  CHECK_FALSE(none.rows.has_value());
  CHECK_FALSE(attain_parts(2, 20, 0.5, 0.001).rows.has_value());  // both may be false
  CHECK_THROWS_WITH(attain_parts(0, 20, 0.01, 0.001), Catch::Contains("at least 1 part"));
  CHECK_THROWS_WITH(attain_parts(5, 0, 0.01, 0.001), Catch::Contains("models must be positive"));
  CHECK_THROWS_WITH(best_alpha_part(0, 20, 0.001), Catch::Contains("at least 1 part"));
  CHECK_THROWS_WITH(best_alpha_part(5, 20, 1.0), Catch::Contains("alpha"));
  CHECK_THROWS_WITH(best_alpha_part(1, 20, 1.0), Catch::Contains("alpha"));
}
