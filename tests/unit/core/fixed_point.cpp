// SPDX-License-Identifier: MIT
// Fixed-point arithmetic against Boost.Multiprecision at 60 decimal places.
#include "certssb/core/fixed_point.hpp"
#include "certssb/core/normal_bits.hpp"
#include "certssb/core/random.hpp"

#include <boost/math/constants/constants.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace certssb;
using namespace certssb::detail;

namespace {

using real = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<60>>;

real of(wide_word units, int places) {
  return ldexp(real(static_cast<std::uint64_t>(units >> 64U)), 64 - places) +
         ldexp(real(static_cast<std::uint64_t>(units)), -places);
}

/// Brief: |found - exact| in units of 2^-places.
double off_by(wide_word found, const real& exact, int places) {
  return static_cast<double>(ldexp(abs(of(found, 120) - exact), places));
}

std::vector<wide_word> random_places(std::size_t n) {
  random_stream stream(random_key{71, stage::audit});
  std::vector<wide_word> places(n);
  for (wide_word& place : places) {
    for (int word = 0; word < 4; ++word) place = place << 32U | stream.word();
  }
  return places;
}

}  // namespace

TEST_CASE("the constants are right to their last place", "[core]") {
  CHECK(off_by(fixed_ln2, boost::math::constants::ln_two<real>(), 120) <= 1.0);
  CHECK(off_by(fixed_pi, boost::math::constants::pi<real>(), 120) <= 1.0);
}

TEST_CASE("products, ratios and roots are rounded down", "[core]") {
  const auto places = random_places(300);
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    const wide_word a = places[i] >> 5U;      // below 8
    const wide_word b = places[i + 1] >> 4U;  // below 16
    const real product = of(a, 120) * of(b, 120);
    CHECK(off_by(fixed_product(a, b), product, 120) < 1.0);
    CHECK(of(fixed_product(a, b), 120) <= product);
    const wide_word larger = a + b + 1;
    CHECK(off_by(fixed_ratio(a, larger), of(a, 120) / of(larger, 120), 120) < 1.0);
    const real root = sqrt(of(b, 120));
    CHECK(off_by(fixed_root(b), root, 119) < 1.0 + 1.0 / static_cast<double>(root));
  }
  CHECK(fixed_product(fixed_one, fixed_one) == fixed_one);
  CHECK(fixed_root(4 * fixed_one) == 2 * fixed_one);
}

TEST_CASE("logarithms are right to 2^-112, at both ends too", "[core]") {
  auto places = random_places(300);
  for (unsigned n = 1; n < 128; n += 9) places.push_back(places[n] >> n);     // near 0
  for (unsigned n = 1; n < 128; n += 9) places.push_back(~(places[n] >> n));  // near 1
  for (const wide_word place : {wide_word{0}, wide_word{1}, ~wide_word{0}, wide_word{1} << 127U})
    places.push_back(place);
  double worst = 0.0;
  for (const wide_word place : places) {
    worst = std::max(worst, off_by(fixed_minus_log(place), -log(of(place, 128) + ldexp(real(1), -129)), 112));
  }
  INFO("worst error in 2^-112: " << worst);
  CHECK(worst < 1.0);
}

TEST_CASE("sines and cosines are right to 2^-113", "[core]") {
  double worst = 0.0;
  for (const wide_word place : random_places(300)) {
    const wide_word x = fixed_product(place >> 9U, fixed_pi);  // pi times less than 1/2
    worst = std::max({worst, off_by(fixed_alternating(x, 0), cos(of(x, 120)), 113),
                      off_by(fixed_alternating(x, 1), sin(of(x, 120)), 113)});
  }
  for (const wide_word x : {wide_word{0}, wide_word{1}, fixed_pi / 2}) {
    worst = std::max({worst, off_by(fixed_alternating(x, 0), cos(of(x, 120)), 113),
                      off_by(fixed_alternating(x, 1), sin(of(x, 120)), 113)});
  }
  INFO("worst error in 2^-113: " << worst);
  CHECK(worst < 1.0);
}

