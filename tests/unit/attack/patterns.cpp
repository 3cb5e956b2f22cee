// SPDX-License-Identifier: MIT
#include "certssb/attack/blended_trigger.hpp"
#include "certssb/attack/measure.hpp"
#include "certssb/attack/named.hpp"
#include "certssb/attack/patch_trigger.hpp"
#include "certssb/attack/poison.hpp"
#include "certssb/attack/sinusoid_trigger.hpp"
#include "certssb/attack/warp_trigger.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <vector>

using namespace certssb;

namespace {

using doubles = std::vector<double>;
using extents_list = std::vector<std::size_t>;

/// Brief: the row with the trigger in it.
template <class Trigger>
doubles with_trigger(const Trigger& pattern, doubles row, const extents_list& row_shape,
                     const trigger_context& context = {}) {
  apply_trigger(pattern, std::span<double>(row), std::span<const std::size_t>(row_shape), context);
  return row;
}

/// Brief: the values (3 i^2 + 5 i + 1) mod 17 / 17.
doubles mixed_values(std::size_t count) {
  doubles values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<double>((3 * i * i + 5 * i + 1) % 17) / 17.0);
  return values;
}

/// Brief: n rows of two columns in `classes` classes, label i mod classes, ids from 100 upwards.
dataset<host_array<double>> classed_rows(std::size_t n, std::size_t classes) {
  std::vector<label_type> labels;
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < n; ++i) {
    labels.push_back(static_cast<label_type>(i % classes));
    ids.push_back(static_cast<std::uint32_t>(100 + i));
  }
  return {host_array<double>(doubles(2 * n, 0.5), 2), std::move(labels), classes, {}, {}, std::move(ids)};
}

/// Brief: raises column 0 by a hundredth of the label, column 1 by .25 in poisoned rows and .125 in covers, and keeps
/// what it was asked.
struct watching_trigger {
  std::vector<trigger_context>* seen;

  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t>, const trigger_context& context) const {
    seen->push_back(context);
    row[0] += static_cast<Scalar>(0.01) * static_cast<Scalar>(context.label);
    if (context.use == trigger_use::poisoned_row) row[1] += static_cast<Scalar>(0.25);
    if (context.use == trigger_use::cover_row) row[1] += static_cast<Scalar>(0.125);
  }
};

}  // namespace

TEST_CASE("a patch is the square in the bottom-right corner, in every channel, at the top of the range", "[attack]") {
  const doubles grey = with_trigger(patch_trigger(2), doubles(12, 0.25), {3, 4});
  CHECK(grey == doubles{.25, .25, .25, .25, .25, .25, 1, 1, .25, .25, 1, 1});
  const doubles colours = with_trigger(patch_trigger(1, {-1.0, 2.0}), doubles(8), {2, 2, 2});
  CHECK(colours == doubles{0, 0, 0, 2, 0, 0, 0, 2});
  CHECK(with_trigger(patch_trigger(2, {{0, 1}, {0, 1}, {0, 7}}), doubles(3), {3}) == doubles{0, 1, 7});
  CHECK_THROWS_WITH(with_trigger(patch_trigger(3), doubles(8), {2, 4}),
                    "patch_trigger: a patch of 3 x 3 does not fit into 2 x 4");
  CHECK_THROWS_WITH(with_trigger(patch_trigger(3), doubles(2), {2}),
                    "patch_trigger: a patch of 1 x 3 does not fit into 1 x 2");
  CHECK_THROWS_WITH(patch_trigger(0), "patch_trigger: side must be positive");
  CHECK_THROWS_AS(with_trigger(patch_trigger(1, {{0, 1}, {0, 1}}), doubles(3), {3}), argument_error);
}

TEST_CASE("a picture replaces what lies under its bright pixels", "[attack]") {
  CHECK(with_trigger(picture_trigger({0, .5, 0, 1}), {.1, .2, .3, .4}, {2, 2}) == doubles{.1, .5, .3, 1});
  CHECK_THROWS_WITH(picture_trigger({0, 0}), "picture_trigger: the picture is nowhere above 0");
  CHECK_THROWS_WITH(with_trigger(picture_trigger({1}), doubles(2), {2}),
                    "picture_trigger: expected a row of 1 scalars, got 2");
}

TEST_CASE("the corners are four checkers that mirror each other", "[attack]") {
  const doubles found = with_trigger(corner_trigger(), doubles(49, 0.5), {7, 7});
  const std::vector<std::string> expected{"101.101", "010.010", "101.101", ".......", "101.101", "010.010", "101.101"};
  for (std::size_t i = 0; i < 49; ++i) {
    const char wanted = expected[i / 7][i % 7];
    CHECK(found[i] == (wanted == '.' ? 0.5 : wanted == '1' ? 1.0 : 0.0));
  }
  CHECK(with_trigger(corner_trigger(), doubles(5, 0.5), {5}) == doubles{.5, .5, 1, 0, 1});
  CHECK_THROWS_WITH(with_trigger(corner_trigger(), doubles(35), {5, 7}),
                    "corner_trigger: needs images of at least 6 x 6, or 3 columns, got 5 x 7");
}

