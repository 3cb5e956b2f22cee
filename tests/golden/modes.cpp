// SPDX-License-Identifier: MIT
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/core/normal.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

using namespace certssb;

namespace {

const gaussian_noise noise;

semi_elastic_mode elastic(double sigma, const nlohmann::json& c, changed_rows rows) {
  return semi_elastic_mode::from_parts(
      training_scales({sigma}), {.eta = c["semi_elasticity"], .row_size = c["d"].get<std::size_t>(), .rows = rows},
      noise, assume::selector_fixed_independently_of_data{});
}

}  // namespace

TEST_CASE("L1 radii equal the golden vectors", "[radius][golden]") {
  for (const auto& c : golden::part("radii")["cases"]) {
    CAPTURE(c.dump());
    const auto scales = training_scales::constant(300, c["sigma"]);
    const auto uniform = uniform_l1_mode::from_parts(scales, uniform_noise{});
    const auto laplace = laplace_l1_mode::from_parts(scales, laplace_noise{});
    CHECK(uniform.radius(uniform.budget(c["pA"], c["pB"]), 0) == golden::close(c["uniform_l1_lambda_eq_sigma"]));
    CHECK(laplace.radius(laplace.budget(c["pA"], c["pB"]), 0) == golden::close(c["laplace_l1_b_eq_sigma"]));
  }
}

TEST_CASE("total variation under uniform noise, and both its tests, equal the golden vectors", "[radius][golden]") {
  for (const auto& c : golden::part("uniform")) {
    CAPTURE(c.dump());
    const auto entries = c["abs_delta_entries"].get<std::vector<double>>();
    const training_scales lambda({c["lambda_"].get<double>()});
    const auto mode = uniform_l1_mode::from_parts(lambda, uniform_noise{});
    const double budget = mode.budget(c["pA"], c["pB"]);
    CHECK(uniform_l1::total_variation(entries, lambda) == golden::close(c["tv"]));
    CHECK(mode.covers_entries(budget, entries) == c["certified"].get<bool>());
    CHECK(mode.radius(budget, 0) == golden::close(c["l1_radius"]));
    const std::vector<double> l1{std::accumulate(entries.begin(), entries.end(), 0.0)};
    CHECK(l1[0] == golden::close(c["l1"]));
    CHECK(mode.covers(budget, {.l1 = l1}) == c["certified_by_l1"].get<bool>());
  }
}

TEST_CASE("exposures add up in precision as in the golden vectors", "[certificate][golden]") {
  for (const auto& c : golden::part("anisotropic")["precision_ledger"]) {
    CAPTURE(c.dump());
    double cap = 0.0;
    for (const double sigma : c["sigmas_of_each_exposure"].get<std::vector<double>>()) cap += 1.0 / (sigma * sigma);
    CHECK(cap == golden::close(c["precision"]));
    const auto mode =
        ledger_mode::of_caps(exposure_caps<l2_norm>({cap}), noise, assume::rows_read_only_through_the_ledger{});
    CHECK(mode.scale(0) == golden::close(c["effective_sigma"]));
    const double p = c["pA"];
    CHECK(mode.radius(mode.budget(p, 1.0 - p), 0) == golden::close(c["radius"]));
  }
}

TEST_CASE("joint training and test changes equal the golden vectors", "[certificate][golden]") {
  for (const auto& c : golden::part("joint_train_test")) {
    CAPTURE(c.dump());
    const double p = c["pA"];
    const auto inner = frozen_mode::from_parts(training_scales({c["sigma_train"].get<double>()}), noise,
                                               assume::scales_independent_of_features{});
    const joint<frozen_mode> mode(inner, {.sigma = c["sigma_test"]}, noise, assume::test_scale_fixed_beforehand{});
    const double budget = mode.budget(p, 1.0 - p);
    CHECK(budget == golden::close(c["rhs"]));
    const std::vector<double> norms{c["delta_train_frobenius"].get<double>()};
    const attack_extent attack{.l2 = norms, .test_l2 = c["delta_test"]};
    CHECK(mode.covers(budget, attack) == c["certified"].get<bool>());
    // The boundary is where the golden left side says.
    const double lhs = c["lhs"];
    CHECK(mode.covers(lhs * (1 + 1e-12), attack));
    CHECK_FALSE(mode.covers(lhs * (1 - 1e-12), attack));
  }
}

TEST_CASE("the non-central chi-square value of one row equals the golden vectors", "[radius][golden]") {
  for (const auto& c : golden::part("semi_elastic")["xi_cases"]) {
    CAPTURE(c.dump());
    const double sigma = c["sigma0"];
    const elastic_row row{0.0, c["d"]};
    const double t = std::log(c["sigma1"].get<double>() / sigma);
    CHECK(row.worst(-normal_quantile(c["pB"]), c["a"].get<double>() / sigma, t) ==
          Approx(c["xi"].get<double>()).epsilon(1e-6));
  }
}

