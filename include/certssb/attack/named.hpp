// SPDX-License-Identifier: MIT
#pragma once
// Brief: the table of the attacks that ship: triggers and label maps chosen by name at run time.

#include "certssb/attack/blend_trigger.hpp"
#include "certssb/attack/blended_trigger.hpp"
#include "certssb/attack/concept.hpp"
#include "certssb/attack/label_consistent.hpp"
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/no_trigger.hpp"
#include "certssb/attack/patch_trigger.hpp"
#include "certssb/attack/pixel_trigger.hpp"
#include "certssb/attack/sinusoid_trigger.hpp"
#include "certssb/attack/warp_trigger.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/data/value_ranges.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a trigger's name, what its strength is, and the usual one; the usual label map, and how many covers for each
/// poisoned row.
struct trigger_facts {
  std::string_view name;
  std::string_view strength;
  double usual_strength;
  std::string_view usual_map = "all-to-one";
  double usual_covers = 0.0;
  bool keeps_labels = false;  ///< it makes sense with the map clean-label alone
};

/// Brief: every trigger by name.
inline constexpr auto trigger_table = std::to_array<trigger_facts>(
    {{"one-pixel", "L2 norm", 1.0},
     {"four-pixel", "L2 norm", 1.0},
     {"blending", "L2 norm", 1.0},
     {"badnets", "side of the patch, in pixels or columns", 3.0},
     {"blended", "share of the picture in the mixture", 0.2},
     {"sig", "amplitude", 40.0 / 255.0, "clean-label"},
     {"wanet", "strength of the warp", 0.5, "all-to-one", 2.0},
     {"label-consistent", "L2 length by which poisoned rows are moved", 1.5, "clean-label", 0.0, true},
     {"none", "nothing", 1.0}});

/// Brief: what stands before the file of a data set's poisoned ids: `given:ids.npy`.
inline constexpr std::string_view given_prefix = "given:";

/// Brief: what is known of a trigger by its name, of `given:FILE` that of none; or nullptr.
[[nodiscard]] inline const trigger_facts* find_trigger(std::string_view name) {
  const std::string_view known = name.starts_with(given_prefix) && name.size() > given_prefix.size() ? "none" : name;
  const auto found = std::ranges::find(trigger_table, known, &trigger_facts::name);
  return found == trigger_table.end() ? nullptr : &*found;
}

/// Brief: all names in words.
[[nodiscard]] inline std::string known_triggers() {
  std::string text;
  for (const trigger_facts& facts : trigger_table) text.append(facts.name).append(", ");
  return concatenate(text, "or ", given_prefix, "FILE");
}

/// Brief: what is known of a trigger by its name.
/// Throws: argument_error for an unknown name.
[[nodiscard]] inline const trigger_facts& facts_of_trigger(std::string_view name) {
  const trigger_facts* const found = find_trigger(name);
  expect(found != nullptr, "no trigger is called ", name, "; expected ", known_triggers());
  return *found;
}

/// Brief: what a trigger is made from. Each uses what it needs.
struct trigger_parts {
  double strength = 1.0;             ///< as trigger_facts::strength says
  random_key key = {};               ///< of patterns that are drawn
  std::size_t row_size = 0;          ///< scalars in an input
  value_ranges ranges = {};          ///< of their columns
  std::vector<double> picture = {};  ///< badnets and blended: the picture, [row_size], instead of a patch or noise
  loss_slope slope = {};             ///< label-consistent: of an undefended model
};

/// Brief: a trigger chosen by name. It is one type for all names.
class named_trigger {
public:
  /// Throws: argument_error for an unknown name, and as the trigger.
  named_trigger(std::string_view name, const trigger_parts& parts) : pattern_(make(name, parts)) {}
  named_trigger(std::string_view name, double strength, const random_key& key, std::size_t row_size)
      : named_trigger(name, trigger_parts{.strength = strength, .key = key, .row_size = row_size}) {}

  /// Brief: the trigger made ready for the rows at these positions.
  template <tensor Tensor>
  [[nodiscard]] named_trigger prepared(const dataset<Tensor>& data, std::span<const std::size_t> positions) const {
    if (const auto* const moving = std::get_if<label_consistent_trigger>(&pattern_)) {
      return named_trigger(moving->prepared(data, positions));
    }
    return *this;
  }

  /// Throws: argument_error if the pattern does not fit the shape.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape, const trigger_context& context = {}) const {
    std::visit([&](const auto& pattern) { apply_trigger(pattern, row, row_shape, context); }, pattern_);
  }

