// SPDX-License-Identifier: MIT
#include "certssb/core/error.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/model/initialiser.hpp"
#include "certssb/model/loss.hpp"
#include "certssb/model/optimiser.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

using namespace certssb;

TEST_CASE("the cross-entropy of equal logits is log K", "[model]") {
  std::vector<double> logits(10, 3.25);
  const std::vector<label_type> labels{1, 4};
  const double loss = softmax_cross_entropy(std::span(logits), std::span<const label_type>(labels), 5, 0.5);
  CHECK(loss == Approx(std::log(5.0)).epsilon(1e-14));
  for (std::size_t i = 0; i < logits.size(); ++i) {
    CHECK(logits[i] == Approx(0.5 * (0.2 - (i == 1 || i == 9 ? 1.0 : 0.0))).epsilon(1e-14));
  }
}

TEST_CASE("the cross-entropy of two classes is log(1 + exp(-margin))", "[model]") {
  for (const double margin : {-3.0, -0.1, 0.0, 2.0, 30.0}) {
    CAPTURE(margin);
    std::vector<double> logits{1.0, 1.0 + margin};
    const std::vector<label_type> labels{1};
    const double loss = softmax_cross_entropy(std::span(logits), std::span<const label_type>(labels), 2, 1.0);
    CHECK(loss == Approx(std::log1p(std::exp(-margin))).epsilon(1e-12).margin(1e-15));
    CHECK(logits[0] == Approx(1.0 / (1.0 + std::exp(margin))).epsilon(1e-12));
  }
}

TEST_CASE("softmax and cross-entropy stay finite for large logits", "[model]") {
  std::vector<float> logits{1000.0F, -1000.0F};
  const std::vector<label_type> labels{1};
  std::vector<float> probabilities(logits);
  softmax(std::span(probabilities), 2);
  CHECK(probabilities == std::vector<float>{1.0F, 0.0F});
  CHECK(softmax_cross_entropy(std::span(logits), std::span<const label_type>(labels), 2, 1.0F) == Approx(2000.0));
  CHECK(logits == std::vector<float>{1.0F, -1.0F});
}

TEST_CASE("a row with a not-a-number votes for class 0 wherever that number stands", "[model]") {
  for (std::size_t place = 0; place < 3; ++place) {
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      std::vector<double> row{1.0, 2.0, 3.0};
      row[place] = bad;
      softmax(std::span(row), 3);
      CHECK(std::ranges::all_of(row, [](double p) { return std::isnan(p); }));
      CHECK(find_top(std::span<const double>(row)) == 0);
    }
  }
}

TEST_CASE("a label outside the classes is refused", "[model]") {
  std::vector<double> logits(3);
  for (const label_type label : {label_type{-1}, label_type{3}}) {
    const std::vector<label_type> labels{label};
    CHECK_THROWS_AS(softmax_cross_entropy(std::span(logits), std::span<const label_type>(labels), 3, 1.0),
                    argument_error);
  }
  const std::vector<label_type> two{0, 1};
  CHECK_THROWS_AS(softmax_cross_entropy(std::span(logits), std::span<const label_type>(two), 3, 1.0), argument_error);
}

TEST_CASE("Adam moves by the rate per step while the gradient stays the same", "[model]") {
  // m and v are then the gradient and its square at every step, bias-corrected.
  adam<double> optimiser;
  std::vector<double> p{1.0, -2.0};
  const std::vector<double> g{0.3, -5.0};
  for (int t = 1; t <= 5; ++t) {
    optimiser.step(p, g, 0.01);
    CHECK(p[0] == Approx(1.0 - t * 0.01 * 0.3 / (0.3 + 1e-8)).epsilon(1e-12));
    CHECK(p[1] == Approx(-2.0 + t * 0.01 * 5.0 / (5.0 + 1e-8)).epsilon(1e-12));
  }
}

TEST_CASE("Adam's second step is the one worked out by hand", "[model]") {
  // Gradients 1, then -2: m = .9 * .1 - .2 = -.11, v = .999 * .001 + .004 = .004999;
  // corrected by 1 - .81 = .19 and 1 - .998001 = .001999.
  adam<double> optimiser;
  std::vector<double> p{0.0};
  const std::vector<double> first{1.0};
  const std::vector<double> second{-2.0};
  optimiser.step(p, first, 0.1);
  const double before = p[0];
  optimiser.step(p, second, 0.1);
  const double mean = -0.11 / 0.19;
  const double root = std::sqrt(0.004999 / 0.001999);
  CHECK(p[0] - before == Approx(-0.1 * mean / (root + 1e-8)).epsilon(1e-9));
}

TEST_CASE("Adam treats every parameter of a long vector alike", "[model]") {
  adam<float> optimiser;
  std::vector<float> p(3000, 1.0F);
  const std::vector<float> g(3000, 0.5F);
  optimiser.step(p, g, 0.01);
  CHECK(std::ranges::all_of(p, [&](float value) { return value == p[0]; }));
  CHECK(p[0] == Approx(0.99).epsilon(1e-6));
}

TEST_CASE("momentum sums a geometric series of gradients", "[model]") {
  sgd<double> optimiser(0.5);
  std::vector<double> p{1.0};
  const std::vector<double> g{4.0};
  double expected = 1.0;
  for (int t = 1; t <= 6; ++t) {
    optimiser.step(p, g, 0.25);
    expected -= 0.25 * 4.0 * (1.0 - std::pow(0.5, t)) / 0.5;
    CHECK(p[0] == Approx(expected).epsilon(1e-14));
  }
}

TEST_CASE("optimisers refuse constants and lengths that cannot be meant", "[model]") {
  CHECK_THROWS_AS(adam<double>({.mean_decay = 1.0}), argument_error);
  CHECK_THROWS_AS(adam<double>({.square_decay = -0.1}), argument_error);
  CHECK_THROWS_AS(adam<double>({.epsilon = 0.0}), argument_error);
  CHECK_THROWS_AS(sgd<double>(1.0), argument_error);
  std::vector<double> two(2);
  std::vector<double> three(3);
  adam<double> optimiser;
  CHECK_THROWS_AS(optimiser.step(two, three, 0.1), argument_error);
  sgd<double> plain;
  plain.step(two, two, 0.1);
  CHECK_THROWS_AS(plain.step(three, three, 0.1), argument_error);
}

TEST_CASE("initial parameters fill (-1/sqrt(fan_in), 1/sqrt(fan_in)) evenly", "[model]") {
  // Mean and variance of 20,000 uniform draws, each within 5 standard errors: false alarm below 2e-6.
  std::vector<double> p(20000);
  random_stream stream(random_key{3, stage::initialise});
  initialise_uniform(std::span(p), 25, stream);
  double sum = 0.0;
  double squares = 0.0;
  for (const double value : p) {
    REQUIRE(std::abs(value) < 0.2);
    sum += value;
    squares += value * value;
  }
  const double n = 20000.0;
  const double variance = 0.04 / 3.0;
  CHECK(std::abs(sum / n) < 5.0 * std::sqrt(variance / n));
  CHECK(std::abs(squares / n - variance) < 5.0 * std::sqrt((0.0016 / 5.0 - variance * variance) / n));
}
