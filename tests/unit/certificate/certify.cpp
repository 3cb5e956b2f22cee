// SPDX-License-Identifier: MIT
#include "certssb/certificate/certify.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/vote_count.hpp"

#include "stated.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;
using test::gauss;

namespace {

vote_counts counts(std::vector<std::int64_t> values, std::int64_t trials, std::size_t classes = 2) {
  return {std::move(values), classes, trials};
}

}  // namespace

TEST_CASE("a unanimous vote is certified at sigma PhiInv((alpha/2)^(1/M))", "[certificate]") {
  const auto mode = uniform_mode::from_parts(training_scales::constant(50, 0.5), gauss);
  const auto all = certify(counts({0, 100}, 100), clopper_pearson{}, no_split{}, mode, 0.001);
  REQUIRE(all.size() == 1);
  const certificate& c = all[0];
  CHECK(c.result == outcome::certified);
  CHECK(c.label == 1);
  CHECK(c.predicted == 1);
  CHECK(c.lower == Approx(std::pow(0.0005, 0.01)).epsilon(1e-12));
  CHECK(c.upper == 1.0 - c.lower);
  CHECK(c.budget == Approx(normal_quantile(std::pow(0.0005, 0.01))).epsilon(1e-9));
  CHECK(c.radius.value() == Approx(0.5 * c.budget).epsilon(1e-12));
  CHECK(c.radius.value() < 0.5 * c.budget);
  CHECK(c.stated_radius() == c.radius.value());
  CHECK(c.candidate.value() == 0.0);
  CHECK(c.mode == "uniform");
  CHECK(c.norm == "l2");
  CHECK(c.bound == "clopper-pearson");
  CHECK(c.selection == "no-split");
  CHECK(c.alpha == 0.001);
  CHECK(c.models == 100);
  CHECK(c.scale == 0.5);
}

TEST_CASE("with too few models for alpha every sample abstains, and says why", "[certificate]") {
  const auto mode = uniform_mode::from_parts(training_scales::constant(50, 0.5), gauss);
  for (const certificate& c : certify(counts({10, 0, 0, 10, 5, 5}, 10), clopper_pearson{}, no_split{}, mode, 0.001)) {
    CHECK(c.label == abstain);
    CHECK(c.radius.value() == 0.0);
    CHECK(c.budget == 0.0);
    CHECK(c.result == outcome::bound_not_above_half);
    CHECK_FALSE(c.has_radius());
  }
}

TEST_CASE("bounds that overlap abstain for that reason, and a plurality can be certified two-sided", "[certificate]") {
  const auto mode = uniform_mode::from_parts(training_scales::constant(50, 1.0), gauss);
  const auto votes = counts({45, 25, 15, 15, 450, 250, 150, 150}, 1000, 4);
  const auto two = certify(votes, clopper_pearson{}, two_sided{}, mode, 0.001);
  CHECK(two[0].result == outcome::bounds_overlap);
  CHECK(two[0].label == abstain);
  CHECK(two[1].result == outcome::certified);
  CHECK(two[1].label == 0);
  CHECK(two[1].lower < 0.5);
  const auto one = certify(votes, clopper_pearson{}, no_split{}, mode, 0.001);
  CHECK(one[1].result == outcome::bound_not_above_half);
  CHECK(one[1].predicted == 0);
}

TEST_CASE("mode given_scales uses the smallest training scale and says what it is conditional on", "[certificate]") {
  const training_scales scales({0.5, 0.7, 0.25, 2.0});
  const auto mode = given_scales_mode::from_parts(scales, gauss, test_scale_origin::found_from_training_data);
  const auto all = certify(counts({95, 5}, 100), clopper_pearson{}, no_split{}, mode, 0.01);
  CHECK(all[0].radius.value() == Approx(0.25 * all[0].budget).epsilon(1e-12));
  REQUIRE(mode.conditional_on().size() == 2);
  CHECK(mode.conditional_on()[0] == "train_scales");
  CHECK(mode.conditional_on()[1] == "test_scale");
  const auto fixed = given_scales_mode::from_parts(scales, gauss, test_scale_origin::fixed_or_of_each_member);
  CHECK(fixed.conditional_on().size() == 1);
  CHECK(given_scales_mode::certified);
}

