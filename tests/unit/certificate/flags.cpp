// SPDX-License-Identifier: MIT
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/vote/vote_count.hpp"

#include "stated.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;
using test::fixed_test_scale;
using test::flipped;
using test::gauss;

namespace {

uniform_mode uniform(std::size_t rows, double sigma) {
  return uniform_mode::from_parts(training_scales::constant(rows, sigma), gauss);
}

}  // namespace

TEST_CASE("joint counts the test input as one more row, once per draw", "[certificate]") {
  const joint mode(uniform(3, 0.5), {.sigma = 0.4, .draws = 4}, gauss, fixed_test_scale);
  // Effective test scale .4 / 2 = .2.
  CHECK(mode.radius(1.0, 0) == Approx(0.2).epsilon(1e-14));
  CHECK(mode.scale(0) == Approx(0.2).epsilon(1e-14));
  CHECK(mode.per_pattern(1.0, 2) == Approx(1.0 / std::sqrt(2 / 0.25 + 25.0)).epsilon(1e-14));
  const std::vector<double> norms{0.3, 0.0, 0.0};  // (.3/.5)^2 = .36
  CHECK(mode.covers(1.0, {.l2 = norms, .test_l2 = 0.159}));
  CHECK_FALSE(mode.covers(1.0, {.l2 = norms, .test_l2 = 0.161}));
  CHECK_FALSE(mode.covers(1.0, {.l2 = norms, .test_l2 = 0.2}));
  CHECK(std::string_view(mode.name) == "uniform+joint");
  CHECK(name_list(mode.assumptions).back() == "test_scale_fixed_beforehand");
  CHECK(name_list(mode.assumptions).size() == name_list(uniform_mode::assumptions).size() + 1);
}

TEST_CASE("joint refuses votes without noise, and modes that hold scales fixed", "[certificate]") {
  CHECK_THROWS_WITH(joint(uniform(3, 0.5), {.sigma = 0.4, .draws = 0}, gauss, fixed_test_scale),
                    Catch::Contains("votes without test noise"));
  for (const double sigma : {0.0, -1.0, std::nan("")}) {
    CHECK_THROWS_WITH(joint(uniform(3, 0.5), {.sigma = sigma}, gauss, fixed_test_scale),
                      Catch::Contains("test scale must be finite and positive, got "));
  }
  STATIC_REQUIRE_FALSE(joint_base<given_scales_mode>);
  const joint mode(uniform(2, 0.5), {.sigma = 0.4}, gauss, fixed_test_scale);
  CHECK_THROWS_WITH(mode.covers(1.0, {.l2 = std::vector<double>{0.0, 0.0}, .test_l2 = -0.1}),
                    Catch::Contains("got -0.1"));
}

TEST_CASE("joint keeps what the inner mode asks of each row", "[certificate]") {
  const joint mode(quantised_mode::from_parts(training_scales({0.5, 0.5}), {0.1, 0.3}, gauss,
                                              assume::selector_fixed_independently_of_data{}),
                   {.sigma = 1.0}, gauss, fixed_test_scale);
  CHECK(mode.radius(2.0, 0) == 0.1);
  CHECK(mode.per_pattern(2.0, 1) == 0.1);
  CHECK_FALSE(mode.covers(2.0, {.l2 = std::vector<double>{0.1, 0.0}, .test_l2 = 0.1}));
  CHECK(mode.covers(2.0, {.l2 = std::vector<double>{0.09, 0.2}, .test_l2 = 0.1}));
}

TEST_CASE("label_noise without changed labels is the inner mode, and each changed label costs", "[certificate]") {
  const auto budget = [](double q, std::uint32_t r, double p = 0.99) {
    return label_noise(uniform(3, 0.5), label_flips(q, r), flipped).budget(p, 1.0 - p);
  };
  CHECK(budget(0.3, 0) == Approx(normal_quantile(0.99)).epsilon(1e-9));
  CHECK(budget(0.3, 0) <= normal_quantile(0.99));
  for (std::uint32_t r = 1; r < 6; ++r) CHECK(budget(0.4, r) < budget(0.4, r - 1));
  CHECK(budget(0.45, 10) > budget(0.4, 10));
  CHECK(budget(0.4, 2, 0.999) > budget(0.4, 2, 0.99));
  CHECK(budget(0.0, 1) == 0.0);
  CHECK(budget(0.1, 5) == 0.0);
}

