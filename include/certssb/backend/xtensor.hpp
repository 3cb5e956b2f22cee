// SPDX-License-Identifier: MIT
#pragma once
// Brief: xt::xarray and xt::xtensor (row-major) as tensors. Axis 0 counts the rows.

#include "certssb/core/expect.hpp"
#include "certssb/tensor/contiguous.hpp"

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <cstddef>
#include <numeric>

namespace certssb {
inline namespace v1 {

namespace detail {

template <class Array>
struct xtensor_traits : contiguous_tensor_traits<Array, typename Array::value_type> {
  using scalar = typename Array::value_type;
  static_assert(Array::static_layout == xt::layout_type::row_major, "certssb wants row-major xtensor containers");

  static std::size_t rows(const Array& t) { return t.dimension() == 0 ? 0 : t.shape()[0]; }

  static std::size_t row_size(const Array& t) {
    std::size_t size = 1;
    for (std::size_t axis = 1; axis < t.dimension(); ++axis) size *= t.shape()[axis];
    return size;
  }

  static Array make(std::size_t rows, const Array& like) {
    expect(like.dimension() > 0, "xtensor: a tensor of rows needs at least one axis");
    auto shape = like.shape();
    shape[0] = rows;
    return Array::from_shape(shape);
  }

  static scalar* data(Array& t) { return t.data(); }
  static const scalar* data(const Array& t) { return t.data(); }
};

}  // namespace detail

template <class Scalar, class Allocator>
struct tensor_traits<xt::xarray<Scalar, xt::layout_type::row_major, Allocator>>
    : detail::xtensor_traits<xt::xarray<Scalar, xt::layout_type::row_major, Allocator>> {};

template <class Scalar, std::size_t Rank, class Allocator>
struct tensor_traits<xt::xtensor<Scalar, Rank, xt::layout_type::row_major, Allocator>>
    : detail::xtensor_traits<xt::xtensor<Scalar, Rank, xt::layout_type::row_major, Allocator>> {};

}  // namespace v1
}  // namespace certssb
