// SPDX-License-Identifier: MIT
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/vote/vote_count.hpp"

#include "stated.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace certssb;
using test::by_ledger;
using test::fixed_selector;
using test::frozen_scales;
using test::gauss;

namespace {

const double inf = std::numeric_limits<double>::infinity();
const double not_a_number = std::nan("");

frozen_mode frozen(std::vector<double> scales) {
  return frozen_mode::from_parts(training_scales(std::move(scales)), gauss, frozen_scales);
}

bool lists(name_list names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

/// A change of row 0 alone, by this norm.
template <class Mode>
bool covers_row(const Mode& mode, double budget, double norm) {
  std::vector<double> norms(mode.rows());
  norms[0] = norm;
  return mode.covers(budget, {.l2 = norms, .l1 = norms});
}

}  // namespace

// A member says A iff w . z > 0 for the noisy rows z_i = x_i + sigma_i eps_i; it votes A with probability
// Phi(w.x / sqrt(sum w_i^2 sigma_i^2)), and the least weighted change that turns it is that same quotient.
TEST_CASE("for the half-space learner modes uniform and frozen are exact", "[certificate]") {
  for (const std::vector<double>& sigma :
       {std::vector<double>{0.5, 0.5, 0.5}, std::vector<double>{0.12, 0.7, 2.0}, std::vector<double>{3.0, 0.1, 0.4}}) {
    const std::vector<double> w{0.3, -1.2, 0.8};
    const std::vector<double> x{0.9, -0.4, 0.25};
    double margin = 0.0;
    double variance = 0.0;
    for (std::size_t i = 0; i < 3; ++i) {
      margin += w[i] * x[i];
      variance += w[i] * w[i] * sigma[i] * sigma[i];
    }
    const double z = margin / std::sqrt(variance);
    const frozen_mode mode = frozen(sigma);
    const double budget = mode.budget(normal_cdf(z), normal_cdf(-z));
    CHECK(budget == Approx(z).epsilon(1e-12));
    // The worst change of size s: delta_i = -s sigma_i^2 w_i / sqrt(variance).
    const auto attack = [&](double s) {
      std::vector<double> norms(3);
      for (std::size_t i = 0; i < 3; ++i) norms[i] = s * sigma[i] * sigma[i] * std::abs(w[i]) / std::sqrt(variance);
      return norms;
    };
    const auto vote = [&](double s) { return normal_cdf((margin - s * std::sqrt(variance)) / std::sqrt(variance)); };
    CHECK(mode.covers(budget, {.l2 = attack(z * (1 - 1e-12))}));
    CHECK(vote(z * (1 - 1e-12)) > 0.5);
    CHECK_FALSE(mode.covers(budget, {.l2 = attack(z * (1 + 1e-12))}));
    CHECK(vote(z * (1 + 1e-12)) < 0.5);
    if (sigma[0] == sigma[1]) {
      const auto uniform = uniform_mode::from_parts(training_scales(sigma), gauss);
      double size = 0.0;
      for (const double norm : attack(z)) size += norm * norm;
      CHECK(uniform.radius(budget, 0) == Approx(std::sqrt(size)).epsilon(1e-12));
      CHECK(uniform.radius(budget, 0) <= std::sqrt(size));
    }
  }
}

TEST_CASE("regression: scale of a test sample in the radius", "[certificate]") {
  // One row at .18, scale .12; the test input's scale does not enter but in mode published, which claims nothing.
  const double x1 = 0.18;
  const vote_counts votes({0, 1000}, 2, 1000);
  const auto uniform = uniform_mode::from_parts(training_scales({0.12}), gauss);
  const auto published = published_mode::from_parts(test_scales({0.283}), gauss);
  const auto bounded = bound_votes(votes, clopper_pearson{}, no_split{}, 0.001);
  const certificate held = issue(bounded, uniform)[0];
  const certificate shown = issue(bounded, published)[0];
  CHECK(held.radius.value() == Approx(0.12 * held.budget).epsilon(1e-12));
  CHECK(shown.radius.value() == 0.0);
  CHECK(shown.candidate.value() > 2.3 * held.radius.value());
  const double budget = uniform.budget(normal_cdf(x1 / 0.12), normal_cdf(-x1 / 0.12));
  CHECK(published.radius(budget, 0) > 1.01 * x1);
  CHECK(normal_cdf((x1 - 1.01 * x1) / 0.12) < 0.5);
}

TEST_CASE("mode ledger counts the cap as one exposure", "[certificate]") {
  const std::vector<double> caps{4.0, 16.0, 0.25};
  const auto mode = ledger_mode::of_caps(exposure_caps<l2_norm>(caps), gauss, by_ledger);
  CHECK(mode.scale(0) == Approx(0.25).epsilon(1e-14));
  CHECK(mode.scale(0) <= 0.25);
  CHECK(mode.radius(2.0, 0) == Approx(0.5).epsilon(1e-14));
  CHECK(mode.per_pattern(2.0, 2) == Approx(2.0 / std::sqrt(20.0)).epsilon(1e-14));
  CHECK(mode.covers(1.0, {.l2 = std::vector<double>{0.3, 0.15, 0.9}}));        // .36 + .36 + .2025 < 1
  CHECK_FALSE(mode.covers(1.0, {.l2 = std::vector<double>{0.3, 0.2, 0.01}}));  // .36 + .64 = 1
  CHECK(lists(ledger_mode::assumptions, "rows_read_only_through_the_ledger"));
  CHECK(mode.conditional_on().empty());
}

TEST_CASE("mode floor is the ledger whose caps are one release's", "[certificate]") {
  const auto mode = floor_mode::from_parts(training_scales::constant(7, 0.3), gauss);
  const auto ledger =
      ledger_mode::of_caps(exposure_caps<l2_norm>(std::vector<double>(7, 1.0 / 0.09)), gauss, by_ledger);
  CHECK(mode.radius(1.5, 0) == Approx(0.45).epsilon(1e-14));
  CHECK(mode.per_pattern(1.5, 4) == Approx(ledger.per_pattern(1.5, 4)).epsilon(1e-14));
  CHECK_THROWS_WITH(floor_mode::from_parts(training_scales({0.3, 0.4}), gauss),
                    Catch::Contains("same scale, got 0.3 to 0.4"));
}

TEST_CASE("mode quantised stops where the selector's constancy does", "[certificate]") {
  const auto mode = quantised_mode::from_parts(training_scales({0.5, 1.0}), {0.4, 0.7}, gauss, fixed_selector);
  CHECK(mode.radius(0.6, 0) == Approx(0.3).epsilon(1e-14));
  CHECK(mode.radius(2.0, 0) == 0.4);
  CHECK(mode.radius(0.0, 0) == 0.0);
  CHECK(mode.per_pattern(2.0, 1) == 0.4);
  CHECK(mode.per_pattern(0.5, 2) == Approx(0.5 / std::sqrt(5.0)).epsilon(1e-14));
  CHECK(mode.covers(2.0, {.l2 = std::vector<double>{0.39, 0.69}}));
  CHECK_FALSE(mode.covers(2.0, {.l2 = std::vector<double>{0.4, 0.0}}));
  CHECK_FALSE(mode.covers(2.0, {.l2 = std::vector<double>{0.0, 0.71}}));
  CHECK_FALSE(mode.covers(0.7, {.l2 = std::vector<double>{0.39, 0.0}}));
  CHECK_THROWS_WITH(quantised_mode::from_parts(training_scales({0.5}), {0.4, 0.7}, gauss, fixed_selector),
                    Catch::Contains("1 scales but 2 selector radii"));
  for (const double rho : {0.0, -1.0, not_a_number}) {
    CHECK_THROWS_WITH(quantised_mode::from_parts(training_scales({0.5}), {rho}, gauss, fixed_selector),
                      Catch::Contains("selector radius must be positive, got "));
  }
  const auto never_changes = quantised_mode::from_parts(training_scales({0.5}), {inf}, gauss, fixed_selector);
  CHECK(never_changes.radius(2.0, 0) == Approx(1.0).epsilon(1e-14));
  CHECK(never_changes.covers(2.0, {.l2 = std::vector<double>{0.99}}));
}

TEST_CASE("mode semi_elastic without slope is mode frozen, and shrinks as the slope grows", "[certificate]") {
  for (const changed_rows rows : {changed_rows::many, changed_rows::one}) {
    const auto radius = [&](double eta) {
      const auto mode = semi_elastic_mode::from_parts(
          training_scales({0.5, 0.8}), {.eta = eta, .row_size = 20, .rows = rows}, gauss, fixed_selector);
      return mode.radius(1.5, 0);
    };
    CHECK(radius(0.0) == Approx(0.75).epsilon(1e-5));
    CHECK(radius(0.0) < 0.75);
    CHECK(radius(0.01) < radius(0.0));
    CHECK(radius(0.1) < radius(0.01));
    CHECK(radius(0.1) > 0.0);
  }
}

TEST_CASE("mode semi_elastic covers up to its own radius, on the worst row", "[certificate]") {
  const std::vector<double> scales{0.4, 0.9, 1.6};
  const auto many =
      semi_elastic_mode::from_parts(training_scales(scales), {.eta = 0.02, .row_size = 50}, gauss, fixed_selector);
  const double norm = many.per_pattern(1.2, 2);
  const std::vector<double> two{norm * (1 - 1e-9), norm * (1 - 1e-9), 0.0};
  const std::vector<double> more{norm * (1 + 1e-9), norm * (1 + 1e-9), 0.0};
  CHECK(many.covers(1.2, {.l2 = two}));
  CHECK_FALSE(many.covers(1.2, {.l2 = more}));
  CHECK(many.radius(1.2, 0) <= many.per_pattern(1.2, 1) * (1 + 1e-9));

  const auto one = semi_elastic_mode::from_parts(
      training_scales(scales), {.eta = 0.02, .row_size = 50, .rows = changed_rows::one}, gauss, fixed_selector);
  const double radius = one.radius(1.2, 0);
  CHECK(radius > many.radius(1.2, 0));
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<double> single(3);
    single[i] = radius * (1 - 1e-9);
    CHECK(one.covers(1.2, {.l2 = single}));
  }
  CHECK(one.per_pattern(1.2, 1) == radius);
  CHECK(one.per_pattern(1.2, 2) == 0.0);
  CHECK_FALSE(one.covers(1.2, {.l2 = std::vector<double>{0.01, 0.01, 0.0}}));
  CHECK(one.covers(1.2, {.l2 = std::vector<double>{0.0, 0.0, 0.0}}));
  CHECK(one.assumptions.back() == "at_most_one_row_changed");
  CHECK_FALSE(lists(many.assumptions, "at_most_one_row_changed"));
}

