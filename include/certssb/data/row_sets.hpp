// SPDX-License-Identifier: MIT
#pragma once
// Brief: several sets of rows of one type, of which an algorithm treats one after the other: clean and triggered test
// inputs, say.

#include "certssb/core/expect.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: refers to sets of rows, in order; made where it is passed: `{clean, triggered}`.
/// Requires: the sets outlive it.
template <class Rows>
class row_sets {
public:
  row_sets(std::initializer_list<std::reference_wrapper<const Rows>> sets) {
    for (const Rows& set : sets) sets_.push_back(&set);
  }

  /// Brief: by pointers, in any array, vector or span.
  /// Throws: argument_error for one that is null.
  template <class Pointers>
  requires std::convertible_to<const Pointers&, std::span<const Rows* const>> row_sets(const Pointers& sets) {
    for (const Rows* const set : std::span<const Rows* const>(sets)) {
      expect(set != nullptr, "row_sets: a pointer is null");
      sets_.push_back(set);
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return sets_.size(); }
  [[nodiscard]] const Rows& operator[](std::size_t k) const noexcept { return *sets_[k]; }

private:
  std::vector<const Rows*> sets_;
};

/// Brief: row_sets as a parameter whose Rows another parameter decides, so that `{clean, triggered}` can be passed.
template <class Rows>
using row_sets_of = std::type_identity_t<row_sets<Rows>>;

}  // namespace v1
}  // namespace certssb
