// SPDX-License-Identifier: MIT
#pragma once
// Brief: what an attack is made of: a trigger that changes inputs, and a map that changes labels.

#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: adds its pattern to one input.
/// Members: apply(row, row_shape) changes `row`, the scalars of an input of shape `row_shape`, in place. It need not
/// keep to the value range: `poison` and `trigger_test_set` clip.
/// Requires: callable from several threads at once.
/// Throws: argument_error if the pattern does not fit the shape.
template <class Trigger, class Scalar>
concept trigger = std::floating_point<Scalar> &&
    requires(const Trigger& pattern, std::span<Scalar> row, std::span<const std::size_t> row_shape) {
  pattern.apply(row, row_shape);
};

/// Brief: what an input with a trigger is for: a training row that is poisoned, a training row that is a cover (it
/// gets a trigger and keeps its label), or a test input.
enum class trigger_use { poisoned_row, cover_row, test_input };

/// Brief: what a trigger may see besides the input.
struct trigger_context {
  label_type label = 0;  ///< the true one
  std::uint32_t id = 0;
  random_key key = {};  ///< the attack's stream for this input
  trigger_use use = trigger_use::test_input;
};

/// Brief: a trigger that also sees label, id, key and use of the input.
/// Members: apply(row, row_shape, context), otherwise as of `trigger`.
template <class Trigger, class Scalar>
concept contextual_trigger = std::floating_point<Scalar> &&
    requires(const Trigger& pattern, std::span<Scalar> row, std::span<const std::size_t> row_shape,
             const trigger_context& context) {
  pattern.apply(row, row_shape, context);
};

/// Brief: puts a trigger of either kind into one input.
/// Throws: as the trigger.
template <std::floating_point Scalar, class Trigger>
void apply_trigger(const Trigger& pattern, std::span<Scalar> row, std::span<const std::size_t> row_shape,
                   const trigger_context& context) {
  if constexpr (contextual_trigger<Trigger, Scalar>) {
    pattern.apply(row, row_shape, context);
  } else {
    pattern.apply(row, row_shape);
  }
}

/// Brief: the label that an attacker wants a triggered input called, as a function of its true label. Inputs whose label
/// it does not change are not attacked. A poisoned training row gets that label too, unless the map says otherwise:
/// Members (optional): poisons(label), whether training rows of this label are poisoned; in_training(label), the label
/// of such a row after poisoning. Without them a row is poisoned if the map changes its label.
template <class Map>
concept label_map = requires(const Map& map, label_type label) {
  { map(label) } -> std::same_as<label_type>;
};

/// Brief: whether training rows of this label are poisoned.
template <label_map Map>
[[nodiscard]] bool poisons(const Map& map, label_type label) {
  if constexpr (requires {
                  { map.poisons(label) } -> std::same_as<bool>;
                }) {
    return map.poisons(label);
  } else {
    return map(label) != label;
  }
}

/// Brief: the label of a poisoned training row.
template <label_map Map>
[[nodiscard]] label_type label_in_training(const Map& map, label_type label) {
  if constexpr (requires {
                  { map.in_training(label) } -> std::same_as<label_type>;
                }) {
    return map.in_training(label);
  } else {
    return map(label);
  }
}

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no trigger; else true.
template <class Trigger, class Scalar>
constexpr bool require_trigger() {
  static_assert(
      contextual_trigger<Trigger, Scalar> ||
          requires(const Trigger& pattern, std::span<Scalar> row, std::span<const std::size_t> row_shape) {
            pattern.apply(row, row_shape);
          },
      "certssb: your trigger has no const apply(span<scalar> row, span<const size_t> row_shape), scalar that of the "
      "data set");
  return true;
}

/// Brief: the same for label maps.
template <class Map>
constexpr bool require_label_map() {
  static_assert(
      requires(const Map& map, label_type label) {
        { map(label) } -> std::same_as<label_type>;
      },
      "certssb: your label map has no const operator()(label_type) that returns label_type (a 64-bit integer)");
  return true;
}

}  // namespace v1
}  // namespace certssb