TEST_CASE("mode semi_elastic takes more scales than groups at their worst", "[certificate]") {
  std::vector<double> scales;
  double least = 1.0;
  for (int i = 0; i < 40; ++i) {
    scales.push_back(0.5 + 0.005 * i);
    const auto single =
        semi_elastic_mode::from_parts(training_scales({scales.back()}),
                                      {.eta = 0.3, .row_size = 10, .rows = changed_rows::one}, gauss, fixed_selector);
    if (i % 13 == 0) least = std::min(least, single.radius(1.0, 0));
  }
  const auto all = semi_elastic_mode::from_parts(
      training_scales(scales), {.eta = 0.3, .row_size = 10, .rows = changed_rows::one}, gauss, fixed_selector);
  CHECK(all.radius(1.0, 0) <= least);
  CHECK(all.radius(1.0, 0) > 0.95 * least);
}

TEST_CASE("mode semi_elastic needs p_A above a half, whatever the bounds say apart", "[certificate]") {
  CHECK(semi_elastic_mode::budget(0.45, 0.3) == 0.0);
  CHECK(semi_elastic_mode::budget(0.9, 0.2) == Approx(normal_quantile(0.8)).epsilon(1e-12));
  const vote_counts votes({450, 250, 150, 150}, 4, 1000);
  const auto mode =
      semi_elastic_mode::from_parts(training_scales({0.5}), {.eta = 0.01, .row_size = 4}, gauss, fixed_selector);
  CHECK(certify(votes, clopper_pearson{}, two_sided{}, mode, 0.001)[0].result == outcome::nothing_left);
  CHECK_THROWS_WITH(
      semi_elastic_mode::from_parts(training_scales({0.5}), {.eta = -0.1, .row_size = 4}, gauss, fixed_selector),
      Catch::Contains("semi-elasticity must be finite and >= 0, got -0.1"));
  CHECK_THROWS_WITH(semi_elastic_mode::from_parts(training_scales({0.5}), {.eta = not_a_number, .row_size = 4}, gauss,
                                                  fixed_selector),
                    Catch::Contains("semi-elasticity"));
  CHECK_THROWS_WITH(
      semi_elastic_mode::from_parts(training_scales({0.5}), {.eta = 0.1, .row_size = 0}, gauss, fixed_selector),
      Catch::Contains("at least one entry, got 0"));
}

