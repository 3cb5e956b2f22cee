// SPDX-License-Identifier: MIT
#include "certssb/noise/exposure.hpp"

#include "certssb/radius/gaussian_l2.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace certssb;

TEST_CASE("precisions spent and the radius under them equal the golden vectors", "[noise][golden]") {
  for (const auto& c : golden::part("anisotropic")["precision_ledger"]) {
    CAPTURE(c.dump());
    double spent = 0.0;
    for (const double sigma : c["sigmas_of_each_exposure"].get<std::vector<double>>()) {
      spent = detail::add_up(spent, exposure_cost<l2_norm>(sigma));
    }
    CHECK(spent == golden::close(c["precision"]));
    const auto scales = exposure_caps<l2_norm>({spent}).effective_scales();
    CHECK(scales[0] == golden::close(c["effective_sigma"]));
    const double p = c["pA"];
    CHECK(gaussian_l2::frobenius_radius(gaussian_l2::budget(p, 1.0 - p), scales) == golden::close(c["radius"]));
  }
}

TEST_CASE("regression: noise redrawn every epoch is paid for by the ledger, not by the naive radius",
          "[noise][golden]") {
  const auto& c = golden::part("falsification")["epoch"];
  const double p = c["pA"];
  const double sigma = c["sigma"];
  const std::size_t epochs = c["E"];
  const double budget = gaussian_l2::budget(p, 1.0 - p);
  CHECK(gaussian_l2::scaled(budget, sigma) == golden::close(c["naive_radius"]));
  const double radius =
      gaussian_l2::frobenius_radius(budget, exposure_caps<l2_norm>::exposures(1, sigma, epochs).effective_scales());
  CHECK(radius == golden::close(c["ledger_radius"]));
  // The learner flips where the row crosses 0: the ledger's radius is that distance, the naive one 4.47 of them.
  CHECK(radius == Approx(c["x1"].get<double>()).epsilon(1e-6));
}
