// SPDX-License-Identifier: MIT
#include "certssb/radius/attainable.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/core/normal.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;

TEST_CASE("at alpha .001 eleven models are the fewest that certify anything", "[radius]") {
  // (alpha/2)^(1/10) = .468 and (alpha/2)^(1/11) = .501.
  CHECK(models_needed(0.001, clopper_pearson{}) == 11);
  CHECK(max_budget(10, 0.001, clopper_pearson{}) == 0.0);
  CHECK(max_budget(11, 0.001, clopper_pearson{}) > 0.0);
}

TEST_CASE("the best budget of M models is PhiInv((alpha/2)^(1/M))", "[radius]") {
  for (const std::int64_t models : {20, 100, 1000}) {
    CAPTURE(models);
    const double p = std::pow(0.0005, 1.0 / static_cast<double>(models));
    CHECK(max_budget(models, 0.001, clopper_pearson{}) == Approx(normal_quantile(p)).epsilon(1e-9));
  }
}

TEST_CASE("the models needed for a budget are those of the closed forms", "[radius]") {
  for (const double budget : {0.5, 1.0, 2.0}) {
    CAPTURE(budget);
    const double p = normal_cdf(budget);
    CHECK(models_needed(0.001, clopper_pearson{}, budget) ==
          static_cast<std::int64_t>(std::ceil(std::log(0.0005) / std::log(p))));
    CHECK(models_needed(0.001, hoeffding{}, budget) ==
          static_cast<std::int64_t>(std::ceil(std::log(2000.0) / (2.0 * (1.0 - p) * (1.0 - p)))));
    // Mean scores of 3 classes pay alpha/6.
    CHECK(models_needed<mean_score>(0.001, hoeffding{}, budget, 3) ==
          static_cast<std::int64_t>(std::ceil(std::log(6000.0) / (2.0 * (1.0 - p) * (1.0 - p)))));
  }
}

TEST_CASE("impossible requests are refused, by name", "[radius]") {
  CHECK_THROWS_WITH(max_budget(0, 0.001, clopper_pearson{}), Catch::Contains("models must be positive, got 0"));
  CHECK_THROWS_WITH(max_budget(5, 0.0, clopper_pearson{}), Catch::Contains("alpha"));
  CHECK_THROWS_WITH(max_budget(5, 0.1, clopper_pearson{}, 1), Catch::Contains("at least 2 classes"));
  CHECK_THROWS_WITH(models_needed(0.1, clopper_pearson{}, -1.0), Catch::Contains("budget"));
  CHECK_THROWS_WITH(models_needed(0.1, clopper_pearson{}, 40.0), Catch::Contains("out of reach"));
}
