// SPDX-License-Identifier: MIT
#include "certssb/bound/smoothed_neighbour.hpp"

#include "certssb/core/normal.hpp"
#include "certssb/core/random.hpp"
#include "certssb/noise/gaussian.hpp"

#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace certssb;

namespace {

using intervals = std::vector<probability_interval>;

/// The classes' shares of nearest rows in so many draws: `rows` training rows of `d` entries, x at the origin.
std::vector<double> simulate(const std::vector<double>& rows, const std::vector<label_type>& labels,
                             std::size_t classes, const noise_scales& sigmas, std::size_t draws) {
  const std::size_t d = rows.size() / labels.size();
  std::vector<double> shares(classes);
  std::vector<double> eps(d);
  for (std::uint32_t m = 0; m < draws; ++m) {
    double least = std::numeric_limits<double>::infinity();
    std::size_t nearest = 0;
    for (std::uint32_t i = 0; i < labels.size(); ++i) {
      gaussian_noise{}.fill(random_key{11}.at(stage::train_noise).for_model(m).for_sample(i), std::span<double>(eps));
      double distance2 = 0.0;
      for (std::size_t p = 0; p < d; ++p) {
        const double z = rows[i * d + p] + sigmas[i] * eps[p];
        distance2 += z * z;
      }
      if (distance2 < least) {
        least = distance2;
        nearest = i;
      }
    }
    shares[static_cast<std::size_t>(labels[nearest])] += 1.0 / static_cast<double>(draws);
  }
  return shares;
}

std::vector<double> squared_norms(const std::vector<double>& rows, std::size_t n) {
  std::vector<double> norms(n);
  for (std::size_t k = 0; k < rows.size(); ++k) norms[k / (rows.size() / n)] += rows[k] * rows[k];
  return norms;
}

}  // namespace

TEST_CASE("rows' laws agree with Boost's non-central chi-squared", "[bound]") {
  for (const std::size_t d : {1U, 4U, 784U}) {
    for (const double lambda : {1e-6, 0.7, 30.0, 900.0, 2e4}) {
      const auto weights = detail::poisson_weights::of_mean(0.5 * lambda);
      const boost::math::non_central_chi_squared law(static_cast<double>(d), lambda);
      for (const double sds : {-6.0, -3.0, -1.0, 0.0, 2.0, 5.0}) {
        const double t = static_cast<double>(d) + lambda + sds * std::sqrt(2.0 * static_cast<double>(d) + 4.0 * lambda);
        if (t <= 0.0) continue;
        CAPTURE(d, lambda, t);
        detail::central_table central;
        central.fill(d, 0.5 * t, weights.first, weights.last());
        CHECK(central.probability(weights) == Approx(boost::math::cdf(law, t)).epsilon(1e-10).margin(1e-16));
      }
    }
  }
}

TEST_CASE("a row at the input itself has the central law", "[bound]") {
  const auto weights = detail::poisson_weights::of_mean(0.0);
  CHECK(weights.first == 0);
  CHECK(weights.weights == std::vector<double>{1.0, 0.0});
}

TEST_CASE("two rows equally far are equally often nearest, and a lone row always", "[bound]") {
  const std::vector<double> distances2{3.0, 3.0};
  const auto sigmas = noise_scales::constant(2, 0.5);
  const intervals q = smoothed_neighbour_bounds(distances2, std::vector<label_type>{0, 1}, 2, sigmas, 10, 1e-4);
  for (const probability_interval& p : q) {
    CHECK(p.lower <= 0.5);
    CHECK(p.upper >= 0.5);
    CHECK(p.upper - p.lower <= 1e-4);
  }
  const intervals sure = smoothed_neighbour_bounds(distances2, std::vector<label_type>{1, 1}, 3, sigmas, 10);
  CHECK(sure[0].upper <= 1e-9);
  CHECK(sure[1].lower >= 1.0 - 1e-3);
  CHECK(sure[1].upper == 1.0);
  CHECK(sure[2].upper <= 1e-9);
}

TEST_CASE("in one dimension with one far row the probability is a normal integral", "[bound]") {
  // The far row never wins; of two rows at distance a and b on either side, |a + s e| < |b + s e'| is a product of two
  // signs of normal variables with scale s sqrt(2): P = Phi(u)Phi(v) + Phi(-u)Phi(-v), u = (b-a)/(s sqrt 2), v =
  // (a+b)/(s sqrt 2), since (b + s e')^2 - (a + s e)^2 factors into two independent normal variables.
  const double a = 0.8;
  const double b = 1.1;
  const double s = 0.7;
  const double u = (b - a) / (s * std::sqrt(2.0));
  const double v = (a + b) / (s * std::sqrt(2.0));
  const double p = normal_cdf(u) * normal_cdf(v) + normal_cdf(-u) * normal_cdf(-v);
  const std::vector<double> distances2{a * a, b * b, 1e4};
  const std::vector<label_type> labels{0, 1, 2};
  const intervals q = smoothed_neighbour_bounds(distances2, labels, 3, noise_scales::constant(3, s), 1, 1e-5);
  CHECK(q[0].lower <= p);
  CHECK(q[0].upper >= p);
  CHECK(q[1].lower <= 1.0 - p);
  CHECK(q[1].upper >= 1.0 - p);
  CHECK(q[0].upper - q[0].lower <= 1e-5);
  CHECK(q[2].upper <= 1e-5);
}

