// SPDX-License-Identifier: MIT
#pragma once
// Brief: how an attack changes the label of a poisoned row.

#include "certssb/attack/concept.hpp"
#include "certssb/core/expect.hpp"

#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: every label becomes the target.
struct all_to_one {
  label_type target = 0;

  [[nodiscard]] constexpr label_type operator()(label_type) const noexcept { return target; }
};

/// Brief: label y becomes (y + shift) mod K, so that every class is attacked.
class all_to_all {
public:
  /// Throws: argument_error unless classes >= 2 and 0 < shift < classes.
  explicit all_to_all(std::size_t classes, std::size_t shift = 1)
      : classes_(static_cast<label_type>(classes)), shift_(static_cast<label_type>(shift)) {
    expect(classes >= 2, "all_to_all: needs at least 2 classes, got ", classes);
    expect(shift > 0 && shift < classes, "all_to_all: shift must lie in [1, ", classes - 1, "], got ", shift);
  }

  [[nodiscard]] constexpr label_type operator()(label_type label) const noexcept { return (label + shift_) % classes_; }

private:
  label_type classes_;
  label_type shift_;
};

static_assert(label_map<all_to_one> && label_map<all_to_all>);

}  // namespace v1
}  // namespace certssb