TEST_CASE("the nearest whole number is the exact one", "[core]") {
  random_stream stream(random_key{72, stage::audit});
  for (const wide_word place : random_places(2000)) {
    const fixed_draw z{place >> (5U + stream.below(20)), stream.below(2) == 0};
    const double s = std::exp2(18.0 * stream.uniform());
    const double a = std::copysign(std::exp2(86.0 * stream.uniform() - 60.0), stream.uniform() - 0.5);
    const real v = real(a) + real(s) * (z.negative ? -of(z.size, 120) : of(z.size, 120)) + real(0.5);
    CHECK(nearest_whole(a, s, z) == static_cast<std::int64_t>(floor(v)));
  }
  // One part in 2^90 on either side of an edge; no double knows the difference.
  const wide_word half = fixed_one / 2;
  const wide_word little = wide_word{1} << 30U;
  for (const double a : {0.0, 3.0, -3.0, 1e6, 0x1p26, -0x1p26}) {
    CAPTURE(a);
    CHECK(nearest_whole(a, 1.0, {half + little, false}) == static_cast<std::int64_t>(a) + 1);
    CHECK(nearest_whole(a, 1.0, {half - little, false}) == static_cast<std::int64_t>(a));
    CHECK(nearest_whole(a, 1.0, {half + little, true}) == static_cast<std::int64_t>(a) - 1);
    CHECK(nearest_whole(a, 1.0, {half - little, true}) == static_cast<std::int64_t>(a));
    CHECK(nearest_whole(a, 0x1p18, {(half + little) >> 18U, false}) == static_cast<std::int64_t>(a) + 1);
    CHECK(nearest_whole(a, 0x1p18, {(half - little) >> 18U, false}) == static_cast<std::int64_t>(a));
  }
  CHECK(nearest_whole(0x1p-90, 1.0, {half - 1, false}) == 1);
  CHECK(nearest_whole(-0x1p-90, 1.0, {half, false}) == 0);
  CHECK(nearest_whole(0x1p-1040, 1.0, {half - little, false}) == 0);
}

TEST_CASE("cells in the tails begin where the law says, to a part in 2^96", "[core]") {
  // At angle 0 the draw is sqrt(-2 log u): it passes edge e at u = exp(-e^2/2).
  constexpr wide_word no_turn = wide_word{1} << 127U;
  for (const double edge : {0.5, 1.5, 2.5, 4.5, 6.5, 8.5, 10.5}) {
    CAPTURE(edge);
    const real u = ldexp(exp(real(-0.5 * edge * edge)), 128);
    const auto high = static_cast<std::uint64_t>(floor(ldexp(u, -64)));
    const wide_word place = wide_of(high, static_cast<std::uint64_t>(floor(u - ldexp(real(high), 64))));
    const wide_word margin = (place >> 96U) + 1;
    const auto below = static_cast<std::int64_t>(edge - 0.5);
    CHECK(nearest_whole(0.0, 1.0, fixed_normal({place - margin, no_turn, false, false})) == below + 1);
    CHECK(nearest_whole(0.0, 1.0, fixed_normal({place + margin, no_turn, false, false})) == below);
    CHECK(nearest_whole(0.0, 1.0, fixed_normal({place - margin, no_turn, true, false})) == -below - 1);
    CHECK(nearest_whole(0.0, 1.0, fixed_normal({place + margin, no_turn, true, false})) == -below);
  }
}

TEMPLATE_TEST_CASE("a draw to many places has the first bits of the draw that is filled in", "[core]", float, double) {
  const random_key key{73, stage::train_noise, 2, 3, 4};
  constexpr std::size_t n = 400;
  std::vector<TestType> plain(n);
  fill_normal(key, std::span(plain));
  const real pi = boost::math::constants::pi<real>();
  for (std::size_t i = 0; i < n; ++i) {
    CAPTURE(i);
    const normal_bits bits = bits_of_normal<TestType>(key, i, true);
    const real radius = sqrt(-2 * log(of(bits.radius, 128) + ldexp(real(1), -129)));
    const real turn = pi * (of(bits.angle, 128) - real(0.5));
    const real exact = (bits.turned ? -radius : radius) * (bits.second ? sin(turn) : cos(turn));
    const fixed_draw fixed = fixed_normal(bits);
    CHECK(off_by(fixed.size, abs(exact), 107) < 1.0 + 1.0 / static_cast<double>(radius));
    CHECK((fixed.negative == (exact < 0) || off_by(fixed.size, 0, 107) < 2.0));
    CHECK(double_draw(bits) == double_draw(bits_of_normal<TestType>(key, i, false)));
    CHECK(double_draw(bits) == Approx(static_cast<double>(exact)).margin(0x1p-31));
    CHECK(static_cast<double>(plain[i]) ==
          Approx(static_cast<double>(exact)).margin(sizeof(TestType) == 4 ? 2.5e-6 : 0x1p-31));
  }
}
