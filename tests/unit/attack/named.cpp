// SPDX-License-Identifier: MIT
#include "certssb/attack/named.hpp"

#include "certssb/attack/measure.hpp"
#include "certssb/attack/poison.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace certssb;

namespace {

using array = host_array<double>;
const std::vector<std::size_t> extents{12, 12};

template <class Trigger>
std::vector<double> pattern_of(const Trigger& pattern) {
  std::vector<double> row(144);
  pattern.apply(std::span(row), extents);
  return row;
}

/// Brief: three inputs of two scalars, ids 7, 5, 3.
dataset<array> three() { return {array({0.0, 0.0, 0.5, 0.5, 1.0, 0.25}, 2), {0, 1, 0}, 2, {}, {}, {7, 5, 3}}; }

}  // namespace

TEST_CASE("each trigger's name gives that trigger, and every name in the table is known", "[attack]") {
  const random_key key{91};
  const auto named = [&](std::string_view name) { return pattern_of(named_trigger(name, 1.5, key, 144)); };
  CHECK(named("one-pixel") == pattern_of(one_pixel_trigger(1.5)));
  CHECK(named("four-pixel") == pattern_of(four_pixel_trigger(1.5)));
  CHECK(named("blending") == pattern_of(blend_trigger(1.5, key, 144)));
  CHECK(named("none") == std::vector<double>(144));
  for (const std::string_view name : trigger_names) CHECK_NOTHROW(named(name));
  CHECK_THROWS_WITH(named("One-pixel"),
                    "no trigger is called One-pixel; expected one-pixel, four-pixel, blending or none");
}

TEST_CASE("each label map's name gives that map, and every name in the table is known", "[attack]") {
  for (label_type label = 0; label < 5; ++label) {
    CHECK(named_label_map("all-to-one", 5, 3)(label) == 3);
    CHECK(named_label_map("all-to-all", 5)(label) == (label + 1) % 5);
    CHECK(named_label_map("all-to-all", 5, 0, 2)(label) == (label + 2) % 5);
  }
  for (const std::string_view name : label_map_names) CHECK_NOTHROW(named_label_map(name, 2));
  CHECK_THROWS_WITH(named_label_map("all-to-one", 5, 5), "all-to-one: target must lie in [0, 5), got 5");
  CHECK_THROWS_AS(named_label_map("all-to-one", 5, -1), argument_error);
  CHECK_THROWS_AS(named_label_map("all-to-all", 5, 0, 5), argument_error);
  CHECK_THROWS_WITH(named_label_map("clean", 5), "no label map is called clean; expected all-to-one or all-to-all");
}

TEST_CASE("poisoning under a name is poisoning with that trigger and map", "[attack]") {
  const auto data = three();
  const auto plain = poison(data, blend_trigger(0.5, random_key{92}, 2), all_to_all(2), 0.7, random_key{93});
  const auto named = poison(data, named_trigger("blending", 0.5, random_key{92}, 2), named_label_map("all-to-all", 2),
                            0.7, random_key{93});
  CHECK(named.positions == plain.positions);
  CHECK(named.pattern_norms == plain.pattern_norms);
  CHECK(named.data.inputs().values == plain.data.inputs().values);
  CHECK(std::ranges::equal(named.data.labels(), plain.data.labels()));
}

TEST_CASE("the largest change is the largest L2 distance between inputs of one id", "[attack]") {
  const auto clean = three();
  const dataset<array> triggered(array({1.0, 0.75, 0.3, 0.4}, 2), {0, 0}, 2, {}, {}, {3, 7});
  CHECK(largest_change(clean, triggered) == Approx(0.5).epsilon(1e-15));
  CHECK(largest_change(clean, clean) == 0.0);
  CHECK(largest_change(clean, trigger_test_set(clean, no_trigger{}, all_to_one{0})) == 0.0);
  const dataset<array> stranger(array({0.0, 0.0}, 2), {0}, 2, {}, {}, {4});
  CHECK_THROWS_WITH(largest_change(clean, stranger), "largest_change: no clean input has id 4");
  const dataset<array> wide(array({0.0, 0.0, 0.0}, 3), {0}, 2, {}, {}, {3});
  CHECK_THROWS_WITH(largest_change(clean, wide), "largest_change: clean rows have 2 scalars, triggered ones 3");
}