TEST_CASE("L1 modes add up the L1 norms, and say that they speak of L1", "[certificate]") {
  const auto uniform = uniform_l1_mode::from_parts(training_scales::constant(3, 0.5), uniform_noise{});
  CHECK(uniform.budget(0.9, 0.1) == Approx(0.8).epsilon(1e-14));
  CHECK(uniform.radius(0.8, 0) == Approx(0.4).epsilon(1e-14));
  CHECK(uniform.per_pattern(0.8, 2) == Approx(0.2).epsilon(1e-12));
  CHECK(uniform.covers(0.8, {.l1 = std::vector<double>{0.2, 0.19, 0.0}}));
  CHECK_FALSE(uniform.covers(0.8, {.l1 = std::vector<double>{0.2, 0.2, 0.0}}));
  CHECK(max_rows(uniform, 0.8, 0.13) == 3);
  CHECK(max_rows(uniform, 0.8, 0.15) == 2);
  // Spread thin, the exact product covers more: four entries of .12 each, L1 norm .48, TV 1 - .88^4 = .4003.
  CHECK(uniform.covers_entries(0.81, std::vector<double>{0.12, -0.12, 0.12, 0.0, 0.0, -0.12}));
  CHECK_FALSE(uniform.covers_entries(0.80, std::vector<double>{0.12, -0.12, 0.12, 0.0, 0.0, -0.12}));
  const certificate c = certify(vote_counts({0, 100}, 2, 100), clopper_pearson{}, no_split{}, uniform, 0.01)[0];
  CHECK(c.norm == "l1");
  CHECK(c.mode == "uniform_l1");
  const auto laplace = laplace_l1_mode::from_parts(training_scales::constant(3, 0.5), laplace_noise{});
  CHECK(laplace.budget(0.9, 0.1) == Approx(std::max(0.5 * std::log(9.0), -std::log(0.2))).epsilon(1e-12));
  CHECK(std::isfinite(laplace.budget(1.0, 0.0)));
  CHECK(laplace.budget(0.5, 0.5) == 0.0);
  CHECK_THROWS_WITH(uniform.covers(0.8, {.l2 = std::vector<double>{0.1, 0.1, 0.1}}),
                    Catch::Contains("3 scales but 0 L1 norms"));
  CHECK_THROWS_WITH(uniform_l1_mode::from_parts(training_scales({0.5, 0.6}), uniform_noise{}),
                    Catch::Contains("must all be the same"));
  CHECK_THROWS_WITH(laplace_l1_mode::from_parts(training_scales({0.5, 0.6}), laplace_noise{}),
                    Catch::Contains("must all be the same"));
  CHECK_THROWS_WITH(uniform.budget(1.2, 0.0), Catch::Contains("[0,1], got 1.2"));
  CHECK_THROWS_WITH(laplace.budget(not_a_number, 0.0), Catch::Contains("[0,1]"));
}

