// SPDX-License-Identifier: MIT
#include "certssb/attack/blend_trigger.hpp"
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/pixel_trigger.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

using namespace certssb;
using shape = std::vector<std::size_t>;

static_assert(trigger<pixel_trigger, float> && trigger<pixel_trigger, double>);
static_assert(trigger<blend_trigger, float> && trigger<blend_trigger, double>);

namespace {

template <class Scalar, class Trigger>
std::vector<Scalar> pattern_of(const Trigger& pattern, const shape& row_shape) {
  std::vector<Scalar> row(std::accumulate(row_shape.begin(), row_shape.end(), std::size_t{1}, std::multiplies<>{}));
  pattern.apply(std::span(row), row_shape);
  return row;
}

double length(const std::vector<double>& row) {
  return std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0));
}

}  // namespace

TEST_CASE("in 28 x 28 images the pixel triggers sit where the papers put them", "[attack]") {
  const auto one = pattern_of<double>(one_pixel_trigger(1.5), {1, 28, 28});
  const auto four = pattern_of<double>(four_pixel_trigger(1.5), {1, 28, 28});
  const std::set<std::size_t> places{18 * 28 + 20, 19 * 28 + 19, 20 * 28 + 18, 20 * 28 + 20};
  for (std::size_t i = 0; i < 784; ++i) {
    REQUIRE(one[i] == (i == 23 * 28 + 23 ? 1.5 : 0.0));
    REQUIRE(four[i] == (places.contains(i) ? 0.75 : 0.0));
  }
  CHECK(pattern_of<double>(one_pixel_trigger(1.5), {28, 28}) == one);
}

TEST_CASE("in images of other sizes the pixels keep their distance from the corner, and the norm is delta",
          "[attack]") {
  const auto row = pattern_of<double>(one_pixel_trigger(2.0), {3, 32, 40});
  for (std::size_t channel = 0; channel < 3; ++channel) {
    CHECK(row[(channel * 32 + 27) * 40 + 35] == Approx(2.0 / std::sqrt(3.0)));
  }
  for (const shape& size : {shape{1, 28, 28}, shape{3, 32, 32}, shape{10, 10}, shape{4, 10, 64}}) {
    CHECK(length(pattern_of<double>(one_pixel_trigger(0.7), size)) == Approx(0.7).epsilon(1e-14));
    CHECK(length(pattern_of<double>(four_pixel_trigger(0.7), size)) == Approx(0.7).epsilon(1e-14));
  }
}

TEST_CASE("rows without height and width are raised in their last columns", "[attack]") {
  CHECK(pattern_of<double>(one_pixel_trigger(1.5), {3}) == std::vector<double>{0.0, 0.0, 1.5});
  CHECK(pattern_of<double>(four_pixel_trigger(1.5), {6}) == std::vector<double>{0.0, 0.0, 0.75, 0.75, 0.75, 0.75});
}

TEST_CASE("a pixel trigger adds to what is there", "[attack]") {
  std::vector<float> row(25, 0.5F);
  one_pixel_trigger(1.0).apply(std::span(row), shape{5, 5});
  CHECK(row[0] == 1.5F);
  for (std::size_t i = 1; i < 25; ++i) CHECK(row[i] == 0.5F);
}

TEST_CASE("pixel triggers refuse what they do not fit", "[attack]") {
  CHECK_THROWS_WITH(pattern_of<float>(four_pixel_trigger(1.0), {1, 9, 28}),
                    "pixel_trigger: the pattern needs images of at least 10 x 10, got 9 x 28");
  CHECK_THROWS_AS(pattern_of<float>(one_pixel_trigger(1.0), {28, 4}), argument_error);
  CHECK_THROWS_WITH(pattern_of<float>(one_pixel_trigger(1.0), {1, 1, 28, 28}),
                    "pixel_trigger: expected rows {channels, height, width}, {height, width} or {columns}, got 4 axes");
  CHECK_THROWS_WITH(pattern_of<float>(four_pixel_trigger(1.0), {3}),
                    "pixel_trigger: the pattern needs at least 4 columns, got 3");
  std::vector<float> row(7);
  CHECK_THROWS_AS(one_pixel_trigger(1.0).apply(std::span(row), shape{8, 8}), argument_error);
  CHECK_THROWS_WITH(one_pixel_trigger(std::nan("")), "pixel_trigger: delta must be finite, got nan");
  CHECK_THROWS_AS(four_pixel_trigger(std::numeric_limits<double>::infinity()), argument_error);
  CHECK_THROWS_AS(pixel_trigger(1.0, {}), argument_error);
  CHECK_THROWS_AS(pixel_trigger(1.0, {{0, 1}}), argument_error);
}

TEST_CASE("the blending pattern has norm delta and depends on the seed alone", "[attack]") {
  const shape size{1, 28, 28};
  const auto row = pattern_of<double>(blend_trigger(0.8, random_key{71}, 784), size);
  CHECK(length(row) == Approx(0.8).epsilon(1e-13));
  CHECK(pattern_of<double>(blend_trigger(0.8, random_key{71}, 784), size) == row);
  CHECK(pattern_of<double>(blend_trigger(0.8, random_key{72}, 784), size) != row);
  const auto single = pattern_of<float>(blend_trigger(0.8, random_key{71}, 784), size);
  for (std::size_t i = 0; i < 784; ++i) REQUIRE(single[i] == static_cast<float>(row[i]));
  CHECK_THROWS_WITH(pattern_of<double>(blend_trigger(1.0, {}, 784), {1, 28, 27}),
                    "blend_trigger: expected a row of 784 scalars, got 756");
  CHECK_THROWS_AS(blend_trigger(std::nan(""), {}, 784), argument_error);
  CHECK_THROWS_AS(blend_trigger(1.0, {}, 0), argument_error);
}

TEST_CASE("all-to-one gives the target, all-to-all the next class around the circle, for every K", "[attack]") {
  for (label_type label = 0; label < 10; ++label) CHECK(all_to_one{3}(label) == 3);
  for (std::size_t classes = 2; classes <= 12; ++classes) {
    std::set<label_type> reached;
    for (std::size_t label = 0; label < classes; ++label) {
      const auto mapped = all_to_all(classes)(static_cast<label_type>(label));
      CHECK(mapped == static_cast<label_type>(label + 1 == classes ? 0 : label + 1));
      reached.insert(mapped);
    }
    CHECK(reached.size() == classes);
  }
  CHECK(all_to_all(10, 7)(5) == 2);
  CHECK_THROWS_AS(all_to_all(1), argument_error);
  CHECK_THROWS_AS(all_to_all(3, 3), argument_error);
  CHECK_THROWS_AS(all_to_all(3, 0), argument_error);
}
