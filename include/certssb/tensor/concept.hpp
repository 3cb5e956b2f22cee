// SPDX-License-Identifier: MIT
#pragma once
// Brief: what the library asks of a tensor type, all of it through `tensor_traits`.

#include <concepts>
#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: the one customisation point of a tensor type. Specialise it for your own.
/// A tensor is `rows` inputs of `row_size` scalars each, in row-major order. The shape of a row is known to the data
/// set alone. The members of a specialisation are all static. Below, t and source are tensors, s is a span of host
/// scalars:
///
///     scalar                          the type of the entries, float or double
///     rows(t), row_size(t)            the extents
///     make(rows, like)                a new tensor with `rows` rows of like's row shape, on like's device, any content
///     write(t, first, s)              t[first ...] = s;   s holds whole rows
///     read(t, first, s)               s = t[first ...];   s holds whole rows
///     gather(source, positions, t)    t[j] = source[positions[j]];   t has as many rows as there are positions
///     add_scaled(t, scales, s)        t[j] += scales[j] * s[j];   s is as large as t
///     data(t)                         optional: pointer to the first of rows * row_size contiguous host scalars
///
/// A type that has `data` gets write, read, gather and add_scaled by deriving its traits from
/// `contiguous_tensor_traits` (tensor/contiguous.hpp). The entries of a type without it may live anywhere, for instance
/// on a GPU: the library touches them through these members only.
template <class Tensor>
struct tensor_traits;

/// Brief: the scalar type of a tensor.
template <class Tensor>
using scalar_of = typename tensor_traits<Tensor>::scalar;

/// Brief: a type with complete `tensor_traits`.
template <class Tensor>
concept tensor = std::floating_point<scalar_of<Tensor>> && std::movable<Tensor> &&
    requires(Tensor& t, const Tensor& c, std::size_t n, std::span<const std::size_t> positions,
             std::span<const scalar_of<Tensor>> in, std::span<scalar_of<Tensor>> out) {
  { tensor_traits<Tensor>::rows(c) } -> std::convertible_to<std::size_t>;
  { tensor_traits<Tensor>::row_size(c) } -> std::convertible_to<std::size_t>;
  { tensor_traits<Tensor>::make(n, c) } -> std::same_as<Tensor>;
  tensor_traits<Tensor>::write(t, n, in);
  tensor_traits<Tensor>::read(c, n, out);
  tensor_traits<Tensor>::gather(c, positions, t);
  tensor_traits<Tensor>::add_scaled(t, in, in);
};

/// Brief: a tensor whose scalars are contiguous on the host. The bundled models need one.
template <class Tensor>
concept host_tensor = tensor<Tensor> && requires(Tensor& t, const Tensor& c) {
  { tensor_traits<Tensor>::data(t) } -> std::same_as<scalar_of<Tensor>*>;
  { tensor_traits<Tensor>::data(c) } -> std::same_as<const scalar_of<Tensor>*>;
};

}  // namespace v1
}  // namespace certssb
