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

namespace detail {

template <class Tensor>
concept has_tensor_traits = requires {
  sizeof(tensor_traits<Tensor>);
  typename tensor_traits<Tensor>::scalar;
};

}  // namespace detail

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no tensor; else true.
template <class Tensor>
constexpr bool require_tensor() {
  static_assert(std::movable<Tensor>, "certssb: your tensor cannot be moved");
  static_assert(detail::has_tensor_traits<Tensor>,
                "certssb: your tensor has no certssb::tensor_traits<your tensor> with a type `scalar`. Include the "
                "backend header of its library, or specialise tensor_traits (tensor/concept.hpp); column-major types "
                "have none.");
  if constexpr (detail::has_tensor_traits<Tensor>) {
    using traits = tensor_traits<Tensor>;
    using scalar = typename traits::scalar;
    using in = std::span<const scalar>;
    using out = std::span<scalar>;
    using places = std::span<const std::size_t>;
    using number = std::size_t;
    static_assert(std::floating_point<scalar>,
                  "certssb: tensor_traits<your tensor>::scalar is neither float nor double");
    static_assert(
        requires(const Tensor& t) {
          { traits::rows(t) } -> std::convertible_to<number>;
        },
        "certssb: tensor_traits<your tensor> has no rows(t) that gives the number of rows");
    static_assert(
        requires(const Tensor& t) {
          { traits::row_size(t) } -> std::convertible_to<number>;
        },
        "certssb: tensor_traits<your tensor> has no row_size(t) that gives the number of scalars per row");
    static_assert(
        requires(number n, const Tensor& t) {
          { traits::make(n, t) } -> std::same_as<Tensor>;
        },
        "certssb: tensor_traits<your tensor> has no make(rows, like) that gives a tensor of this type");
    static_assert(
        requires(Tensor & t, number first, in s) { traits::write(t, first, s); },
        "certssb: tensor_traits<your tensor> has no write(t, first, span<const scalar>)");
    static_assert(
        requires(const Tensor& t, number first, out s) { traits::read(t, first, s); },
        "certssb: tensor_traits<your tensor> has no read(t, first, span<scalar>)");
    static_assert(
        requires(const Tensor& source, places p, Tensor& t) { traits::gather(source, p, t); },
        "certssb: tensor_traits<your tensor> has no gather(source, span<const size_t> positions, t)");
    static_assert(
        requires(Tensor & t, in scales, in s) { traits::add_scaled(t, scales, s); },
        "certssb: tensor_traits<your tensor> has no add_scaled(t, span<const scalar> scales, span<const scalar> s)");
  }
  return true;
}

}  // namespace v1
}  // namespace certssb