TEST_CASE("label_noise: 80 labels at q = .45 and one at q = .2 are covered at p_A = .99, and not many more",
          "[certificate]") {
  // Against the closed form r (1-2q) log((1-q)/q) < -log(4 p (1-p))/2, which is weaker: 80.5 and 1.94 labels.
  CHECK(label_flips(0.45, 80).worst(0.99, 0.0) > 0.5);
  CHECK(label_flips(0.2, 1).worst(0.99, 0.0) > 0.5);
  CHECK(label_flips(0.45, 200).worst(0.99, 0.0) < 0.5);
  CHECK(label_flips(0.2, 6).worst(0.99, 0.0) < 0.5);
  for (const double q : {0.1, 0.3, 0.45}) {
    for (const double p : {0.8, 0.99, 0.9999}) {
      for (const double s : {0.0, 0.3, 1.0}) {
        CAPTURE(q, p, s);
        const double closed = (-0.5 * std::log(4 * p * (1 - p)) - 0.5 * s * s) / ((1 - 2 * q) * std::log((1 - q) / q));
        if (closed <= 0.0) continue;
        CHECK(label_flips(q, static_cast<std::uint32_t>(closed)).worst(p, s) > 0.5);
      }
    }
  }
}

TEST_CASE("the least p_A is continuous at a shift of 0 and falls with it", "[certificate]") {
  const label_flips flips(0.4, 4);
  CHECK(flips.worst(0.95, 1e-9) == Approx(flips.worst(0.95, 0.0)).margin(1e-5));
  double last = flips.worst(0.95, 0.0);
  for (double shift = 0.05; shift < 3.0; shift += 0.05) {
    const double now = flips.worst(0.95, shift);
    CHECK(now < last);
    last = now;
  }
  const double edge = flips.largest_shift(0.95);
  CHECK(flips.worst(0.95, edge) > 0.5);
  CHECK(flips.worst(0.95, edge * (1 + 1e-9)) <= 0.5);
  CHECK(flips.largest_shift(0.5) == 0.0);
}

TEST_CASE("label_noise covers so many changed labels beside the change of features, with joint too", "[certificate]") {
  const label_noise mode(joint(uniform(2, 0.5), {.sigma = 0.5}, gauss, fixed_test_scale), label_flips(0.4, 2), flipped);
  CHECK(std::string_view(mode.name) == "uniform+joint+label-noise");
  CHECK(name_list(mode.assumptions).back() == "labels_flipped_in_every_member");
  const double budget = mode.budget(0.999, 0.001);
  const std::vector<double> norms{0.1 * budget, 0.1 * budget};
  CHECK(mode.covers(budget, {.l2 = norms, .test_l2 = 0.1 * budget, .changed_labels = 2}));
  CHECK_FALSE(mode.covers(budget, {.l2 = norms, .test_l2 = 0.1 * budget, .changed_labels = 3}));
  CHECK_FALSE(mode.covers(budget, {.l2 = norms, .test_l2 = 0.6 * budget, .changed_labels = 0}));
}

TEST_CASE("label_noise is for two classes, and says when the labels use the bounds up", "[certificate]") {
  const label_noise mode(uniform(2, 0.5), label_flips(0.1, 5), flipped);
  const certificate c = certify(vote_counts({0, 100}, 2, 100), clopper_pearson{}, no_split{}, mode, 0.01)[0];
  CHECK(c.result == outcome::nothing_left);
  CHECK(c.label == abstain);
  CHECK(c.predicted == 1);
  CHECK_THROWS_WITH(certify(vote_counts({0, 100, 0}, 3, 100), clopper_pearson{}, no_split{}, mode, 0.01),
                    Catch::Contains("mode uniform+label-noise is for 2 classes, got 3"));
}

TEST_CASE("label_noise refuses impossible probabilities and scales that may be those of classes", "[certificate]") {
  for (const double q : {0.5, 0.7, -0.1, std::nan("")}) {
    CHECK_THROWS_WITH(label_flips(q, 1), Catch::Contains("flip probability must lie in [0, 0.5), got "));
  }
  const label_flips flips(0.4, 1);
  CHECK_THROWS_WITH(flips.worst(1.1, 0.0), Catch::Contains("p_A must lie in [0,1], got 1.1"));
  CHECK_THROWS_WITH(flips.worst(0.9, -1.0), Catch::Contains("shift must be finite and >= 0, got -1"));
  const auto by_class =
      frozen_mode::from_parts(training_scales({0.5, 0.6}), gauss, assume::scales_independent_of_features{});
  CHECK_THROWS_WITH(label_noise(by_class, flips, flipped), Catch::Contains("may be those of classes"));
  const label_noise by_index(by_class, flips, flipped, assume::scales_independent_of_labels{});
  CHECK(by_index.radius(1.0, 0) == Approx(0.5).epsilon(1e-12));
  // It names the assumption that it rests on, and only then.
  CHECK(by_index.assumptions.back() == "scales_independent_of_labels");
  const label_noise same(uniform(2, 0.5), flips, flipped, assume::scales_independent_of_labels{});
  CHECK(same.assumptions.back() == "labels_flipped_in_every_member");
  CHECK(label_noise(uniform(2, 0.5), flips, flipped).assumptions.size() == same.assumptions.size());
}
