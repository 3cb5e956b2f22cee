// SPDX-License-Identifier: MIT
#pragma once
// Brief: an array as a .npy file holds it.

#include <bit>
#include <cstddef>
#include <vector>

namespace certssb {
inline namespace v1 {

static_assert(std::endian::native == std::endian::little, "certssb reads and writes little-endian .npy files only");

/// Brief: an array as a file holds it.
/// Shapes: values in C order, as many as the product of `shape`.
template <class Scalar>
struct npy_array {
  std::vector<std::size_t> shape;
  std::vector<Scalar> values;
};

}  // namespace v1
}  // namespace certssb
