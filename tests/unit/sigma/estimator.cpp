// SPDX-License-Identifier: MIT
#include "certssb/sigma/estimator.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace certssb;

namespace {

// f(x) = Phi(w.x + b), a = |w.x + b|, s = |w|, in closed form.
score_moments probit_moments(double a, double s, double sigma) {
  const double spread = 1.0 + sigma * sigma * s * s;
  const double z = a / std::sqrt(spread);
  const double p = normal_cdf(z);
  const double slope = -normal_density(z) * a * sigma * s * s / std::pow(spread, 1.5);
  return {p, 1.0 - p, slope, -slope};
}

}  // namespace

TEST_CASE("the pathwise gradient is the derivative of the probit-linear radius", "[sigma]") {
  const radius_proxy proxy(1e-6);
  for (const double a : {0.3, 0.7, 1.0, 2.0}) {
    for (const double s : {0.3, 1.0, 2.0}) {
      for (const double sigma : {0.1, 0.5, 1.0, 2.0}) {
        CAPTURE(a, s, sigma);
        const score_moments m = probit_moments(a, s, sigma);
        const double spread = 1.0 + sigma * sigma * s * s;
        CHECK(proxy.radius(m, sigma) == Approx(sigma * a / std::sqrt(spread)).epsilon(1e-10));
        CHECK(pathwise_estimator{}.gradient(proxy, m, sigma) == Approx(a / std::pow(spread, 1.5)).epsilon(1e-9));
        CHECK(detached_estimator{}.gradient(proxy, m, sigma) == Approx(a / std::sqrt(spread)).epsilon(1e-10));
      }
    }
  }
}

TEST_CASE("a clamped probability has no slope", "[sigma]") {
  const radius_proxy proxy(0.02);
  const score_moments certain{0.999, 0.001, -5.0, 5.0};
  CHECK(proxy.gap_slope(certain) == 0.0);
  // PhiInv(.98), the largest half gap under the published clamp.
  CHECK(pathwise_estimator{}.gradient(proxy, certain, 0.7) == Approx(2.0537489106318225).epsilon(1e-14));
}

TEST_CASE("regression: the published gradient cannot shrink a scale, the pathwise one can", "[sigma]") {
  const radius_proxy proxy(0.02);
  const score_moments wrong{0.3, 0.7, 0.1, -0.1};
  CHECK(detached_estimator{}.gradient(proxy, wrong, 0.5) > 0.0);
  CHECK(pathwise_estimator{}.gradient(proxy, wrong, 0.5) < 0.0);
  // 1100 published steps of rate 1e-4 at a saturated score add 1100 * 1e-4 * PhiInv(.98).
  const double step = 1e-4 * detached_estimator{}.gradient(proxy, {1.0, 0.0}, 0.5);
  CHECK(1100.0 * step == Approx(0.22591238016950047).epsilon(1e-12));
}

TEST_CASE("the proxy refuses a clamp outside (0, 0.5) and scores that are not numbers", "[sigma]") {
  CHECK_THROWS_AS(radius_proxy(0.0), argument_error);
  CHECK_THROWS_AS(radius_proxy(0.5), argument_error);
  CHECK_THROWS_AS(radius_proxy(0.02).gap({std::nan(""), 0.5}), argument_error);
}
