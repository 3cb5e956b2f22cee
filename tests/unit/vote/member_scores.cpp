// SPDX-License-Identifier: MIT
#include "certssb/vote/member_scores.hpp"

#include "certssb/data/dataset.hpp"
#include "certssb/data/synthetic_models.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace certssb;

namespace {

using array = host_array<double>;

dataset<array> line(std::size_t n) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<double>(i) / static_cast<double>(n);
  return {array(values, 1), std::vector<label_type>(n, 0), 2, {1}};
}

const random_key key{21};

std::vector<double> scores(const dataset<array>& rows, const test_scales& scales, std::size_t draws, std::size_t m) {
  probit_linear<double> member({2.0}, -1.0);
  return member_scores(member, rows, scales, gaussian_noise{}, vote_policy{draws}, key, m);
}

}  // namespace

TEST_CASE("without draws a member scores the inputs themselves, batch after batch", "[vote]") {
  const auto rows = line(600);
  const auto got = scores(rows, test_scales::constant(600, 0.5), 0, 3);
  for (const std::size_t i : {0U, 255U, 256U, 599U}) {
    const double x = static_cast<double>(i) / 600.0;
    CHECK(got[2 * i + 1] == Approx(normal_cdf(2.0 * x - 1.0)).epsilon(1e-14));
  }
}

TEST_CASE("several draws are averaged, each at the input's own scale and from its own stream", "[vote]") {
  const auto rows = line(3);
  const test_scales scale(std::vector<double>{0.25, 0.5, 2.0});
  const auto got = scores(rows, scale, 2, 7);
  for (std::size_t i = 0; i < 3; ++i) {
    double mean = 0.0;
    for (const std::uint32_t d : {0U, 1U}) {
      double x = static_cast<double>(i) / 3.0;
      gaussian_noise{}.release(
          key.at(stage::test_noise).for_model(7).for_sample(static_cast<std::uint32_t>(i)).for_draw(d), scale[i],
          std::span(&x, 1));
      mean += 0.5 * normal_cdf(2.0 * x - 1.0);
    }
    CHECK(got[2 * i + 1] == Approx(mean).epsilon(1e-13));
  }
}

TEST_CASE("members have noise of their own, and one scale per input is required", "[vote]") {
  const auto rows = line(3);
  const auto scale = test_scales::constant(3, 0.5);
  CHECK(scores(rows, scale, 1, 0) == scores(rows, scale, 1, 0));
  CHECK(scores(rows, scale, 1, 0) != scores(rows, scale, 1, 1));
  CHECK_THROWS_AS(scores(rows, test_scales::constant(2, 0.5), 1, 0), argument_error);
}

TEST_CASE("a member searches its own scales with the estimator that was asked for", "[vote]") {
  const auto rows = line(40);
  const probit_linear<double> member({2.0}, -1.0);
  const ascent_options search{.initial = 0.5, .floor = 0.25, .ceiling = 4.0, .steps = 5, .draws = 8, .rate = 0.5};
  const gaussian_noise noise;
  silent_observer silent;
  const random_key mine = key.for_model(3);
  const auto anchors = predict_smoothed(member, rows, search, noise, mine, serial_executor{});
  const auto check = [&](const auto& estimator) {
    const auto expected = ascend(estimator, member, rows, std::span<const label_type>(anchors), search, noise, mine,
                                 serial_executor{}, silent);
    const auto found = member_scales(member, rows, search, noise, key, 3, estimator);
    CHECK(std::ranges::equal(found.values(), expected.scales.values()));
    return std::vector<double>(found.values().begin(), found.values().end());
  };
  const auto pathwise = check(pathwise_estimator{});
  CHECK(std::ranges::equal(member_scales(member, rows, search, noise, key, 3).values(), pathwise));
  CHECK(check(detached_estimator{}) != pathwise);
  for (const double sigma : check(grid_search{.points = 3})) {
    CHECK((sigma == 0.25 || sigma == Approx(1.0).epsilon(1e-12) || sigma == 4.0));
  }
}

TEST_CASE("a member without slopes finds scales by any estimator that needs none", "[vote]") {
  struct flat_member {
    static std::size_t classes() { return 2; }
    static void scores(const array& x, std::span<double> out) {
      for (std::size_t j = 0; j < x.values.size(); ++j) out[2 * j + 1] = 1.0 - (out[2 * j] = 0.75);
    }
  };
  const auto rows = line(4);
  const ascent_options search{.steps = 1, .draws = 2};
  const flat_member member;
  // sigma exp(rate sigma gap/2), gap = 2 PhiInv(.75)
  const double grown = 0.5 * std::exp(0.05 * 0.5 * normal_quantile(0.75));
  const test_scales found = member_scales(member, rows, search, gaussian_noise{}, key, 0, detached_estimator{});
  for (const double sigma : found.values()) CHECK(sigma == Approx(grown).epsilon(1e-12));
  CHECK(member_scales(member, rows, search, gaussian_noise{}, key, 0, grid_search{}).smallest() == search.ceiling);
  CHECK_THROWS_WITH(member_scales(member, rows, search, gaussian_noise{}, key, 0),
                    Catch::Contains("needs members with directional_scores"));
}
