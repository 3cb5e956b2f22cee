// SPDX-License-Identifier: MIT
#pragma once
// Brief: working memory that is not part of an object's value.

#include <Eigen/Core>

#include <cstddef>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: memory that only grows; a copy of its owner starts without any.
/// Units: aligned for the widest vector instructions, so that results do not depend on its address.
template <class Scalar>
class scratch {
public:
  scratch() = default;
  scratch(const scratch&) noexcept {}
  scratch(scratch&&) noexcept = default;
  scratch& operator=(const scratch&) noexcept { return *this; }
  scratch& operator=(scratch&&) noexcept = default;
  ~scratch() = default;

  /// Brief: at least `count` scalars, any content.
  Scalar* grow(std::size_t count) {
    if (values_.size() < count) values_.resize(count);
    return values_.data();
  }

  [[nodiscard]] Scalar* data() noexcept { return values_.data(); }

private:
  std::vector<Scalar, Eigen::aligned_allocator<Scalar>> values_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
