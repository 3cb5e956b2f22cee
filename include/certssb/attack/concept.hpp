// SPDX-License-Identifier: MIT
#pragma once
// Brief: what an attack is made of: a trigger that changes inputs, and a map that changes labels.

#include "certssb/core/label.hpp"

#include <concepts>
#include <cstddef>
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

/// Brief: the label that an attacker gives to a poisoned row, as a function of the row's true label. Rows whose label
/// it does not change are not poisoned.
template <class Map>
concept label_map = requires(const Map& map, label_type label) {
  { map(label) } -> std::same_as<label_type>;
};

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no trigger; else true.
template <class Trigger, class Scalar>
constexpr bool require_trigger() {
  static_assert(
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
