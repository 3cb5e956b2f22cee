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

/// Brief: one class becomes the target; every other label stays, and its rows are not attacked.
class source_specific {
public:
  /// Throws: argument_error unless source and target differ and neither is negative.
  source_specific(label_type source, label_type target) : source_(source), target_(target) {
    expect(source >= 0 && target >= 0, "source_specific: labels must not be negative, got ", source, " and ", target);
    expect(source != target, "source_specific: source and target are both ", source);
  }

  [[nodiscard]] constexpr label_type operator()(label_type label) const noexcept {
    return label == source_ ? target_ : label;
  }

private:
  label_type source_;
  label_type target_;
};

/// Brief: every triggered input is to be called the target, but poisoned rows keep their label: they are rows of the
/// target class.
struct clean_label {
  label_type target = 0;

  [[nodiscard]] constexpr label_type operator()(label_type) const noexcept { return target; }
  [[nodiscard]] constexpr bool poisons(label_type label) const noexcept { return label == target; }
  [[nodiscard]] static constexpr label_type in_training(label_type label) noexcept { return label; }
};

static_assert(label_map<all_to_one> && label_map<all_to_all> && label_map<source_specific> && label_map<clean_label>);

}  // namespace v1
}  // namespace certssb
