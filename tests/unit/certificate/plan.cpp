// SPDX-License-Identifier: MIT
#include "certssb/certificate/plan.hpp"
#include "certssb/core/normal.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;

TEST_CASE("the radius of 1000 models under Hoeffding needs 126 models, and about 150 with early stopping",
          "[certificate]") {
  // Hoeffding at the one-sided .001, without paying for the choice of the class, as published: 1.565 sigma.
  const double radius = normal_quantile(1.0 - std::sqrt(std::log(1000.0) / 2000.0));
  CHECK(radius == Approx(1.565).margin(5e-4));
  const models_for_radius needed = plan_models(radius, 0.001, 1.0);
  CHECK(needed.clopper_pearson == 126);
  CHECK(*needed.sequential > 140);
  CHECK(*needed.sequential < 155);
  // Paying alpha/2 for the choice, Hoeffding needs log(2000)/log(1000) times its 1000.
  CHECK(needed.hoeffding == static_cast<std::int64_t>(std::ceil(1000.0 * std::log(2000.0) / std::log(1000.0))));
}

TEST_CASE("the best certificate is the closed form's, in the units of sigma", "[certificate]") {
  const double budget = normal_quantile(std::pow(0.0005, 0.02));
  const best_certificate best = plan_best(50, 0.001, 0.25, 9);
  CHECK(best.budget == Approx(budget).epsilon(1e-9));
  CHECK(best.radius == Approx(0.25 * budget).epsilon(1e-9));
  CHECK(best.per_pattern == Approx(0.25 * budget / 3.0).epsilon(1e-9));
  CHECK(plan_best(10, 0.001, 1.0).radius == 0.0);
  CHECK(plan_models(0.0, 0.001, 1.0).clopper_pearson == 11);
}

TEST_CASE("a radius out of reach needs more models than there is a number for", "[certificate]") {
  CHECK_FALSE(plan_models(20.0, 0.001, 1.0).clopper_pearson.has_value());
  CHECK_THROWS_WITH(plan_models(-1.0, 0.001, 1.0), Catch::Contains("radius must be finite and >= 0, got -1"));
  CHECK_THROWS_WITH(plan_models(1.0, 0.001, 0.0), Catch::Contains("sigma must be finite and positive, got 0"));
  CHECK_THROWS_WITH(plan_best(5, 0.001, 1.0, 0), Catch::Contains("rows must be positive, got 0"));
}