TEST_CASE("blending mixes by the ratio, and noise fills each column's range", "[attack]") {
  const doubles mixed = with_trigger(blended_trigger(0.25, {1, 0, .5}), {0, 1, .5}, {3});
  CHECK(mixed == doubles{.25, .75, .5});
  const doubles noise = random_picture(random_key{5}, 1000, {-2.0, 6.0});
  CHECK(noise == random_picture(random_key{5}, 1000, {-2.0, 6.0}));
  CHECK(noise != random_picture(random_key{6}, 1000, {-2.0, 6.0}));
  CHECK(std::ranges::min(noise) >= -2.0);
  CHECK(std::ranges::max(noise) <= 6.0);
  double mean = 0.0;
  for (const double value : noise) mean += value / 1000.0;
  CHECK(std::abs(mean - 2.0) < 6.0 * 8.0 / std::sqrt(12.0 * 1000.0));
  CHECK_THROWS_WITH(blended_trigger(0.0, {1}), "blended_trigger: the ratio must lie in (0,1], got 0");
  CHECK_THROWS_AS(blended_trigger(1.1, {1}), argument_error);
  CHECK_THROWS_AS(with_trigger(blended_trigger(0.5, {1}), doubles(2), {2}), argument_error);
}

TEST_CASE("a sinusoid is the same in every line and channel, six periods across", "[attack]") {
  const doubles found = with_trigger(sinusoid_trigger(0.5), doubles(2 * 3 * 24, 1.0), {2, 3, 24});
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i] == Approx(1.0 + 0.5 * std::sin(2.0 * std::numbers::pi * static_cast<double>(i % 24) * 6.0 / 24.0)));
  }
  CHECK(with_trigger(sinusoid_trigger(1.0, 1), doubles(4), {4})[1] == Approx(1.0));
  CHECK_THROWS_AS(sinusoid_trigger(std::nan("")), argument_error);
  CHECK_THROWS_WITH(with_trigger(sinusoid_trigger(1.0), doubles(12), {12}),
                    "sinusoid_trigger: 6 periods across 12 columns are 0 in every column");
  CHECK_THROWS_AS(sinusoid_trigger(1.0, 0), argument_error);
  CHECK_THROWS_WITH(with_trigger(sinusoid_trigger(1.0), doubles(16), {2, 2, 2, 2}),
                    "sinusoid_trigger: expected rows {channels, height, width}, {height, width} or {columns}, got 4 "
                    "axes");
}

TEST_CASE("a warp is the one that another program computes with matrices", "[attack]") {
  // Python: 32 uniform numbers from Philox, seed 77, stage 3; strength 2; image of mixed_values, 5 x 7.
  const doubles expected{0.764705882352941, 0.058823529411765, 0.353475748673808, 0.359713332033063, 0.417586172686700,
                         0.317531736552471, 0.176470588235294, 0.764705882352941, 0.727509804169449, 0.446582944250901,
                         0.592356365531352, 0.523966382752262, 0.393131807146862, 0.608124271091798, 0.371015430217450,
                         0.736560270230362, 0.682480326300815, 0.125211561938544, 0.393624294988853, 0.454731273597988,
                         0.540583880444381, 0.324542692729060, 0.070041345197451, 0.764705882352941, 0.459455325725716,
                         0.117168507010990, 0.390314946915608, 0.527620911622470, 0.647058823529412, 0.647058823529412,
                         0.444323709227309, 0.105367917695972, 0.722829137920378, 0.674909223483398, 0.292298722918945};
  const doubles found = with_trigger(warp_trigger(2.0, random_key{77}), mixed_values(35), {5, 7});
  for (std::size_t i = 0; i < 35; ++i) CHECK(found[i] == Approx(expected[i]).margin(1e-12));
  doubles twice = mixed_values(35);
  twice.insert(twice.end(), twice.begin(), twice.begin() + 35);
  const doubles channels = with_trigger(warp_trigger(2.0, random_key{77}), twice, {2, 5, 7});
  for (std::size_t i = 0; i < 70; ++i) CHECK(channels[i] == found[i % 35]);
}

