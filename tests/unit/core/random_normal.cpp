// SPDX-License-Identifier: MIT
#include "certssb/core/random_normal.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

using namespace certssb;

namespace {

/// Brief: Box-Muller in long double, from the radius's uniform and the angle as a fraction of pi.
struct reference_pair {
  long double radius, first, second;
};

reference_pair box_muller(long double u, long double t, bool turned) {
  const long double pi = std::numbers::pi_v<long double>;
  const long double radius = std::sqrt(-2.0L * std::log(u));
  const long double sign = turned ? -1.0L : 1.0L;
  return {radius, sign * radius * std::cos(pi * t), sign * radius * std::sin(pi * t)};
}

}  // namespace

TEST_CASE("float draws are Box-Muller on the words of their stream, to 4 epsilon", "[core]") {
  const random_key key{31, stage::audit, 2, 3, 4};
  std::vector<float> draws(64 * 512);
  fill_normal(key, std::span(draws));
  double worst = 0.0;
  for (std::uint32_t chunk = 0; chunk < 512; ++chunk) {
    for (std::uint32_t i = 0; i < 16; ++i) {
      const auto words = random_block(key, 16 * chunk + i);
      for (std::size_t pair = 0; pair < 2; ++pair) {
        // The uniform is rounded to float before the transform.
        const float u = (static_cast<float>(words[2 * pair] >> 1U) + 0.5F) * 0x1p-31F;
        const float t = (static_cast<float>(static_cast<std::int32_t>(words[2 * pair + 1]) >> 1) + 0.5F) * 0x1p-31F;
        const auto [radius, first, second] = box_muller(u, t, words[2 * pair + 1] & 1U);
        const std::size_t at = 64 * chunk + 32 * pair + i;
        const long double unit = std::numeric_limits<float>::epsilon() * std::max(1.0L, radius);
        worst = std::max({worst, static_cast<double>(std::abs(draws[at] - first) / unit),
                          static_cast<double>(std::abs(draws[at + 16] - second) / unit)});
      }
    }
  }
  INFO("worst error in epsilon: " << worst);
  CHECK(worst < 4.0);
}

TEST_CASE("double draws are Box-Muller on the words of their stream, to 4 epsilon", "[core]") {
  const random_key key{32, stage::audit, 2, 3, 4};
  std::vector<double> draws(32 * 1024);
  fill_normal(key, std::span(draws));
  double worst = 0.0;
  for (std::uint32_t chunk = 0; chunk < 1024; ++chunk) {
    for (std::uint32_t i = 0; i < 16; ++i) {
      const auto words = random_block(key, 16 * chunk + i);
      const std::uint64_t a = (std::uint64_t{words[0]} << 32U) | words[1];
      const std::uint64_t b = (std::uint64_t{words[2]} << 32U) | words[3];
      const long double u = (static_cast<long double>(a >> 12U) + 0.5L) * 0x1p-52L;
      const long double t = (static_cast<long double>(b >> 12U) + 0.5L) * 0x1p-52L - 0.5L;
      const auto [radius, first, second] = box_muller(u, t, b & 1U);
      const std::size_t at = 32 * chunk + i;
      const long double unit = std::numeric_limits<double>::epsilon() * std::max(1.0L, radius);
      worst = std::max({worst, static_cast<double>(std::abs(draws[at] - first) / unit),
                        static_cast<double>(std::abs(draws[at + 16] - second) / unit)});
    }
  }
  INFO("worst error in epsilon: " << worst);
  CHECK(worst < 4.0);
}

TEST_CASE("the radius is right at both ends of the uniform", "[core]") {
  const detail::same_bits<float> floats(0);
  const detail::same_bits<double> doubles(0);
  for (const float u : {0x1p-32F, 1e-6F, 0.5F, 0.70710677F, 0.70710678F, 0.99999994F}) {
    CHECK(floats.normal_radius(u) == Approx(std::sqrt(-2.0 * std::log(static_cast<double>(u)))).epsilon(5e-7));
  }
  for (const double u : {0x1p-53, 1e-12, 0.5, 0.7071067811865475, 0.7071067811865476, 1.0 - 0x1p-53}) {
    CHECK(doubles.normal_radius(u) ==
          Approx(static_cast<double>(std::sqrt(-2.0L * std::log(static_cast<long double>(u))))).epsilon(1e-15));
  }
  CHECK(floats.normal_radius(1.0F) == 0.0F);
  CHECK(doubles.normal_radius(1.0) == 0.0);
}

TEMPLATE_TEST_CASE("a draw depends on its key and place, not on how many are asked for", "[core]", float, double) {
  const random_key key{33, stage::test_noise, 5, 6, 7};
  std::vector<TestType> all(1000);
  fill_normal(key, std::span(all));
  for (const std::size_t size : {0U, 1U, 2U, 15U, 16U, 31U, 63U, 64U, 65U, 784U, 999U}) {
    std::vector<TestType> some(size);
    fill_normal(key, std::span(some));
    REQUIRE(std::equal(some.begin(), some.end(), all.begin()));
  }
  CHECK_THROWS_AS(fill_normal(key.for_model(1U << 24U), std::span(all)), argument_error);
}
