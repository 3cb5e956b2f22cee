// SPDX-License-Identifier: MIT
#pragma once
// Brief: a trigger that changes nothing, for runs without an attack and for attacks on labels alone.

#include "certssb/attack/concept.hpp"

#include <concepts>
#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: leaves every input as it is.
struct no_trigger {
  template <std::floating_point Scalar>
  constexpr void apply(std::span<Scalar>, std::span<const std::size_t>) const noexcept {}
};

static_assert(trigger<no_trigger, float> && trigger<no_trigger, double>);

}  // namespace v1
}  // namespace certssb
