// SPDX-License-Identifier: MIT
#pragma once
// Brief: the votes of many linear models by one matrix product.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/detail/matrix_map.hpp"
#include "certssb/model/input_map.hpp"
#include "certssb/model/layer/concept.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/tensor/concept.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: models of softmax regression, side by side. Softmax keeps the order of the scores, so that the largest of W x +
/// b names the class.
template <std::floating_point Scalar>
class linear_stack {
public:
  /// Brief: no models yet, and room for `models`.
  linear_stack(std::size_t row_size, std::size_t classes, std::size_t models = 0)
      : row_size_(row_size), classes_(classes) {
    weights_.reserve(models * classes * row_size);
    offsets_.reserve(models * classes);
  }

  /// Throws: argument_error for a model of other rows or classes.
  void add(const logistic<Scalar>& model) {
    const std::span<const Scalar> parameters = model.parameters();
    expect(parameters.size() == classes_ * (row_size_ + 1), "linear_stack: expected a model of ", row_size_,
           " entries and ", classes_, " classes, got ", parameters.size(), " parameters");
    weights_.insert(weights_.end(), parameters.begin(),
                    parameters.begin() + static_cast<std::ptrdiff_t>(classes_ * row_size_));
    offsets_.insert(offsets_.end(), parameters.end() - static_cast<std::ptrdiff_t>(classes_), parameters.end());
  }

  [[nodiscard]] std::size_t models() const noexcept { return offsets_.size() / classes_; }

  /// Brief: the class that each model names on each row, looked at through `map`. A score that is no number loses to
  /// every number, ties go to the lowest class, as in hard_vote.
  /// Shapes: result [models, n].
  /// Cost: one product of [n, row] and [row, models * K]; of means over squares, each square is one entry.
  template <row_source Rows>
  [[nodiscard]] std::vector<label_type> votes(const Rows& rows, input_map map) const {
    constexpr std::size_t piece = 256;
    using tensor_type = typename Rows::tensor_type;
    std::vector<label_type> named(models() * rows.size());
    const std::vector<std::size_t> cells = cells_of(map, rows.row_shape(), row_size_);
    const std::size_t width = cells.empty() ? row_size_ : cells.back() + 1;
    const std::vector<Scalar> weights = joined(cells, width);
    std::vector<Scalar> inputs;
    std::vector<Scalar> most;
    detail::row_major_matrix<Scalar> scores;
    for (std::size_t first = 0; first < rows.size(); first += piece) {
      const std::size_t count = std::min(piece, rows.size() - first);
      std::vector<std::size_t> positions(count);
      std::iota(positions.begin(), positions.end(), first);
      tensor_type batch = rows.make(count);
      rows.gather(positions, batch);
      apply_map(map, batch, rows.row_shape());
      const std::size_t whole = whole_groups(count);  // so that a row's bits do not depend on how many there are
      inputs.assign(whole * row_size_, Scalar{0});
      tensor_traits<tensor_type>::read(batch, 0, std::span(inputs).first(count * row_size_));
      keep_one_of_each(cells, width, inputs);
      scores.noalias() = detail::as_matrix(weights.data(), offsets_.size(), width) *
                         detail::as_matrix(std::as_const(inputs).data(), whole, width).transpose();
      for (std::size_t m = 0; m < models(); ++m) {
        name(scores.data() + m * classes_ * whole, count, whole, offsets_.data() + m * classes_,
             named.data() + m * rows.size() + first, most);
      }
    }
    return named;
  }

private:
  /// The number of each entry's square, numbered so that the last entry's is the largest; empty where entries stay apart.
  [[nodiscard]] static std::vector<std::size_t> cells_of(input_map map, std::span<const std::size_t> shape,
                                                         std::size_t row_size) {
    const std::size_t side = detail::side_of(map);
    if (side == 1) return {};
    const std::size_t height = shape[shape.size() - 2];
    const std::size_t width = shape.back();
    const std::size_t across = (width + side - 1) / side;
    const std::size_t in_plane = across * ((height + side - 1) / side);
    std::vector<std::size_t> cells(row_size);
    for (std::size_t at = 0; at < row_size; ++at) {
      const std::size_t plane = at / (height * width);
      const std::size_t pixel = at % (height * width);
      cells[at] = plane * in_plane + pixel / width / side * across + pixel % width / side;
    }
    return cells;
  }

  /// The weights of each square together.
  [[nodiscard]] std::vector<Scalar> joined(const std::vector<std::size_t>& cells, std::size_t width) const {
    if (cells.empty()) return weights_;
    std::vector<Scalar> sums(offsets_.size() * width);
    for (std::size_t m = 0; m < offsets_.size(); ++m) {
      for (std::size_t at = 0; at < row_size_; ++at) sums[m * width + cells[at]] += weights_[m * row_size_ + at];
    }
    return sums;
  }

  /// One entry of each square, all of which are equal, in the place of the row.
  void keep_one_of_each(const std::vector<std::size_t>& cells, std::size_t width, std::vector<Scalar>& inputs) const {
    if (cells.empty()) return;
    std::vector<std::size_t> places(width);
    for (std::size_t at = row_size_; at-- > 0;) places[cells[at]] = at;
    const std::size_t count = inputs.size() / row_size_;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t cell = 0; cell < width; ++cell) inputs[i * width + cell] = inputs[i * row_size_ + places[cell]];
    }
    inputs.resize(count * width);
  }

  /// The class of the largest score plus offset in each of `count` columns, out of `whole`; `most` is working memory.
  void name(const Scalar* scores, std::size_t count, std::size_t whole, const Scalar* offsets, label_type* named,
            std::vector<Scalar>& most) const {
    most.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      most[i] = scores[i] + offsets[0];
      named[i] = 0;
    }
    for (std::size_t c = 1; c < classes_; ++c) {
      for (std::size_t i = 0; i < count; ++i) {
        const Scalar score = scores[c * whole + i] + offsets[c];
        const bool above = !(score <= most[i]) && !std::isnan(score);
        most[i] = above ? score : most[i];
        named[i] = above ? static_cast<label_type>(c) : named[i];
      }
    }
  }

  std::size_t row_size_;
  std::size_t classes_;
  std::vector<Scalar> weights_;  ///< [models * K, row]
  std::vector<Scalar> offsets_;  ///< [models * K]
};

}  // namespace v1
}  // namespace certssb
