// SPDX-License-Identifier: MIT
#pragma once
// Brief: flat buffers seen as row-major Eigen matrices.

#include <Eigen/Core>

#include <cstddef>
#include <type_traits>

namespace certssb {
inline namespace v1 {
namespace detail {

template <class Scalar>
using row_major_matrix = Eigen::Matrix<std::remove_const_t<Scalar>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Scalar>
using matrix_map =
    Eigen::Map<std::conditional_t<std::is_const_v<Scalar>, const row_major_matrix<Scalar>, row_major_matrix<Scalar>>>;

/// Brief: the scalars behind `data` as a [rows, columns] matrix; read-only where `Scalar` is const.
template <class Scalar>
[[nodiscard]] matrix_map<Scalar> as_matrix(Scalar* data, std::size_t rows, std::size_t columns) {
  return {data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
