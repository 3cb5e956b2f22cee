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

}  // namespace v1
}  // namespace certssb
