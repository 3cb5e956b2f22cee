// SPDX-License-Identifier: MIT
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/gaussian.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace certssb;

namespace {

// Gaussian in L2 by name alone: another law of the same norm, which gaussian_l2 is not proved for.
struct other_noise {
  using certified_norm = l2_norm;
};
// Gaussian draws by other means.
struct my_gaussian_noise {
  using certified_norm = l2_norm;
  using law = gaussian_noise;
};
// A user's own pair.
struct own_rule {
  using certified_norm = l2_norm;
  using certified_law = other_noise;
  static constexpr std::string_view name = "own";
  static double budget(double, double) { return 0.0; }
};

}  // namespace

static_assert(certifies<gaussian_l2, gaussian_noise>);
static_assert(certifies<gaussian_l2, my_gaussian_noise>);
static_assert(!certifies<gaussian_l2, other_noise>);
static_assert(certifies<own_rule, other_noise>);
static_assert(!certifies<own_rule, gaussian_noise>);

TEST_CASE("the budget is 0 where the lower bound does not exceed the upper one", "[radius]") {
  CHECK(gaussian_l2::budget(0.5, 0.5) == 0.0);
  CHECK(gaussian_l2::budget(0.4, 0.6) == 0.0);
  CHECK(gaussian_l2::budget(0.0, 1.0) == 0.0);
}

TEST_CASE("the budget of Phi(z) against its complement is z, and never above it", "[radius]") {
  for (const double z : {1e-6, 0.01, 0.5, 1.0, 2.0, 4.0}) {
    CAPTURE(z);
    const double p = normal_cdf(z);
    CHECK(gaussian_l2::budget(p, 1.0 - p) == Approx(z).epsilon(1e-9));
    CHECK(gaussian_l2::budget(std::nextafter(p, 0.0), normal_cdf(-z) * (1 + 1e-15)) <= z);
  }
}

TEST_CASE("the budget grows with p_A, shrinks with p_B, and stays finite at the ends", "[radius]") {
  CHECK(gaussian_l2::budget(0.9, 0.05) > gaussian_l2::budget(0.9, 0.1));
  CHECK(gaussian_l2::budget(0.95, 0.05) > gaussian_l2::budget(0.9, 0.05));
  CHECK(std::isfinite(gaussian_l2::budget(1.0, 0.0)));
  CHECK(gaussian_l2::budget(0.3, 0.1) > 0.0);
}

TEST_CASE("a pattern of the per-pattern norm on the worst rows is covered, and a larger one is not", "[radius]") {
  const noise_scales scales({0.5, 0.25, 1.0, 0.3, 0.25});
  const double budget = 1.7;
  for (std::size_t rows = 1; rows <= scales.size(); ++rows) {
    CAPTURE(rows);
    const double norm = gaussian_l2::per_pattern(budget, scales, rows);
    // Rows by ascending scale: 1, 4, 3, 0, 2.
    const std::vector<std::size_t> worst{1, 4, 3, 0, 2};
    std::vector<double> norms(scales.size());
    for (std::size_t j = 0; j < rows; ++j) norms[worst[j]] = norm * (1 - 1e-12);
    CHECK(gaussian_l2::covers(budget, norms, scales));
    CHECK(gaussian_l2::max_rows(budget, scales, norm * (1 - 1e-12)) == rows);
    for (double& n : norms) n *= 1 + 1e-9;
    CHECK_FALSE(gaussian_l2::covers(budget, norms, scales));
  }
  CHECK(gaussian_l2::max_rows(budget, scales, 100.0) == 0);
  CHECK(gaussian_l2::max_rows(0.0, scales, 1e-9) == 0);
}

TEST_CASE("an attack exactly as large as the budget is not covered", "[radius]") {
  const std::vector<double> norms{0.5, 0.0};
  CHECK_FALSE(gaussian_l2::covers(1.0, norms, noise_scales({0.5, 0.5})));
  CHECK(gaussian_l2::covers(1.0 + 1e-12, norms, noise_scales({0.5, 0.5})));
}

TEST_CASE("the radius rule names the argument that is wrong", "[radius]") {
  const noise_scales scales({0.5, 0.5});
  CHECK_THROWS_WITH(gaussian_l2::budget(1.1, 0.0), Catch::Contains("[0,1], got 1.1"));
  CHECK_THROWS_WITH(gaussian_l2::budget(std::nan(""), 0.0), Catch::Contains("[0,1]"));
  CHECK_THROWS_WITH(gaussian_l2::per_pattern(1.0, scales, 0), Catch::Contains("[1, 2], got 0"));
  CHECK_THROWS_WITH(gaussian_l2::per_pattern(1.0, scales, 3), Catch::Contains("[1, 2], got 3"));
  CHECK_THROWS_WITH(gaussian_l2::covers(1.0, std::vector<double>{0.1}, scales),
                    Catch::Contains("2 scales but 1 norms"));
  CHECK_THROWS_WITH(gaussian_l2::covers(1.0, std::vector<double>{0.1, -1}, scales), Catch::Contains("got -1"));
  CHECK_THROWS_WITH(gaussian_l2::max_rows(1.0, scales, 0.0), Catch::Contains("pattern norm"));
}
