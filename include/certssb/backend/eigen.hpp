// SPDX-License-Identifier: MIT
#pragma once
// Brief: row-major Eigen matrices of dynamic height as tensors. A row of the matrix is a row of the tensor.

#include "certssb/tensor/contiguous.hpp"

#include <Eigen/Core>

#include <cstddef>

namespace certssb {
inline namespace v1 {

template <class Scalar, int Columns>
struct tensor_traits<Eigen::Matrix<Scalar, Eigen::Dynamic, Columns, Eigen::RowMajor>>
    : contiguous_tensor_traits<Eigen::Matrix<Scalar, Eigen::Dynamic, Columns, Eigen::RowMajor>, Scalar> {
  using matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Columns, Eigen::RowMajor>;

  static std::size_t rows(const matrix& t) { return static_cast<std::size_t>(t.rows()); }
  static std::size_t row_size(const matrix& t) { return static_cast<std::size_t>(t.cols()); }
  static matrix make(std::size_t rows, const matrix& like) {
    return matrix(static_cast<Eigen::Index>(rows), like.cols());
  }
  static Scalar* data(matrix& t) { return t.data(); }
  static const Scalar* data(const matrix& t) { return t.data(); }
};

}  // namespace v1
}  // namespace certssb
