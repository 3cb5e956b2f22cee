// SPDX-License-Identifier: MIT
#pragma once
// Brief: the table of the attacks that ship: triggers and label maps chosen by name at run time.

#include "certssb/attack/blend_trigger.hpp"
#include "certssb/attack/concept.hpp"
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/no_trigger.hpp"
#include "certssb/attack/pixel_trigger.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

namespace certssb {
inline namespace v1 {

/// Brief: every trigger by name.
inline constexpr std::array<std::string_view, 4> trigger_names = {"one-pixel", "four-pixel", "blending", "none"};

/// Brief: every label map by name.
inline constexpr std::array<std::string_view, 2> label_map_names = {"all-to-one", "all-to-all"};

/// Brief: a trigger chosen by name. It is one type for all names.
class named_trigger {
public:
  /// Brief: the trigger with an L2 norm of delta before clipping. `key` and `row_size` are for patterns that are drawn
  /// (blending).
  /// Throws: argument_error for an unknown name, and as the trigger.
  named_trigger(std::string_view name, double delta, const random_key& key, std::size_t row_size)
      : pattern_(make(name, delta, key, row_size)) {}

  /// Throws: argument_error if the pattern does not fit the shape.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape) const {
    std::visit([&](const auto& pattern) { pattern.apply(row, row_shape); }, pattern_);
  }

private:
  using any_trigger = std::variant<no_trigger, pixel_trigger, blend_trigger>;

  [[nodiscard]] static any_trigger make(std::string_view name, double delta, const random_key& key,
                                        std::size_t row_size) {
    if (name == "one-pixel") return one_pixel_trigger(delta);
    if (name == "four-pixel") return four_pixel_trigger(delta);
    if (name == "blending") return blend_trigger(delta, key, row_size);
    expect(name == "none", "no trigger is called ", name, "; expected one-pixel, four-pixel, blending or none");
    return no_trigger{};
  }

  any_trigger pattern_;
};

/// Brief: a label map chosen by name. It is one type for all names.
class named_label_map {
public:
  /// Brief: the map for labels 0 .. classes - 1. `target` is for all-to-one, `shift` for all-to-all.
  /// Throws: argument_error for an unknown name, a target outside [0, classes), and as the map.
  named_label_map(std::string_view name, std::size_t classes, label_type target = 0, std::size_t shift = 1)
      : map_(make(name, classes, target, shift)) {}

  [[nodiscard]] label_type operator()(label_type label) const {
    return std::visit([&](const auto& map) { return map(label); }, map_);
  }

private:
  using any_map = std::variant<all_to_one, all_to_all>;

  [[nodiscard]] static any_map make(std::string_view name, std::size_t classes, label_type target, std::size_t shift) {
    if (name == "all-to-all") return all_to_all(classes, shift);
    expect(name == "all-to-one", "no label map is called ", name, "; expected all-to-one or all-to-all");
    expect(target >= 0 && std::cmp_less(target, classes), "all-to-one: target must lie in [0, ", classes, "), got ",
           target);
    return all_to_one{target};
  }

  any_map map_;
};

static_assert(trigger<named_trigger, float> && trigger<named_trigger, double> && label_map<named_label_map>);

}  // namespace v1
}  // namespace certssb
