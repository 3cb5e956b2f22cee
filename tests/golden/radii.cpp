// SPDX-License-Identifier: MIT
#include "certssb/bound/hoeffding.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace certssb;

TEST_CASE("radii at one common scale equal the golden vectors", "[radius][golden]") {
  for (const auto& c : golden::part("radii")["cases"]) {
    CAPTURE(c.dump());
    const double budget = gaussian_l2::budget(c["pA"], c["pB"]);
    const auto scales = noise_scales::constant(300, c["sigma"]);
    CHECK(gaussian_l2::frobenius_radius(budget, scales) == golden::close(c["radius_two"]));
    for (const auto& [rows, radius] : c["per_pattern"].items()) {
      CHECK(gaussian_l2::per_pattern(budget, scales, std::stoul(rows)) == golden::close(radius));
    }
  }
}

TEST_CASE("weighted tests and worst rows equal the golden vectors", "[radius][golden]") {
  for (const auto& c : golden::part("anisotropic")["cases"]) {
    CAPTURE(c.dump());
    const noise_scales scales(c["sigma"].get<std::vector<double>>());
    const auto norms = c["delta_norm"].get<std::vector<double>>();
    const double budget = gaussian_l2::budget(c["pA"], c["pB"]);
    CHECK(budget == golden::close(c["budget"]));
    CHECK(gaussian_l2::weighted_size(norms, scales) == golden::close(c["mahalanobis"]));
    CHECK(gaussian_l2::covers(budget, norms, scales) == c["certified"].get<bool>());
  }
  for (const auto& c : golden::part("anisotropic")["worst_case_r"]) {
    CAPTURE(c.dump());
    const noise_scales scales(c["sigma"].get<std::vector<double>>());
    const auto rows = c["r"].get<std::size_t>();
    const double budget = gaussian_l2::budget(c["pA"], c["pB"]);
    CHECK(gaussian_l2::per_pattern(budget, scales, rows) == golden::close(c["max_common_delta"]));
    CHECK(gaussian_l2::frobenius_radius(budget, scales) == golden::close(c["plain_l2_radius"]));
    CHECK(gaussian_l2::max_rows(budget, scales, c["max_common_delta"].get<double>() * (1 - 1e-9)) == rows);
  }
}

// The half-space learner says A iff x1 + sigma eps > 0, so that the flip distance is x1 exactly.
TEST_CASE("for the half-space learner mode uniform is exact and mode published is refuted", "[certificate][golden]") {
  const auto& half = golden::part("falsification")["half_space"];
  const double sigma = half["sigma"];
  const double x1 = half["x1"];
  const double p = normal_cdf(x1 / sigma);
  CHECK(p == golden::close(half["pA"]));

  const double test_sigma = sigma * 2.357;
  const double budget = gaussian_l2::budget(p, 1.0 - p);
  const auto uniform = uniform_mode::from_parts(training_scales::constant(1, sigma), gaussian_noise{});
  const auto published = published_mode::from_parts(test_scales::constant(1, test_sigma), gaussian_noise{});
  const double radius = budget * uniform.scale(0);
  CHECK(radius <= x1);
  CHECK(radius == Approx(x1).epsilon(1e-12));
  CHECK(radius == golden::close(half["rab_radius"]));

  const double claimed = budget * published.scale(0);
  CHECK(claimed == golden::close(half["official_radius_sigma_test_2_357"]));
  CHECK(claimed > x1);
  CHECK_FALSE(published_mode::certified);
  // Moved by 1.01 x1, well inside the published radius, the vote has flipped.
  CHECK(normal_cdf((x1 - 1.01 * x1) / sigma) < 0.5);
}

TEST_CASE("Hoeffding with a hard-coded 1000 would guarantee far less than it says", "[bound][golden]") {
  for (const auto& c : golden::part("falsification")["hardcoded_1000"]) {
    CAPTURE(c.dump());
    const auto models = c["M"].get<std::int64_t>();
    const double alpha = c["alpha"];
    // At its effective level, the bound with the true M is the published one; at alpha it is ours.
    const double published = 0.99 - std::sqrt(std::log(1 / alpha) / 2000.0);
    CHECK(hoeffding::lower(0.99, models, c["alpha_effective"].get<double>()) == Approx(published).epsilon(1e-9));
    if (models < 1000) CHECK(hoeffding::lower(0.99, models, alpha) < published - 0.01);
  }
}
