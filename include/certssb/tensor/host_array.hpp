// SPDX-License-Identifier: MIT
#pragma once
// Brief: the plainest tensor, rows in a std::vector, for small programs and tests without a tensor library.

#include "certssb/core/expect.hpp"
#include "certssb/tensor/contiguous.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: `values.size() / row_size` rows of `row_size` scalars.
template <std::floating_point Scalar>
struct host_array {
  std::vector<Scalar> values;
  std::size_t row_size = 1;

  host_array() = default;

  /// Throws: argument_error unless row_size > 0 divides the number of values.
  host_array(std::vector<Scalar> numbers, std::size_t size) : values(std::move(numbers)), row_size(size) {
    expect(row_size > 0 && values.size() % row_size == 0, "host_array: ", values.size(),
           " values do not make whole rows of ", row_size);
  }

  /// Brief: from rows, all equally long.
  /// Throws: argument_error for no rows, empty ones, or rows of different lengths.
  [[nodiscard]] static host_array from_rows(const std::vector<std::vector<Scalar>>& rows) {
    expect(!rows.empty(), "host_array: needs at least 1 row");
    std::vector<Scalar> numbers;
    numbers.reserve(rows.size() * rows.front().size());
    for (const std::vector<Scalar>& row : rows) {
      expect(row.size() == rows.front().size(), "host_array: row ", &row - rows.data(), " has ", row.size(),
             " values, the rows before it ", rows.front().size());
      numbers.insert(numbers.end(), row.begin(), row.end());
    }
    return host_array(std::move(numbers), rows.front().size());
  }
};

template <class Scalar>
struct tensor_traits<host_array<Scalar>> : contiguous_tensor_traits<host_array<Scalar>, Scalar> {
  static std::size_t rows(const host_array<Scalar>& t) { return t.values.size() / t.row_size; }
  static std::size_t row_size(const host_array<Scalar>& t) { return t.row_size; }
  static host_array<Scalar> make(std::size_t rows, const host_array<Scalar>& like) {
    return {std::vector<Scalar>(rows * like.row_size), like.row_size};
  }
  static Scalar* data(host_array<Scalar>& t) { return t.values.data(); }
  static const Scalar* data(const host_array<Scalar>& t) { return t.values.data(); }
};

}  // namespace v1
}  // namespace certssb
