// SPDX-License-Identifier: MIT
#pragma once
// Brief: a stored region: an open ball of inputs that share a label.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"

#include <cmath>

namespace certssb {
inline namespace v1 {

/// Brief: the label of the inputs closer than `radius` to a centre. The region_store holds the centre.
/// Units: the radius has those of the inputs.
struct region {
  label_type label;
  double radius;
};

/// Brief: checks a region.
/// Throws: argument_error unless the radius is finite and >= 0, and the label is a class, or `abstain` with radius 0.
inline void expect_region(const region& asked) {
  expect(std::isfinite(asked.radius) && asked.radius >= 0.0, "storage: a radius must be finite and >= 0, got ",
         asked.radius);
  expect(asked.label >= abstain, "storage: a label must be a class or -1 (abstain), got ", asked.label);
  expect(asked.label != abstain || asked.radius == 0.0, "storage: label -1 (abstain) goes with radius 0, got radius ",
         asked.radius);
}

}  // namespace v1
}  // namespace certssb