TEST_CASE("modes of sampled votes: no budget where p_B reaches p_A, and radius, norm and cover grow with the budget",
          "[certificate]") {
  const auto check = [](const auto& mode) {
    CAPTURE(std::string(mode.name));
    CHECK(mode.budget(0.4, 0.6) == 0.0);
    CHECK(mode.budget(0.5, 0.5) == 0.0);
    CHECK(mode.radius(0.0, 0) == 0.0);
    CHECK(mode.per_pattern(0.0, 1) == 0.0);
    double last_budget = 0.0;
    double last_radius = 0.0;
    for (const double p : {0.55, 0.7, 0.9, 0.99, 0.9999}) {
      const double budget = mode.budget(p, 1.0 - p);
      const double radius = mode.radius(budget, 0);
      CHECK(budget > last_budget);
      CHECK(radius > last_radius);
      CHECK(mode.budget(p, 0.9 * (1.0 - p)) >= budget);
      CHECK(covers_row(mode, budget, radius * (1 - 1e-9)));
      CHECK(mode.per_pattern(budget, 2) < mode.per_pattern(budget, 1));
      CHECK(mode.per_pattern(budget, 1) >= radius * (1 - 1e-9));
      CHECK_FALSE(covers_row(mode, budget, 10.0 * radius));
      last_budget = budget;
      last_radius = radius;
    }
    CHECK_THROWS_AS(mode.budget(1.5, 0.1), argument_error);
    CHECK_THROWS_AS(mode.budget(0.9, not_a_number), argument_error);
    CHECK_THROWS_AS(mode.per_pattern(1.0, 0), argument_error);
    CHECK_THROWS_AS(mode.per_pattern(1.0, 6), argument_error);
  };
  const auto scales = training_scales::constant(5, 0.5);
  check(uniform_mode::from_parts(scales, gauss));
  check(frozen({0.5, 0.6, 0.7, 0.8, 0.9}));
  check(ledger_mode::of_caps(exposure_caps<l2_norm>(std::vector<double>(5, 4.0)), gauss, by_ledger));
  check(floor_mode::from_parts(scales, gauss));
  check(quantised_mode::from_parts(scales, std::vector<double>(5, 9.0), gauss, fixed_selector));
  check(semi_elastic_mode::from_parts(scales, {.eta = 0.01, .row_size = 10}, gauss, fixed_selector));
  check(uniform_l1_mode::from_parts(scales, uniform_noise{}));
  check(laplace_l1_mode::from_parts(scales, laplace_noise{}));
}

TEST_CASE("caps that are none are refused", "[certificate]") {
  for (const double cap : {0.0, -2.0, not_a_number, inf}) {
    CHECK_THROWS_WITH(ledger_mode::of_caps(exposure_caps<l2_norm>({1.0, cap}), gauss, by_ledger),
                      Catch::Contains("exposure_caps: a cap must be finite and positive, got "));
  }
  CHECK_THROWS_WITH(ledger_mode::of_caps(exposure_caps<l2_norm>({}), gauss, by_ledger),
                    Catch::Contains("no caps given"));
  CHECK_THROWS_WITH(frozen({0.5, not_a_number}), Catch::Contains("sigma must be finite and positive, got nan"));
  CHECK_THROWS_WITH(frozen({0.5, 0.0}), Catch::Contains("got 0"));
}
