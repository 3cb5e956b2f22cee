// SPDX-License-Identifier: MIT
#include "certssb/audit/half_space_learner.hpp"
#include "certssb/audit/repeated_exposure_learner.hpp"
#include "certssb/audit/threshold_learner.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/radius/gaussian_l2.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;

TEST_CASE("a learner that always looks twice knows its row as well as its precision says", "[audit]") {
  // Votes against where the row, known with noise 1/sqrt(P), seems below the level; 1e-15 and more.
  for (const double x : {0.0, 0.3, 2.0, 3.5}) {
    const adaptive_exposure_learner twice(x, 1.0, 0.5, 1e6, -0.1);
    CHECK(twice.against(twice.blank()) == Approx(normal_cdf(-(x + 0.1) * std::sqrt(5.0))).epsilon(1e-10));
    const adaptive_exposure_learner once(x, 1.0, 0.5, -1e6, -0.1);
    CHECK(once.against(once.blank()) == Approx(normal_cdf(-(x + 0.1))).epsilon(1e-10));
  }
}

TEST_CASE("noise added after the release to almost nothing leaves the release", "[audit]") {
  // At tau = extra / (1 + |z|), extra = .1, the blur moves p by its variance: at x = 0 both sides are alike.
  CHECK(noised_first_learner(0.0, 1.0, 0.1).against({{0.0}}) == Approx(0.5).epsilon(1e-12));
  const noised_first_learner learner(0.7, 1.0, 0.3);
  // The mirror image votes the other way with the same chance.
  CHECK(learner.against({{0.0}}) + learner.against({{-1.4}}) == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("shares against keep their digits where p_A rounds to 1", "[audit]") {
  const threshold_learner<gaussian_law> rows({9.0, 9.5}, noise_scales({1.0, 1.0}));
  CHECK(rows.against(rows.blank()) == Approx(normal_cdf(-9.0) + normal_cdf(-9.5)).epsilon(1e-12));
  const half_space_learner half({1.0}, 20.0, noise_scales({1.0}));
  CHECK(half.against(half.blank()) == Approx(2.7536241186062337e-89).epsilon(1e-12));  // SciPy: norm.sf(20)
}

TEST_CASE("a p_A rounded to nearest overstates the budget of a learner that is almost sure, one rounded down does not",
          "[audit]") {
  // The true budget of a half space at margin m is m. One unit of p_A's last place is 1.1e-16 / phi(m) of it.
  int overstated = 0;
  double most = 0.0;
  for (int i = 0; i < 1000; ++i) {
    const double m = 6.5 + 5e-4 * i;
    const double against = normal_cdf(-m);
    const double nearest = 1.0 - against;
    const double naive = gaussian_l2::budget(nearest, 1.0 - nearest) / m - 1.0;
    overstated += naive > 0.0 ? 1 : 0;
    most = std::max(most, naive);
    CHECK(gaussian_l2::budget(std::nextafter(nearest, 0.0), against) <= m);
  }
  CHECK(overstated > 400);
  CHECK(most > 1e-7);
  CHECK(most < 1e-5);
}