// The vectors look at nine scales; the mode at as many as it takes to prove it for all between, so it may only be
// lower.
TEST_CASE("semi-elastic radii equal the golden vectors, for one row and for many", "[certificate][golden]") {
  for (const auto& c : golden::part("semi_elastic")["radius_cases"]) {
    CAPTURE(c.dump());
    const auto mode = elastic(c["sigma0"], c, changed_rows::one);
    const double p = c["pA"];
    const double radius = mode.radius(mode.budget(p, 1.0 - p), 0);
    CHECK(radius == Approx(c["radius"].get<double>()).margin(1e-4));
    CHECK(radius < c["gaussian_radius"].get<double>());
  }
  for (const auto& c : golden::part("semi_elastic")["tv_slack_cases"]) {
    CAPTURE(c.dump());
    const auto mode = elastic(c["sigma0"], c, changed_rows::many);
    const double p = c["pA"];
    CHECK(mode.radius(mode.budget(p, 1.0 - p), 0) == golden::close(c["radius"], 1e-10));
  }
}

TEST_CASE("the TV slack example equals the golden one", "[certificate][golden]") {
  const auto& c = golden::part("tv_slack_example");
  const auto deltas = c["delta"].get<std::vector<double>>();
  const training_scales scales(c["sigma"].get<std::vector<double>>());
  const double shift = gaussian_l2::weighted_size(deltas, scales);
  CHECK(shift == golden::close(c["shift"]));
  const double p = c["pA"];
  const double slack = c["slack"];
  CHECK(normal_cdf(normal_quantile(p) - shift) - slack == golden::close(c["bound_qA"]));
  // The same budget covers it exactly while its bound exceeds 1/2: at p with Phi(PhiInv(p) - shift) = 1/2 + slack.
  const auto mode =
      semi_elastic_mode::from_parts(scales, {.eta = c["semi_elasticity"], .row_size = c["d"].get<std::size_t>()}, noise,
                                    assume::selector_fixed_independently_of_data{});
  const double edge = shift + normal_quantile(0.5 + slack);
  CHECK(mode.covers(mode.budget(p, 1.0 - p), {.l2 = deltas}));
  CHECK(mode.covers(edge * (1 + 1e-9), {.l2 = deltas}));
  CHECK_FALSE(mode.covers(edge * (1 - 1e-9), {.l2 = deltas}));
}

TEST_CASE("label flips equal the golden vectors", "[certificate][golden]") {
  for (const auto& c : golden::part("label_flip")["cases"]) {
    CAPTURE(c.dump());
    const label_flips flips(c["q"], c["r"]);
    CHECK(flips.worst(c["pA"], c["s"]) == golden::close(c["worst_pA"], 1e-11));
    CHECK(flips.worst(c["pA"], c["s"]) <= c["worst_pA"].get<double>());
  }
  // The closed form is weaker: what it covers the Neyman-Pearson value covers, and one label more at the first case.
  for (const auto& c : golden::part("label_flip")["kl"]) {
    CAPTURE(c.dump());
    const double p = c["pA"];
    const double q = c["q"];
    const double s = c["s"];
    const double closed = (-0.5 * std::log(4 * p * (1 - p)) - 0.5 * s * s) / ((1 - 2 * q) * std::log((1 - q) / q));
    CHECK(closed == golden::close(c["r_max"]));
    CHECK(label_flips(q, static_cast<std::uint32_t>(closed)).worst(p, s) > 0.5);
  }
}

TEST_CASE("regression: noise redrawn every epoch divides the radius by the root of the epochs",
          "[certificate][golden]") {
  // A member says A iff the mean of E noisy copies of x1 is positive: the flip distance is x1 exactly.
  const auto& c = golden::part("falsification")["epoch"];
  const double sigma = c["sigma"];
  const double epochs = c["E"];
  const double x1 = c["x1"];
  const double p = c["pA"];
  const double q = normal_cdf(-x1 * std::sqrt(epochs) / sigma);
  const auto ledger = ledger_mode::of_caps(exposure_caps<l2_norm>({epochs / (sigma * sigma)}), noise,
                                           assume::rows_read_only_through_the_ledger{});
  const auto naive = frozen_mode::from_parts(training_scales({sigma}), noise, assume::scales_independent_of_features{});
  const double budget = ledger.budget(p, q);
  CHECK(ledger.radius(budget, 0) == Approx(x1).epsilon(1e-6));
  CHECK(ledger.radius(budget, 0) == Approx(c["ledger_radius"].get<double>()).epsilon(1e-6));
  CHECK(naive.radius(budget, 0) == Approx(c["naive_radius"].get<double>()).epsilon(1e-6));
  // An attack of 1.01 x1, well inside the naive radius and outside the ledger's, turns the vote.
  const std::vector<double> attack{1.01 * x1};
  CHECK(naive.covers(budget, {.l2 = attack}));
  CHECK_FALSE(ledger.covers(budget, {.l2 = attack}));
  CHECK(normal_cdf((x1 - attack[0]) * std::sqrt(epochs) / sigma) < 0.5);
}