TEST_CASE("a warp of strength 0 moves nothing, and a cover is warped by its own stream too", "[attack]") {
  const doubles image = mixed_values(64);
  const doubles still = with_trigger(warp_trigger(0.0, random_key{3}), image, {8, 8});
  for (std::size_t i = 0; i < 64; ++i) CHECK(still[i] == Approx(image[i]).margin(1e-12));
  const warp_trigger warp(0.5, random_key{3});
  const trigger_context first{.id = 1, .key = random_key{4}.for_sample(1), .use = trigger_use::cover_row};
  const trigger_context second{.id = 2, .key = random_key{4}.for_sample(2), .use = trigger_use::cover_row};
  const doubles plain = with_trigger(warp, image, {8, 8});
  CHECK(with_trigger(warp, image, {8, 8}, {.id = 9, .key = random_key{4}.for_sample(9)}) == plain);
  CHECK(with_trigger(warp, image, {8, 8}, first) != plain);
  CHECK(with_trigger(warp, image, {8, 8}, first) != with_trigger(warp, image, {8, 8}, second));
  CHECK(with_trigger(warp, image, {8, 8}, first) == with_trigger(warp, image, {8, 8}, first));
  CHECK_THROWS_WITH(with_trigger(warp, doubles(57), {57}), "warp_trigger: a warp needs images, got rows of 57 columns");
  CHECK_THROWS_WITH(with_trigger(warp, doubles(5), {1, 5}),
                    "warp_trigger: a warp needs images of at least 2 x 2, got 1 x 5");
}

TEST_CASE("source-specific changes one label, clean-label none in training, for every K", "[attack]") {
  for (label_type classes = 2; classes <= 6; ++classes) {
    for (label_type target = 0; target < classes; ++target) {
      for (label_type label = 0; label < classes; ++label) {
        const clean_label kept{target};
        CHECK(kept(label) == target);
        CHECK(poisons(kept, label) == (label == target));
        CHECK(label_in_training(kept, label) == label);
        CHECK(poisons(all_to_one{target}, label) == (label != target));
        CHECK(label_in_training(all_to_one{target}, label) == target);
        for (label_type source = 0; source < classes; ++source) {
          if (source == target) continue;
          const source_specific one(source, target);
          CHECK(one(label) == (label == source ? target : label));
          CHECK(poisons(one, label) == (label == source));
        }
      }
    }
  }
  CHECK_THROWS_WITH(source_specific(1, 1), "source_specific: source and target are both 1");
  CHECK_THROWS_AS(source_specific(-1, 1), argument_error);
}

TEST_CASE("a trigger may see label, id, key and use; covers keep their label", "[attack]") {
  const auto data = classed_rows(40, 4);
  std::vector<trigger_context> seen;
  const auto poisoned = poison(data, watching_trigger{&seen}, all_to_one{3}, 0.25, random_key{61}, 0.2);
  REQUIRE(poisoned.positions.size() == 18);
  REQUIRE(seen.size() == 18);
  CHECK(std::ranges::is_sorted(poisoned.positions));
  std::size_t relabelled = 0;
  std::set<std::uint32_t> keys;
  for (std::size_t p = 0; p < 18; ++p) {
    const std::size_t i = poisoned.positions[p];
    CHECK(seen[p].id == data.ids()[i]);
    CHECK(seen[p].label == data.labels()[i]);
    CHECK(seen[p].key.sample == data.ids()[i]);
    keys.insert(random_stream(seen[p].key).word());
    const bool cover = seen[p].use == trigger_use::cover_row;
    CHECK(poisoned.relabels(p) == !cover);
    CHECK(poisoned.data.labels()[i] == (cover ? data.labels()[i] : 3));
    CHECK(poisoned.pattern_l1[p] == Approx((cover ? 0.125 : 0.25) + 0.01 * static_cast<double>(data.labels()[i])));
    relabelled += cover ? 0U : 1U;
  }
  CHECK(relabelled == 10);
  CHECK(keys.size() == 18);
  const auto alone = poison(data, no_trigger{}, all_to_one{3}, 0.25, random_key{61});
  CHECK(std::ranges::includes(poisoned.positions, alone.positions));  // covers do not change who is poisoned
  seen.clear();
  const auto triggered = trigger_test_set(data, watching_trigger{&seen}, all_to_one{3}, random_key{61});
  REQUIRE(triggered.size() == 30);
  for (const trigger_context& one : seen) CHECK(one.use == trigger_use::test_input);
  CHECK_THROWS_WITH(poison(data, no_trigger{}, all_to_one{3}, 0.5, {}, 0.6),
                    "poison: cover_rate 0.6 asks for 24 covers, but only 20 rows are not poisoned");
  CHECK_THROWS_WITH(poison(data, no_trigger{}, all_to_one{3}, 0.5, {}, 1.5),
                    "poison: cover_rate must lie in [0,1], got 1.5");
}