TEST_CASE("mode published scales each sample by its own sigma and is never called certified", "[certificate]") {
  const auto mode = published_mode::from_parts(test_scales({0.3, 1.2}), gauss);
  const auto all = certify(counts({95, 5, 95, 5}, 100), clopper_pearson{}, no_split{}, mode, 0.01);
  CHECK(all[0].candidate.value() == Approx(0.3 * all[0].budget).epsilon(1e-12));
  CHECK(all[1].candidate.value() == Approx(1.2 * all[1].budget).epsilon(1e-12));
  CHECK(all[0].result == outcome::published);
  CHECK(all[0].radius.value() == 0.0);
  CHECK(all[0].stated_radius() == all[0].candidate.value());
  CHECK_FALSE(published_mode::covers(all[0].budget, {.test_l2 = 0.0}));
  CHECK(published_mode::per_pattern(all[0].budget, 1) == 0.0);
  CHECK_FALSE(published_mode::certified);
  CHECK(published_mode::assumptions.empty());
}

TEST_CASE("mode uniform refuses scales that differ", "[certificate]") {
  CHECK_THROWS_WITH(uniform_mode::from_parts(training_scales({0.5, 0.6}), gauss),
                    Catch::Contains("must all be the same, got 0.5 to 0.6"));
}

TEST_CASE("mean scores are certified with Hoeffding at alpha/(2K) and the true M", "[certificate]") {
  std::vector<float> scores;
  for (int m = 0; m < 50; ++m) scores.insert(scores.end(), {1.0F, 0.0F});
  const score_table table(std::span<const float>(scores), 50, 1, 2);
  const auto mode = uniform_mode::from_parts(training_scales::constant(4, 1.0), gauss);
  const auto all = certify(table, hoeffding{}, no_split{}, mode, 0.004);
  CHECK(all[0].lower == Approx(1.0 - std::sqrt(std::log(1000.0) / 100.0)).epsilon(1e-12));
  CHECK(all[0].bound == "hoeffding");
}

TEST_CASE("split votes are certified by the second part alone", "[certificate]") {
  const split_votes votes(counts({0, 10}, 10), counts({60, 30}, 90));
  const auto mode = uniform_mode::from_parts(training_scales::constant(4, 1.0), gauss);
  const auto all = certify(votes, clopper_pearson{}, split{}, mode, 0.01);
  CHECK(all[0].predicted == 1);
  CHECK(all[0].result == outcome::bound_not_above_half);
  CHECK(all[0].models == 90);
}

TEST_CASE("a larger vote, alpha or scale never shrinks the radius", "[certificate]") {
  const auto radius = [](std::int64_t k, double alpha, double sigma) {
    const auto mode = uniform_mode::from_parts(training_scales::constant(4, sigma), gauss);
    return certify(counts({k, 100 - k}, 100), clopper_pearson{}, no_split{}, mode, alpha)[0].radius.value();
  };
  for (std::int64_t k = 51; k <= 100; ++k) {
    CAPTURE(k);
    CHECK(radius(k, 0.01, 0.5) >= radius(k - 1, 0.01, 0.5));
    CHECK(radius(k, 0.02, 0.5) >= radius(k, 0.01, 0.5));
    CHECK(radius(k, 0.01, 0.6) >= radius(k, 0.01, 0.5));
  }
}

TEST_CASE("certify names the argument that is wrong", "[certificate]") {
  const auto mode = uniform_mode::from_parts(training_scales::constant(4, 1.0), gauss);
  const auto votes = counts({60, 40}, 100);
  CHECK_THROWS_WITH(certify(votes, clopper_pearson{}, no_split{}, mode, 0.0),
                    Catch::Contains("alpha must lie in (0,1), got 0"));
  CHECK_THROWS_WITH(certify(votes, clopper_pearson{}, no_split{}, mode, 1.0), Catch::Contains("alpha"));
  CHECK_THROWS_WITH(certify(vote_counts(1, 2), clopper_pearson{}, no_split{}, mode, 0.1),
                    Catch::Contains("trials must be positive"));
  const auto published = published_mode::from_parts(test_scales({0.5, 0.5}), gauss);
  CHECK_THROWS_WITH(certify(votes, clopper_pearson{}, no_split{}, published, 0.1),
                    Catch::Contains("1 samples but test scales of 2"));
}