private:
  using any_trigger = std::variant<no_trigger, pixel_trigger, blend_trigger, patch_trigger, picture_trigger,
                                   blended_trigger, sinusoid_trigger, warp_trigger, label_consistent_trigger>;

  explicit named_trigger(any_trigger pattern) : pattern_(std::move(pattern)) {}

  [[nodiscard]] static any_trigger make(std::string_view name, const trigger_parts& parts) {
    const double strength = parts.strength;
    expect(parts.picture.empty() || name == "badnets" || name == "blended", name, ": takes no picture");
    if (name == "one-pixel") return one_pixel_trigger(strength);
    if (name == "four-pixel") return four_pixel_trigger(strength);
    if (name == "blending") return blend_trigger(strength, parts.key, parts.row_size);
    if (name == "badnets" && !parts.picture.empty()) return picture_trigger(parts.picture);
    if (name == "badnets") {
      expect(strength >= 1.0 && strength <= 1e6 && strength == std::floor(strength),
             "badnets: the side of the patch must be a whole number from 1, got ", strength);
      return patch_trigger(static_cast<std::size_t>(strength), parts.ranges);
    }
    if (name == "blended") {
      return blended_trigger(
          strength, parts.picture.empty() ? random_picture(parts.key, parts.row_size, parts.ranges) : parts.picture);
    }
    if (name == "sig") return sinusoid_trigger(strength);
    if (name == "wanet") return warp_trigger(strength, parts.key);
    if (name == "label-consistent") return label_consistent_trigger({.length = strength}, parts.slope, parts.ranges);
    static_cast<void>(facts_of_trigger(name));
    return no_trigger{};
  }

  any_trigger pattern_;
};

/// Brief: every label map, in words.
[[nodiscard]] inline std::string_view known_label_maps() {
  return "all-to-one, all-to-all, source-specific:A or clean-label";
}

/// Brief: a label map chosen by name. It is one type for all names.
class named_label_map {
public:
  /// Brief: the map for labels 0 .. classes - 1. `target` is not for all-to-all, `shift` for it alone; source-specific:A
  /// names the label that becomes the target.
  /// Throws: argument_error for an unknown name, a label outside [0, classes), and as the map.
  named_label_map(std::string_view name, std::size_t classes, label_type target = 0, std::size_t shift = 1)
      : map_(make(name, classes, target, shift)) {}

  /// Brief: whether a name is that of a label map.
  [[nodiscard]] static bool knows(std::string_view name) {
    return name == "all-to-one" || name == "all-to-all" || name == "clean-label" || source_of(name) >= 0;
  }

  [[nodiscard]] label_type operator()(label_type label) const {
    return std::visit([&](const auto& map) { return map(label); }, map_);
  }
  [[nodiscard]] bool poisons(label_type label) const {
    return std::visit([&](const auto& map) { return certssb::poisons(map, label); }, map_);
  }
  [[nodiscard]] label_type in_training(label_type label) const {
    return std::visit([&](const auto& map) { return label_in_training(map, label); }, map_);
  }

private:
  using any_map = std::variant<all_to_one, all_to_all, source_specific, clean_label>;

  /// Brief: the label behind source-specific:, or -1.
  [[nodiscard]] static label_type source_of(std::string_view name) {
    constexpr std::string_view prefix = "source-specific:";
    label_type source = -1;
    if (!name.starts_with(prefix)) return -1;
    const char* const last = name.data() + name.size();
    const auto [end, failure] = std::from_chars(name.data() + prefix.size(), last, source);
    return failure == std::errc{} && end == last ? source : -1;
  }

  [[nodiscard]] static any_map make(std::string_view name, std::size_t classes, label_type target, std::size_t shift) {
    expect(knows(name), "no label map is called ", name, "; expected ", known_label_maps());
    if (name == "all-to-all") return all_to_all(classes, shift);
    const auto expect_label = [&](const char* what, label_type label) {
      expect(label >= 0 && std::cmp_less(label, classes), name, ": ", what, " must lie in [0, ", classes, "), got ",
             label);
    };
    expect_label("target", target);
    if (name == "all-to-one") return all_to_one{target};
    if (name == "clean-label") return clean_label{target};
    expect_label("source", source_of(name));
    return source_specific(source_of(name), target);
  }

  any_map map_;
};

static_assert(contextual_trigger<named_trigger, float> && trigger<named_trigger, double> && label_map<named_label_map>);

}  // namespace v1
}  // namespace certssb