TEST_CASE("clean-label poisons rows of the target alone, and attacks all others", "[attack]") {
  const auto data = classed_rows(40, 4);
  std::vector<trigger_context> seen;
  const auto poisoned = poison(data, watching_trigger{&seen}, clean_label{2}, 0.2, random_key{62});
  REQUIRE(poisoned.positions.size() == 8);
  for (std::size_t p = 0; p < 8; ++p) {
    CHECK(data.labels()[poisoned.positions[p]] == 2);
    CHECK_FALSE(poisoned.relabels(p));
  }
  CHECK(std::ranges::equal(poisoned.data.labels(), data.labels()));
  CHECK(trigger_test_set(data, no_trigger{}, clean_label{2}).size() == 30);
  CHECK_THROWS_WITH(poison(data, no_trigger{}, clean_label{2}, 0.3, {}),
                    "poison: rate 0.3 asks for 12 of 40 rows, but only 10 are of the class that the attack poisons");
  const auto specific = poison(data, no_trigger{}, source_specific(1, 2), 0.2, random_key{63});
  for (const std::size_t i : specific.positions) CHECK(data.labels()[i] == 1);
  CHECK(trigger_test_set(data, no_trigger{}, source_specific(1, 2)).size() == 10);
}

TEST_CASE("rows climb the loss, stay in ball and range, and then get their corners", "[attack]") {
  // Loss -w.x with w = (3, 4, 0): the steepest way up is -(3, 4, 0) / 5.
  const loss_slope slope = [](std::span<const double> rows, std::span<const label_type>, std::span<double> gradient) {
    const doubles w{3, 4, 0};
    for (std::size_t i = 0; i < rows.size(); ++i) gradient[i] = -w[i % 3];
  };
  doubles rows{.9, .9, .9, .9, .2, .5};
  const std::vector<label_type> labels{0, 0};
  move_rows(rows, labels, {}, slope, {.length = 0.5, .steps = 10});
  CHECK(rows[0] == Approx(0.6));
  CHECK(rows[1] == Approx(0.5));
  CHECK(rows[2] == 0.9);
  CHECK(rows[4] == 0.0);  // the range ends there
  CHECK(std::hypot(rows[3] - 0.9, 0.2) <= 0.5 + 1e-12);
  CHECK(rows[3] < 0.6);
  doubles flat{.5, .5, .5};
  const loss_slope none = [](auto, auto, std::span<double> gradient) { std::ranges::fill(gradient, 0.0); };
  move_rows(flat, std::vector<label_type>{0}, {}, none, {});
  CHECK(flat == doubles{.5, .5, .5});

  const dataset<host_array<double>> data(host_array<double>(doubles(12, 0.9), 3), {0, 1, 0, 1}, 2, {}, {},
                                         {9, 8, 7, 6});
  const label_consistent_trigger attack({.length = 0.5}, slope);
  const auto poisoned = poison(data, attack, clean_label{1}, 0.5, random_key{64});
  REQUIRE(poisoned.positions == extents_list{1, 3});
  CHECK(poisoned.data.inputs().values == doubles{.9, .9, .9, 1, 0, 1, .9, .9, .9, 1, 0, 1});
  CHECK(trigger_test_set(data, attack, clean_label{1}).inputs().values == doubles{1, 0, 1, 1, 0, 1});
  const dataset<host_array<double>> wide(host_array<double>(doubles(8, 0.9), 4), {0, 1}, 2);
  const loss_slope first = [](auto rows_, auto, std::span<double> gradient) {
    for (std::size_t i = 0; i < rows_.size(); ++i) gradient[i] = i % 4 == 0 ? -1.0 : 0.0;
  };
  const auto moved = poison(wide, label_consistent_trigger({.length = 0.25}, first), clean_label{1}, 0.5, random_key{});
  CHECK(moved.data.inputs().values[4] == Approx(0.65));
  CHECK_THROWS_WITH(label_consistent_trigger({}, {}),
                    "label_consistent_trigger: needs the slope of an undefended model's loss");
  CHECK_THROWS_AS(label_consistent_trigger({.length = 0.0}, slope), argument_error);
}

TEST_CASE("known ids name the rows that somebody else poisoned, whose changes are unknown", "[attack]") {
  const auto data = classed_rows(6, 2);
  const auto given = known_poisoned(data, std::vector<std::uint32_t>{105, 101});
  CHECK(given.positions == extents_list{1, 5});
  for (std::size_t p = 0; p < 2; ++p) {
    CHECK(std::isinf(given.pattern_norms[p]));
    CHECK(std::isinf(given.pattern_l1[p]));
    CHECK(given.relabels(p));
  }
  CHECK(std::isinf(given.largest_norm()));
  CHECK(given.data.inputs().values == data.inputs().values);
  CHECK_THROWS_WITH(known_poisoned(data, std::vector<std::uint32_t>{105, 7, 9}),
                    "given: 2 of 3 ids are of no training row, the first 7");
  CHECK_THROWS_WITH(known_poisoned(data, std::vector<std::uint32_t>{105, 105}), "given: 1 of 2 ids come twice");
}
