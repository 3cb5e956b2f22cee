// SPDX-License-Identifier: MIT
#pragma once
// Brief: a tensor whose elements nobody can reach but through tensor_traits, as if they lay on another device.

#include "certssb/core/expect.hpp"
#include "certssb/tensor/concept.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace certssb::test {

template <class Scalar>
class opaque_tensor {
private:
  friend struct certssb::tensor_traits<opaque_tensor>;
  explicit opaque_tensor(std::size_t rows, std::size_t row_size)
      : device_(std::make_unique<std::vector<Scalar>>(rows * row_size)), rows_(rows), row_size_(row_size) {}

  std::unique_ptr<std::vector<Scalar>> device_;
  std::size_t rows_;
  std::size_t row_size_;
};

}  // namespace certssb::test

namespace certssb {

template <class Scalar>
struct tensor_traits<test::opaque_tensor<Scalar>> {
  using tensor = test::opaque_tensor<Scalar>;
  using scalar = Scalar;

  /// Brief: the first tensor of a program, from which others are made.
  static tensor create(std::size_t rows, std::size_t row_size) { return tensor(rows, row_size); }

  static std::size_t rows(const tensor& t) { return t.rows_; }
  static std::size_t row_size(const tensor& t) { return t.row_size_; }
  static tensor make(std::size_t rows, const tensor& like) { return tensor(rows, like.row_size_); }

  static void write(tensor& t, std::size_t first, std::span<const Scalar> values) {
    for (std::size_t i = 0; i < values.size(); ++i) t.device_->at(first * t.row_size_ + i) = values[i];
  }
  static void read(const tensor& t, std::size_t first, std::span<Scalar> values) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = t.device_->at(first * t.row_size_ + i);
  }
  static void gather(const tensor& source, std::span<const std::size_t> positions, tensor& t) {
    expect(positions.size() == t.rows_, "opaque gather: rows differ");
    for (std::size_t j = 0; j < positions.size(); ++j) {
      for (std::size_t i = 0; i < t.row_size_; ++i) {
        t.device_->at(j * t.row_size_ + i) = source.device_->at(positions[j] * t.row_size_ + i);
      }
    }
  }
  static void add_scaled(tensor& t, std::span<const Scalar> scales, std::span<const Scalar> values) {
    for (std::size_t j = 0; j < scales.size(); ++j) {
      for (std::size_t i = 0; i < t.row_size_; ++i) {
        Scalar& cell = t.device_->at(j * t.row_size_ + i);
        cell += scales[j] * values[j * t.row_size_ + i];
      }
    }
  }
};

}  // namespace certssb
