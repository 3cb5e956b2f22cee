// SPDX-License-Identifier: MIT
// Brief: the worked numbers of docs/guarantee.md, which were computed with SciPy from the formulas there.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/closed_certificates.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"

#include "certssb/radius/attainable_parts.hpp"
#include "certssb/radius/finite_aggregation.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/radius/run_off.hpp"
#include "stated.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;
using test::by_ledger;
using test::fixed_selector;
using test::gauss;

namespace {

constexpr double p = 0.6838305520458344;  // .0005^(1/20)
constexpr std::size_t rows = 1200;
const training_scales half = training_scales::constant(rows, 0.5);

/// To the digits that the page gives.
Approx printed(double value) { return Approx(value).epsilon(0.0).margin(5e-5); }

template <class Mode>
double radius(const Mode& mode) {
  return mode.radius(mode.budget(p, 1.0 - p), 0);
}

ledger_mode three_exposures(double sigma) {
  return ledger_mode::of_caps(exposure_caps<l2_norm>(std::vector<double>(rows, 3.0 / (sigma * sigma))), gauss,
                              by_ledger);
}

}  // namespace

TEST_CASE("worked number: 20 unanimous votes", "[certificate]") {
  CHECK(clopper_pearson::lower(20, 20, 0.0005) == Approx(p).epsilon(1e-12));
  const auto mode = uniform_mode::from_parts(half, gauss);
  CHECK(mode.budget(p, 1.0 - p) == printed(0.4784));
  CHECK(radius(mode) == printed(0.2392));
  CHECK(mode.per_pattern(mode.budget(p, 1.0 - p), rows) == printed(0.0069));
}

TEST_CASE("worked numbers: scales that differ", "[certificate]") {
  std::vector<double> mixed(rows, 0.5);
  for (std::size_t i = rows / 2; i < rows; ++i) mixed[i] = 1.0;
  const auto frozen = frozen_mode::from_parts(training_scales(mixed), gauss, assume::scales_independent_of_features{});
  CHECK(radius(frozen) == printed(0.2392));
  std::vector<double> second_half(rows);
  second_half.back() = 0.4784;
  CHECK(frozen.covers(frozen.budget(p, 1.0 - p), {.l2 = second_half}));
  second_half.back() = 0.4785;
  CHECK_FALSE(frozen.covers(frozen.budget(p, 1.0 - p), {.l2 = second_half}));

  mixed.back() = 1.64;
  CHECK(radius(given_scales_mode::from_parts(training_scales(mixed), gauss,
                                             test_scale_origin::found_from_training_data)) == printed(0.2392));
  CHECK(radius(floor_mode::from_parts(half, gauss)) == printed(0.2392));
  CHECK(radius(three_exposures(0.5)) == printed(0.1381));
  CHECK(radius(three_exposures(0.5 * std::sqrt(3.0))) == printed(0.2392));
}

TEST_CASE("worked numbers: parts", "[certificate]") {
  std::vector<label_type> labels(1000, 1);
  labels.insert(labels.end(), 200, 0);
  CHECK(part_votes(labels, 2).survives() == 399U);
  const attainable_parts best = attain_parts(100, 20, 0.01, 0.001);
  CHECK(best.failures == 5);
  CHECK(best.part_budget == printed(0.7299));
  CHECK(best.budget == Approx(4.896).margin(5e-4));
}

TEST_CASE("worked numbers: elections", "[certificate]") {
  std::vector<label_type> labels(40, 1);
  for (std::size_t m = 3; m < labels.size(); m += 4) labels[m] = 0;
  CHECK(finite_aggregation(40, {0, 1}).certify(labels, 2).survives == 4U);
  std::vector<label_type> orders;
  const auto prefer = [&](std::size_t models, const std::vector<label_type>& order) {
    for (std::size_t m = 0; m < models; ++m) orders.insert(orders.end(), order.begin(), order.end());
  };
  prefer(45, {0, 1, 2});
  prefer(35, {1, 0, 2});
  prefer(20, {2, 0, 1});
  CHECK(run_off(orders, 3).label == 0);
  CHECK(run_off(orders, 3).survives == 12U);
  CHECK(survive_by_counts(std::vector<std::int64_t>{45, 35, 20}).survives == 5U);
}

TEST_CASE("worked numbers: closed forms and bags", "[certificate]") {
  const std::vector<std::size_t> counts{6000, 6000};
  CHECK(certificates_of_means({2, {5.0, 6.0}, {0.0}}, counts).front().radius.value() == Approx(54.77).margin(5e-3));
  CHECK(certificates_of_neighbours(vote_counts({1001, 4000}, 2, 5001)).front().rows == 1499U);
  const bounded_votes of_nearest = bounds_of_bags({2, {0.99, 0.01}, {0.0}});
  CHECK(certificates_of_bags<bagged_nearest_facts>(of_nearest, 12000, 30).front().rows == 266U);
  const vote_counts unanimous({100, 0}, 2, 100);
  const auto bounds = bound_votes(unanimous, clopper_pearson{}, no_split{}, 0.001);
  CHECK(bounds.samples.front().top.lower == printed(0.9268));
  CHECK(certificates_of_bags<bagging_facts>(bounds, 12000, 30).front().rows == 220U);
}

TEST_CASE("worked numbers: selectors", "[certificate]") {
  CHECK(radius(quantised_mode::from_parts(half, std::vector<double>(rows, 0.1), gauss, fixed_selector)) ==
        printed(0.1));
  const auto elastic = [](double eta) {
    return radius(semi_elastic_mode::from_parts(half, {.eta = eta, .row_size = 784}, gauss, fixed_selector));
  };
  CHECK(elastic(0.001) == printed(0.2334));
  CHECK(elastic(0.01) == printed(0.1915));
  CHECK(elastic(0.1) == printed(0.0674));
}

TEST_CASE("worked numbers: noise of other shapes", "[certificate]") {
  CHECK(radius(uniform_l1_mode::from_parts(half, uniform_noise{})) == printed(0.1838));
  CHECK(radius(laplace_l1_mode::from_parts(half, laplace_noise{})) == printed(0.2292));
}

TEST_CASE("worked numbers: the test input and labels", "[certificate]") {
  const auto fixed = assume::test_scale_fixed_beforehand{};
  const joint once(uniform_mode::from_parts(half, gauss), {.sigma = 0.5, .draws = 1}, gauss, fixed);
  std::vector<double> pattern(rows);
  pattern.front() = 0.2173;
  CHECK(once.covers(once.budget(p, 1.0 - p), {.l2 = pattern, .test_l2 = 0.1}));
  pattern.front() = 0.2174;
  CHECK_FALSE(once.covers(once.budget(p, 1.0 - p), {.l2 = pattern, .test_l2 = 0.1}));
  CHECK(radius(joint(uniform_mode::from_parts(half, gauss), {.sigma = 0.25, .draws = 16}, gauss, fixed)) ==
        printed(0.0299));

  const auto flips = [](std::uint32_t r) {
    return label_noise(uniform_mode::from_parts(half, gauss), label_flips(0.45, r),
                       assume::labels_flipped_in_every_member{});
  };
  CHECK(flips(1).budget(p, 1.0 - p) == printed(0.4329));
  CHECK(radius(flips(1)) == printed(0.2165));
  CHECK(flips(2).budget(p, 1.0 - p) == printed(0.3821));
  CHECK(radius(flips(2)) == printed(0.1910));
}
