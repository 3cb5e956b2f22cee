// SPDX-License-Identifier: MIT
// Brief: the worst cases of label flips and of moving scales, by drawing from both worlds.
#include "certssb/core/random_normal.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/radius/label_flips.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace certssb;

// Two worlds that differ in one whitened feature (mean S or 0) and in r labels (all 1 or all 0, each flipped with
// probability q by every member). The member that says A where the likelihood ratio exceeds t is the worst one.
// 400,000 draws a world: the standard error is below .0008 for q_A, and below .0007 for what p_A's error does to it
// (.0003 times the ratio at t, at most 2.2). 8 of their sum: false alarm below 1e-12 a case.
TEST_CASE("the least p_A under label noise is that of the worst learner, drawn", "[statistical]") {
  struct setting {
    double q;
    int r;
    double shift;
    double t;
  };
  int run = 0;
  for (const setting& s : {setting{0.3, 3, 0.7, -0.7}, setting{0.45, 10, 0.5, -0.5}, setting{0.4, 5, 1.0, -0.4}}) {
    const double q = s.q;
    const int r = s.r;
    const double shift = s.shift;
    const double t = s.t;
    const double c = std::log((1 - q) / q);
    random_stream stream(random_key{7, stage::synthetic, 0, 0, static_cast<std::uint32_t>(++run)});
    constexpr int draws = 400000;
    std::vector<double> normals(2 * draws);
    fill_normal(random_key{8, stage::synthetic, 0, 0, static_cast<std::uint32_t>(run)}, std::span(normals));
    const auto says_a = [&](double feature, bool label) {
      int ones = 0;
      for (int i = 0; i < r; ++i) ones += (stream.uniform() < q) != label ? 1 : 0;
      return shift * feature - 0.5 * shift * shift + c * (2 * ones - r) > t;
    };
    int observed = 0;
    int other = 0;
    for (std::size_t k = 0; k < draws; ++k) {
      observed += says_a(shift + normals[2 * k], true) ? 1 : 0;
      other += says_a(normals[2 * k + 1], false) ? 1 : 0;
    }
    const double worst = label_flips(q, static_cast<std::uint32_t>(r)).worst(observed / 4e5, shift);
    CAPTURE(q, r, shift, worst, observed, other);
    CHECK(std::abs(other / 4e5 - worst) < 8 * 0.0015);
  }
}

// The worst event of p_A = .95 is a set of the likelihood ratio of both worlds: its threshold from draws of the
// observed one, its probability from draws of the other. 200,000 draws each: standard error below .003 (of q_A .001, of
// the threshold .0005 times the ratio there, below 6); the checks are 5 or more of them wide: false alarm below 1e-6.
TEST_CASE("the TV slack covers what moving the scales really does", "[statistical]") {
  const auto& c = golden::part("tv_slack_example");
  const auto sigma = c["sigma"].get<std::vector<double>>();
  const auto delta = c["delta"].get<std::vector<double>>();
  const double eta = c["semi_elasticity"];
  const auto d = c["d"].get<std::size_t>();
  constexpr std::size_t draws = 200000;
  double least = 1.0;
  for (const double side : {-1.0, 1.0}) {
    std::vector<double> ratios[2];
    for (const bool other : {false, true}) {
      std::vector<double> z(3 * d);
      for (std::size_t k = 0; k < draws; ++k) {
        fill_normal(random_key{9, stage::synthetic, other ? 1U : 0U, static_cast<std::uint32_t>(k)}, std::span(z));
        double ratio = 0.0;
        for (std::size_t i = 0; i < 3; ++i) {
          const double s = sigma[i] * std::exp(side * eta * delta[i]);
          ratio += static_cast<double>(d) * std::log(s / sigma[i]);
          for (std::size_t j = 0; j < d; ++j) {
            const double mean = j == 0 ? delta[i] : 0.0;
            const double x = other ? mean + s * z[i * d + j] : sigma[i] * z[i * d + j];
            ratio += 0.5 * ((x - mean) * (x - mean) / (s * s) - x * x / (sigma[i] * sigma[i]));
          }
        }
        ratios[other ? 1 : 0].push_back(ratio);
      }
    }
    const auto cut = ratios[0].begin() + static_cast<std::ptrdiff_t>(draws / 20);
    std::nth_element(ratios[0].begin(), cut, ratios[0].end());
    const auto above = std::ranges::count_if(ratios[1], [&](double ratio) { return ratio > *cut; });
    least = std::min(least, static_cast<double>(above) / static_cast<double>(draws));
  }
  CAPTURE(least);
  CHECK(least > c["bound_qA"].get<double>());
  CHECK(std::abs(least - c["mc_true_worst"].get<double>()) < 0.015);
}

// Means and second moments of 400,000 draws, within 6 standard errors: false alarm below 1e-7.
TEST_CASE("uniform and Laplace noise have the moments of their laws", "[statistical]") {
  std::vector<double> draws(400000);
  const auto moments = [&] {
    double mean = 0.0;
    double square = 0.0;
    double absolute = 0.0;
    for (const double z : draws) {
      mean += z / 4e5;
      square += z * z / 4e5;
      absolute += std::abs(z) / 4e5;
    }
    return std::vector<double>{mean, square, absolute};
  };
  uniform_noise{}.fill(random_key{3, stage::train_noise}, std::span(draws));
  auto found = moments();
  CHECK(std::ranges::all_of(draws, [](double z) { return z > -1.0 && z < 1.0; }));
  CHECK(std::abs(found[0]) < 6 * std::sqrt(1.0 / 3 / 4e5));
  CHECK(std::abs(found[1] - 1.0 / 3) < 6 * std::sqrt(4.0 / 45 / 4e5));
  laplace_noise{}.fill(random_key{4, stage::train_noise}, std::span(draws));
  found = moments();
  CHECK(std::abs(found[0]) < 6 * std::sqrt(2.0 / 4e5));
  CHECK(std::abs(found[1] - 2.0) < 6 * std::sqrt(20.0 / 4e5));
  CHECK(std::abs(found[2] - 1.0) < 6 * std::sqrt(1.0 / 4e5));
}
