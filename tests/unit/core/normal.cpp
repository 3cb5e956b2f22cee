// SPDX-License-Identifier: MIT
#include "certssb/core/normal.hpp"

#include <catch2/catch.hpp>

using namespace certssb;

TEST_CASE("the normal quantile inverts the cdf in both tails", "[core]") {
  for (const double p : {1e-300, 1e-12, 1e-3, 0.1, 0.5, 0.9, 0.999}) {
    CAPTURE(p);
    CHECK(normal_cdf(normal_quantile(p)) == Approx(p).epsilon(1e-12));
  }
  // Known values: PhiInv(.975), PhiInv(.999).
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-14));
  CHECK(normal_quantile(0.999) == Approx(3.090232306167813).epsilon(1e-14));
}