TEST_CASE("narrower enclosures lie inside wider ones' reach and all sum around 1", "[bound]") {
  std::vector<double> distances2;
  std::vector<label_type> labels;
  std::vector<double> scales;
  for (int i = 0; i < 400; ++i) {
    distances2.push_back(20.0 + 0.05 * ((i * 37) % 400));
    labels.push_back(i % 4 == 3 ? 2 : i % 3);
    scales.push_back(0.5 + 0.0005 * ((i * 53) % 400));
  }
  for (const bool equal : {true, false}) {
    const auto sigmas = equal ? noise_scales::constant(400, 0.5) : noise_scales(scales);
    intervals wider;
    for (const double gap : {1e-1, 1e-2, 1e-3}) {
      CAPTURE(equal, gap);
      const intervals q = smoothed_neighbour_bounds(distances2, labels, 3, sigmas, 100, gap);
      double lower = 0.0;
      double upper = 0.0;
      for (std::size_t c = 0; c < 3; ++c) {
        CHECK(q[c].upper - q[c].lower <= gap);
        lower += q[c].lower;
        upper += q[c].upper;
        if (!wider.empty()) {
          CHECK(q[c].lower <= wider[c].upper);
          CHECK(q[c].upper >= wider[c].lower);
        }
      }
      CHECK(lower <= 1.0);
      CHECK(upper >= 1.0);
      wider = q;
    }
  }
}

TEST_CASE("the enclosures hold what simulation finds", "[bound][statistical]") {
  // 40,000 draws; each of 6 shares may leave its enclosure by 5 standard errors (at most .0125): a false alarm has
  // probability below 6 * 6e-7 = 4e-6.
  const std::vector<double> rows{0.5, 0.2, 0.9,  0.0, 0.7, -0.6, -0.8, 0.1, 0.4, 0.3,
                                 0.0, 0.3, -0.9, 0.6, 0.0, 1.4,  0.2,  0.9, 1.0, -0.2};
  const std::vector<label_type> labels{0, 1, 2, 0, 1};
  constexpr std::size_t draws = 40'000;
  for (const auto& sigmas : {noise_scales::constant(5, 0.6), noise_scales({0.6, 0.4, 0.8, 0.5, 0.3})}) {
    const auto shares = simulate(rows, labels, 3, sigmas, draws);
    const intervals q = smoothed_neighbour_bounds(squared_norms(rows, 5), labels, 3, sigmas, 4);
    for (std::size_t c = 0; c < 3; ++c) {
      const double error = 5.0 * std::sqrt(shares[c] * (1.0 - shares[c]) / static_cast<double>(draws));
      CAPTURE(c, shares[c]);
      CHECK(q[c].lower <= shares[c] + error);
      CHECK(q[c].upper >= shares[c] - error);
    }
  }
}

TEST_CASE("rows counted together, or bounded by a nearer one, change no enclosure for the worse", "[bound]") {
  // Two near rows decide; 3,000 far ones of class 0, each without weight, could only move the result by their union.
  std::vector<double> distances2{30.0, 31.0};
  std::vector<label_type> labels{0, 1};
  const auto few = smoothed_neighbour_bounds(distances2, labels, 2, noise_scales::constant(2, 0.5), 784, 1e-3);
  distances2.resize(3002, 400.0);
  labels.resize(3002, 0);
  const auto many = smoothed_neighbour_bounds(distances2, labels, 2, noise_scales::constant(3002, 0.5), 784, 1e-3);
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(many[c].lower == Approx(few[c].lower).margin(1e-3));
    CHECK(many[c].upper == Approx(few[c].upper).margin(1e-3));
    CHECK(many[c].upper - many[c].lower <= 1e-3);
  }
}

TEST_CASE("the leading class is bounded against the strongest of the others", "[bound]") {
  const bounded_top top = find_bounded_top(intervals{{0.1, 0.2}, {0.6, 0.7}, {0.15, 0.25}});
  CHECK(top.label == 1);
  CHECK(top.lower == 0.6);
  CHECK(top.upper == 0.25);
  CHECK(find_bounded_top(intervals{{0.1, 0.9}, {0.6, 0.7}}).upper == 1.0 - 0.6);
}

TEST_CASE("a smoothed neighbour refuses what is none", "[bound]") {
  const std::vector<double> distances2{1.0, 2.0};
  const std::vector<label_type> labels{0, 1};
  const auto sigmas = noise_scales::constant(2, 1.0);
  const auto with = [&](const std::vector<double>& d2, const std::vector<label_type>& y, std::size_t classes,
                        std::size_t size,
                        double gap) { return smoothed_neighbour_bounds(d2, y, classes, sigmas, size, gap); };
  CHECK_THROWS_WITH(with({1.0}, labels, 2, 3, 1e-3), Catch::Contains("1 distances but 2 labels"));
  CHECK_THROWS_WITH(with(distances2, labels, 1, 3, 1e-3), Catch::Contains("at least 2 classes, got 1"));
  CHECK_THROWS_WITH(with(distances2, {0, 2}, 2, 3, 1e-3), Catch::Contains("[0, 2), got 2"));
  CHECK_THROWS_WITH(with(distances2, labels, 2, 0, 1e-3), Catch::Contains("row size must be positive"));
  CHECK_THROWS_WITH(with(distances2, labels, 2, 3, 0.0), Catch::Contains("gap must lie in [1e-5,1), got 0"));
  CHECK_THROWS_WITH(with({1.0, -1.0}, labels, 2, 3, 1e-3), Catch::Contains("finite and >= 0, got -1"));
  CHECK_THROWS_WITH(with({1.0, std::nan("")}, labels, 2, 3, 1e-3), Catch::Contains("finite and >= 0, got nan"));
  CHECK_THROWS_WITH(with({1.0, 1e10}, labels, 2, 3, 1e-3), Catch::Contains("too small for a squared distance"));
}
