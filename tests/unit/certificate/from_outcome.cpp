// SPDX-License-Identifier: MIT
// Brief: modes made from a defence's outcome, and certificates issued on its votes.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"

#include "stated.hpp"

#include <catch2/catch.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <cmath>
#include <concepts>
#include <type_traits>
#include <vector>

using namespace certssb;
using test::fixed_selector;
using test::fixed_test_scale;

namespace {

const gaussian_noise gaussian;

/// Votes of 100 members on two inputs, clear and unclear, and on one other.
template <class Noise = gaussian_noise>
defence_outcome<Noise, float> outcome_at(training_scales scales) {
  const auto voted = [](test_scales at, vote_counts votes) {
    return ballot<float>{std::move(at), std::move(votes), {}, {}, {}};
  };
  std::vector<ballot<float>> ballots;
  ballots.push_back(voted(test_scales({0.25, 0.25}), vote_counts({3, 97, 60, 40}, 2, 100)));
  ballots.push_back(voted(test_scales({0.75}), vote_counts({100, 0}, 2, 100)));
  return {.name = "by hand", .train_scales = std::move(scales), .ballots = std::move(ballots)};
}

template <class Mode>
double radius_of(const Mode& mode) {
  return mode.radius(mode.budget(0.9, 0.1), 0);
}

template <class Outcome, class Mode>
auto issue_of(const Outcome& outcome, std::size_t which, const Mode& mode) {
  return certify(outcome, which, clopper_pearson{}, no_split{}, mode, 0.001);
}

}  // namespace

TEST_CASE("a mode of an outcome claims what the mode of its parts claims", "[certificate]") {
  const training_scales mixed({0.5, 0.3, 0.7});
  const auto half = training_scales::constant(3, 0.5);
  const auto of_mixed = outcome_at(mixed);
  const auto of_half = outcome_at(half);
  const std::vector<double> within{0.2, 0.1, 0.3};
  const elasticity slope{.eta = 0.01, .row_size = 4};
  CHECK(radius_of(uniform_mode(of_half)) == radius_of(uniform_mode::from_parts(half, gaussian)));
  CHECK(radius_of(floor_mode(of_half)) == radius_of(floor_mode::from_parts(half, gaussian)));
  CHECK(radius_of(frozen_mode(of_mixed, {})) == radius_of(frozen_mode::from_parts(mixed, gaussian, {})));
  CHECK(radius_of(ledger_mode(of_mixed, {})) == radius_of(ledger_mode::from_parts(mixed, gaussian, {})));
  CHECK(radius_of(given_scales_mode(of_mixed)) == radius_of(given_scales_mode::from_parts(mixed, gaussian)));
  CHECK(radius_of(quantised_mode(of_mixed, within, fixed_selector)) ==
        radius_of(quantised_mode::from_parts(mixed, within, gaussian, fixed_selector)));
  CHECK(radius_of(semi_elastic_mode(of_mixed, slope, fixed_selector)) ==
        radius_of(semi_elastic_mode::from_parts(mixed, slope, gaussian, fixed_selector)));
  CHECK(radius_of(published_mode(of_mixed, 1)) == radius_of(published_mode::from_parts(test_scales({0.75}), gaussian)));
  CHECK(radius_of(uniform_l1_mode(outcome_at<uniform_noise>(half))) ==
        radius_of(uniform_l1_mode::from_parts(half, uniform_noise{})));
  CHECK(radius_of(laplace_l1_mode(outcome_at<laplace_noise>(half))) ==
        radius_of(laplace_l1_mode::from_parts(half, laplace_noise{})));
  CHECK_THROWS_WITH(uniform_mode(of_mixed), Catch::Contains("training scales must all be the same, got 0.3 to 0.7"));
  CHECK_THROWS_WITH(published_mode(of_half, 2), Catch::Contains("there are 2 sets of test inputs, got number 2"));
}

TEST_CASE("given_scales is conditional on test scales that a model of the same rows found", "[certificate]") {
  auto outcome = outcome_at(training_scales({0.5, 0.6}));
  CHECK(given_scales_mode(outcome).conditional_on().size() == 1);
  outcome.test_scales_from_data = true;
  REQUIRE(given_scales_mode(outcome).conditional_on().size() == 2);
  CHECK(given_scales_mode(outcome).conditional_on()[1] == "test_scale");
}

TEST_CASE("only given_scales certifies at scales that a model of the same rows found", "[certificate]") {
  const auto half = training_scales::constant(3, 0.5);
  auto outcome = outcome_at(half);
  auto uniform = outcome_at<uniform_noise>(half);
  auto laplace = outcome_at<laplace_noise>(half);
  const auto check = [&](const char* found) {
    CHECK_THROWS_WITH(uniform_mode(outcome), Catch::Contains(found));
    CHECK_THROWS_WITH(floor_mode(outcome), Catch::Contains(found));
    CHECK_THROWS_WITH(frozen_mode(outcome, {}), Catch::Contains(found));
    CHECK_THROWS_WITH(ledger_mode(outcome, {}), Catch::Contains(found));
    CHECK_THROWS_WITH(quantised_mode(outcome, {1.0, 1.0, 1.0}, {}), Catch::Contains(found));
    CHECK_THROWS_WITH(semi_elastic_mode(outcome, {.eta = 0.1, .row_size = 4}, {}), Catch::Contains(found));
    CHECK(given_scales_mode(outcome).rows() == 3);
    CHECK(published_mode(outcome, 0).samples() == 2);
  };
  outcome.test_scales_from_data = true;
  check("found the scales of the test inputs; mode given_scales holds them fixed");
  outcome.train_scales_from_data = uniform.train_scales_from_data = laplace.train_scales_from_data = true;
  check("found the scales of the training rows; mode given_scales holds them fixed");
  CHECK_THROWS_AS(uniform_l1_mode(uniform), argument_error);
  CHECK_THROWS_AS(laplace_l1_mode(laplace), argument_error);
}

