// SPDX-License-Identifier: MIT
#pragma once
// Brief: the operations of `tensor_traits` for any tensor that is contiguous on the host.

#include "certssb/core/expect.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: base of a `tensor_traits` specialisation that gives `scalar`, `rows`, `row_size`, `make` and `data`;
/// adds `write`, `read`, `gather` and `add_scaled`.
/// Throws: argument_error from each where extents do not fit.
template <class Tensor, class Scalar>
struct contiguous_tensor_traits {
  using scalar = Scalar;

  static void write(Tensor& t, std::size_t first, std::span<const Scalar> values) {
    std::ranges::copy(values, block(t, first, values.size()));
  }

  static void read(const Tensor& t, std::size_t first, std::span<Scalar> values) {
    std::copy_n(block(t, first, values.size()), values.size(), values.begin());
  }

  static void gather(const Tensor& source, std::span<const std::size_t> positions, Tensor& t) {
    using traits = tensor_traits<Tensor>;
    const std::size_t size = traits::row_size(source);
    expect(traits::rows(t) == positions.size() && traits::row_size(t) == size, "gather: expected ", positions.size(),
           " rows of ", size, ", got ", traits::rows(t), " rows of ", traits::row_size(t));
    Scalar* to = traits::data(t);
    for (const std::size_t position : positions) {
      to = std::copy_n(block(source, position, size), size, to);
    }
  }

  static void add_scaled(Tensor& t, std::span<const Scalar> scales, std::span<const Scalar> values) {
    using traits = tensor_traits<Tensor>;
    const std::size_t size = traits::row_size(t);
    expect(scales.size() == traits::rows(t) && values.size() == scales.size() * size, "add_scaled: expected ",
           traits::rows(t), " scales and ", traits::rows(t) * size, " values, got ", scales.size(), " and ",
           values.size());
    Scalar* to = traits::data(t);
    const Scalar* value = values.data();
    for (const Scalar scale : scales) {
      for (std::size_t i = 0; i < size; ++i) to[i] += scale * value[i];
      to += size;
      value += size;
    }
  }

private:
  template <class T>
  static auto block(T& t, std::size_t first, std::size_t count) {
    using traits = tensor_traits<Tensor>;
    const std::size_t size = traits::row_size(t);
    expect(first * size + count <= traits::rows(t) * size, "tensor: rows ", first, " and ", count,
           " scalars after it exceed ", traits::rows(t), " rows of ", size);
    return traits::data(t) + first * size;
  }
};

}  // namespace v1
}  // namespace certssb
