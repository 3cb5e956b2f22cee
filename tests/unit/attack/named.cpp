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
  CHECK(named("given:ids.npy") == std::vector<double>(144));
  CHECK_THROWS_WITH(named("One-pixel"),
                    "no trigger is called One-pixel; expected one-pixel, four-pixel, blending, badnets, blended, sig, "
                    "wanet, label-consistent, none, or given:FILE");
  CHECK_THROWS_AS(named("given:"), argument_error);
}

TEST_CASE("each trigger in the table is made from its usual strength and says what that is", "[attack]") {
  const auto none = [](auto, auto, std::span<double> gradient) { std::ranges::fill(gradient, 0.0); };
  const std::vector<std::size_t> wide{13, 17};
  std::vector<double> image(13 * 17, 0.5);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] += 0.125 * static_cast<double>(i % 3);
  for (const trigger_facts& facts : trigger_table) {
    CAPTURE(std::string(facts.name));
    CHECK(&facts_of_trigger(facts.name) == &facts);
    CHECK_FALSE(facts.strength.empty());
    const named_trigger made(facts.name,
                             {.strength = facts.usual_strength, .key = random_key{91}, .row_size = 221, .slope = none});
    std::vector<double> row = image;
    made.apply(std::span(row), wide);
    CHECK((row == image) == (facts.name == "none"));
  }
  const auto with = [&](std::string_view name, const trigger_parts& parts) {
    std::vector<double> row = image;
    named_trigger(name, parts).apply(std::span(row), wide);
    return row;
  };
  const auto plain = [&](const auto& pattern) {
    std::vector<double> row = image;
    apply_trigger(pattern, std::span<double>(row), std::span<const std::size_t>(wide), {});
    return row;
  };
  const random_key key{91};
  std::vector<double> picture(221);
  picture[7] = 0.75;
  CHECK(with("badnets", {.strength = 2.0}) == plain(patch_trigger(2)));
  CHECK(with("badnets", {.strength = 2.0, .picture = picture}) == plain(picture_trigger(picture)));
  CHECK(with("blended", {.strength = 0.1, .key = key, .row_size = 221}) ==
        plain(blended_trigger(0.1, random_picture(key, 221))));
  CHECK(with("blended", {.strength = 0.1, .picture = picture}) == plain(blended_trigger(0.1, picture)));
  CHECK(with("sig", {.strength = 0.2}) == plain(sinusoid_trigger(0.2)));
  CHECK(with("wanet", {.strength = 0.7, .key = key}) == plain(warp_trigger(0.7, key)));
  CHECK(with("label-consistent", {.slope = none}) == plain(corner_trigger()));
  CHECK_THROWS_WITH(with("badnets", {.strength = 1.5}),
                    "badnets: the side of the patch must be a whole number from 1, got 1.5");
  CHECK_THROWS_WITH(with("sig", {.picture = picture}), "sig: takes no picture");
}

TEST_CASE("each label map's name gives that map, and every name in the table is known", "[attack]") {
  for (label_type label = 0; label < 5; ++label) {
    CHECK(named_label_map("all-to-one", 5, 3)(label) == 3);
    CHECK(named_label_map("all-to-all", 5)(label) == (label + 1) % 5);
    CHECK(named_label_map("all-to-all", 5, 0, 2)(label) == (label + 2) % 5);
  }
  for (label_type label = 0; label < 5; ++label) {
    CHECK(named_label_map("clean-label", 5, 3)(label) == 3);
    CHECK(named_label_map("clean-label", 5, 3).poisons(label) == (label == 3));
    CHECK(named_label_map("clean-label", 5, 3).in_training(label) == label);
    CHECK(named_label_map("source-specific:1", 5, 3)(label) == (label == 1 ? 3 : label));
    CHECK(named_label_map("all-to-all", 5).in_training(label) == (label + 1) % 5);
    CHECK(named_label_map("all-to-all", 5).poisons(label));
  }
  CHECK_THROWS_WITH(named_label_map("source-specific:5", 5, 3), "source-specific:5: source must lie in [0, 5), got 5");
  CHECK_THROWS_AS(named_label_map("source-specific:3", 5, 3), argument_error);
  CHECK_THROWS_AS(named_label_map("source-specific:", 5, 3), argument_error);
  CHECK_THROWS_AS(named_label_map("source-specific:1x", 5, 3), argument_error);
  CHECK_THROWS_WITH(named_label_map("all-to-one", 5, 5), "all-to-one: target must lie in [0, 5), got 5");
  CHECK_THROWS_AS(named_label_map("all-to-one", 5, -1), argument_error);
  CHECK_THROWS_AS(named_label_map("all-to-all", 5, 0, 5), argument_error);
  CHECK_THROWS_WITH(named_label_map("clean", 5),
                    "no label map is called clean; expected all-to-one, all-to-all, source-specific:A or clean-label");
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
