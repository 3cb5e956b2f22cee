// SPDX-License-Identifier: MIT
#include "certssb/report/metrics.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/report/curve.hpp"
#include "support/own_mode.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;

namespace {

using test::issued;

certificate declined(label_type predicted) { return {.predicted = predicted}; }

// Right at .4, wrong at .6, abstained (predicted right), adopted (right label), right at .2.
const std::vector<certificate> five{issued(1, 0.4), issued(0, 0.6), declined(1),
                                    issued(1, 0.0, outcome::adopted_in_storage), issued(0, 0.2)};
const std::vector<label_type> truth{1, 1, 1, 1, 0};

}  // namespace

TEST_CASE("certified accuracy and ratio count all samples, and a radius at r itself does not count", "[certificate]") {
  CHECK(certified_accuracy(five, truth, 0.0).numerator == 2.0);
  CHECK(certified_accuracy(five, truth, 0.0).denominator == 5);
  CHECK(certified_accuracy(five, truth, 0.0).value() == 0.4);
  CHECK(certified_accuracy(five, truth, 0.2).numerator == 1.0);
  CHECK(certified_accuracy(five, truth, 0.4).numerator == 0.0);
  CHECK(certified_ratio(five, 0.0).numerator == 3.0);
  CHECK(certified_ratio(five, 0.2).numerator == 2.0);
  CHECK(certified_ratio(five, 0.6).numerator == 0.0);
}

TEST_CASE("empirical accuracy and attack success look at the predicted class, certified or not", "[certificate]") {
  CHECK(empirical_accuracy(five, truth).value() == 0.8);
  CHECK(attack_success(five, 0).value() == 0.4);
  const std::vector<label_type> predicted{1, 0, 1, 1, 0};
  CHECK(empirical_accuracy(predicted, truth).value() == 0.8);
  CHECK(attack_success(predicted, 0).value() == 0.4);
}

TEST_CASE("the average radius counts 0 where the label is wrong or there is no radius", "[certificate]") {
  CHECK(average_certified_radius(five, truth).value() == Approx(0.6 / 5).epsilon(1e-15));
  CHECK(abstention(five).value() == 0.2);
}

TEST_CASE("an attack is covered by budgets above its size, in certified modes alone", "[certificate]") {
  // Budgets .8, 1.2, -, -, .4.
  const test::own_mode mode;
  CHECK(certified_against(five, truth, mode, {.test_l2 = 0.5}).numerator == 1.0);
  CHECK(certified_against(five, truth, mode, {.test_l2 = 0.4}).numerator == 1.0);
  CHECK(certified_against(five, truth, mode, {.test_l2 = 0.3}).numerator == 2.0);
  const std::vector<certificate> published{issued(1, 0.4, outcome::published)};
  CHECK(certified_against(published, std::vector<label_type>{1}, mode, {}).numerator == 0.0);
  CHECK(certified_accuracy(published, std::vector<label_type>{1}, 0.3).numerator == 1.0);
}

TEST_CASE("the median pattern norm is B / sqrt(r) sigma for one common scale", "[certificate]") {
  const auto mode = uniform_mode::from_parts(training_scales::constant(100, 0.5), gaussian_noise{});
  CHECK(median_per_pattern(five, mode, 4) == Approx(0.4 * 0.5 / 2.0).epsilon(1e-12));
  const std::vector<certificate> two{issued(0, 0.2), issued(0, 0.4)};
  CHECK(median_per_pattern(two, mode, 1) == Approx(0.5 * 0.5 * (0.4 + 0.8)).epsilon(1e-12));
}

TEST_CASE("curves hold the metric at each radius, and never rise", "[certificate]") {
  const std::vector<double> radii{0.0, 0.1, 0.2, 0.4, 0.6};
  const auto accuracy = certified_accuracy_curve(five, truth, radii);
  const auto ratios = certified_ratio_curve(five, radii);
  REQUIRE(accuracy.size() == radii.size());
  for (std::size_t i = 0; i < radii.size(); ++i) {
    CHECK(accuracy[i].radius == radii[i]);
    CHECK(accuracy[i].fraction.value() == certified_accuracy(five, truth, radii[i]).value());
    CHECK(accuracy[i].fraction.value() <= ratios[i].fraction.value());
    if (i > 0) CHECK(accuracy[i].fraction.value() <= accuracy[i - 1].fraction.value());
  }
}

TEST_CASE("metrics of no samples, or of other labels, are refused", "[certificate]") {
  const std::vector<certificate> none;
  const std::vector<label_type> one{1};
  CHECK_THROWS_WITH(certified_ratio(none, 0.0), Catch::Contains("no samples"));
  CHECK_THROWS_WITH(abstention(none), Catch::Contains("no samples"));
  CHECK_THROWS_WITH(certified_accuracy(five, one, 0.0), Catch::Contains("5 samples but 1 labels"));
  CHECK_THROWS_WITH(empirical_accuracy(five, one), Catch::Contains("5 samples but 1 labels"));
  CHECK_THROWS_WITH(average_certified_radius(five, one), Catch::Contains("5 samples but 1 labels"));
  CHECK_THROWS_WITH(certified_ratio(five, -0.1), Catch::Contains("got -0.1"));
  CHECK_THROWS_WITH(certified_accuracy(five, truth, std::nan("")), Catch::Contains("radius must be finite"));
}