TEST_CASE("joint takes the test noise that the votes were taken under", "[certificate]") {
  auto outcome = outcome_at(training_scales::constant(4, 0.5));
  outcome.test_draws = 4;
  const uniform_mode mode(outcome);
  const joint moved(mode, outcome, 0, fixed_test_scale);
  CHECK(radius_of(moved) == radius_of(joint(mode, {.sigma = 0.25, .draws = 4}, gaussian, fixed_test_scale)));
  CHECK_THROWS_WITH(joint(mode, outcome, 2, fixed_test_scale), Catch::Contains("2 sets of test inputs, got number 2"));
  outcome.ballots[0].scales = test_scales({0.25, 0.3});
  CHECK_THROWS_WITH(joint(mode, outcome, 0, fixed_test_scale), Catch::Contains("the same scale, got 0.25 to 0.3"));
  outcome.ballots[1].own_scales = {0.75, 0.8};
  CHECK_THROWS_WITH(joint(mode, outcome, 1, fixed_test_scale), Catch::Contains("not one of each member"));
  outcome.ballots[1].own_scales = {};
  outcome.test_draws = 0;
  CHECK_THROWS_WITH(joint(mode, outcome, 1, fixed_test_scale), Catch::Contains("votes without test noise"));
}

TEST_CASE("certificates of an outcome are those of its votes", "[certificate]") {
  const auto outcome = outcome_at(training_scales::constant(3, 0.5));
  const uniform_mode mode(outcome);
  const auto all = issue_of(outcome, 0, mode);
  const auto same = certify(outcome.ballots[0].votes, clopper_pearson{}, no_split{}, mode, 0.001);
  REQUIRE(all.size() == 2);
  CHECK(all[0].radius.value() == same[0].radius.value());
  CHECK(all[0].radius.value() > 0.0);
  CHECK(issue_of(outcome, 1, mode).front().label == 0);
  CHECK_THROWS_WITH(issue_of(outcome, 2, mode), Catch::Contains("2 sets of test inputs, got number 2"));
}

TEST_CASE("a mode of other training rows than the outcome's is refused", "[certificate]") {
  const auto outcome = outcome_at(training_scales({0.5, 0.3}));
  const auto mode = [](std::vector<double> scales) {
    return given_scales_mode::from_parts(training_scales(std::move(scales)), gaussian);
  };
  CHECK_THROWS_WITH(issue_of(outcome, 0, mode({0.5, 0.3, 0.3})),
                    "certify: mode given_scales is for 3 training rows, the members were trained on 2");
  CHECK_THROWS_WITH(issue_of(outcome, 0, mode({0.5, 0.4})),
                    "certify: mode given_scales has the scale 0.4 for training row 1, the members were trained at 0.3");
  const auto larger = frozen_mode::from_parts(training_scales({0.6, 0.3}), gaussian, {});
  CHECK_THROWS_AS(issue_of(outcome, 0, joint(larger, {.sigma = 0.2}, gaussian, fixed_test_scale)), argument_error);
  CHECK(issue_of(outcome, 0, mode({0.5, 0.2}))[0].radius.value() > 0.0);  // claims less than is proved
}

TEST_CASE("scales of training rows and of test inputs are not each other's", "[certificate]") {
  STATIC_REQUIRE_FALSE(std::constructible_from<training_scales, test_scales>);
  STATIC_REQUIRE_FALSE(std::constructible_from<test_scales, training_scales>);
  STATIC_REQUIRE(std::constructible_from<training_scales, noise_scales>);
  STATIC_REQUIRE_FALSE(std::convertible_to<noise_scales, training_scales>);
  STATIC_REQUIRE_FALSE(std::convertible_to<std::vector<double>, training_scales>);
  STATIC_REQUIRE(std::derived_from<training_scales, noise_scales>);
}

TEST_CASE("the effective scale of a cap is the largest that the cap pays for, to the last bit but one",
          "[certificate]") {
  using boost::multiprecision::cpp_rational;
  const auto affordable = [](double sigma, double cap) {  // sigma^2 P <= 1, exactly
    return cpp_rational(sigma) * cpp_rational(sigma) * cpp_rational(cap) <= 1;
  };
  std::size_t too_large = 0;
  std::size_t too_small = 0;
  for (int i = 0; i < 4000; ++i) {
    const double cap = std::ldexp(1.0 + i / 4000.0 + i * 0x1p-40, i % 13 - 6);
    CAPTURE(cap);
    const auto mode = ledger_mode::of_caps(exposure_caps<l2_norm>({cap}), gaussian, {});
    const double sigma = mode.scales()[0];
    const double above = std::nextafter(std::nextafter(sigma, 1e9), 1e9);
    CHECK(affordable(sigma, cap));
    CHECK_FALSE(affordable(above, cap));
    CHECK(mode.radius(1.0, 0) < sigma);
    // What one rounding towards 0 of 1/sqrt(P) would have given.
    const double rounded = std::nextafter(1.0 / std::sqrt(cap), 0.0);
    if (!affordable(rounded, cap)) ++too_large;
    if (rounded < sigma) ++too_small;
  }
  CHECK(too_large > 0);
  CHECK(too_small > 0);
}
