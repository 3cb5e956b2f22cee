// SPDX-License-Identifier: MIT
#pragma once
// Brief: the training rows in the order of their distance to a test input, for learners that look at the nearest.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: ranks the rows of a data set by distance; ties go to the row of lower position.
/// Maths: |x - r_i|^2 in double. A distance follows from its row and the input alone, to the bit, so that a change of
/// some rows changes no other distance.
/// Cost: a copy of the rows; O(n d) for each input.
template <tensor Tensor>
class ranked_rows {
public:
  using scalar = scalar_of<Tensor>;

  explicit ranked_rows(const dataset<Tensor>& train)
      : row_size_(train.row_size()),
        values_(train.size() * row_size_),
        labels_(train.labels().begin(), train.labels().end()) {
    tensor_traits<Tensor>::read(train.inputs(), 0, values_);
  }

  [[nodiscard]] std::size_t size() const noexcept { return labels_.size(); }

  /// Brief: the labels of the nearest rows, the nearest first.
  /// Shapes: input [d]; result [nearest].
  /// Throws: argument_error if the input has another size, or unless 1 <= nearest <= size().
  [[nodiscard]] std::vector<label_type> nearest_labels(std::span<const scalar> input, std::size_t nearest) const {
    expect(input.size() == row_size_, "ranked_rows: training rows of ", row_size_, " entries but a test input of ",
           input.size());
    expect(nearest >= 1 && nearest <= size(), "ranked_rows: the nearest rows must number from 1 to ", size(), ", got ",
           nearest);
    std::vector<std::pair<double, std::size_t>> order(size());
    for (std::size_t i = 0; i < size(); ++i) {
      order[i] = {squared_distance(input, std::span(values_).subspan(i * row_size_, row_size_)), i};
    }
    const auto last = order.begin() + static_cast<std::ptrdiff_t>(nearest);
    if (nearest < size()) std::ranges::nth_element(order, last);
    std::sort(order.begin(), last);
    std::vector<label_type> labels(nearest);
    std::transform(order.begin(), last, labels.begin(), [&](const auto& row) { return labels_[row.second]; });
    return labels;
  }

private:
  [[nodiscard]] static double squared_distance(std::span<const scalar> a, std::span<const scalar> b) {
    constexpr std::size_t lanes = 8;
    std::array<double, lanes> sums{};
    std::size_t p = 0;
    for (; p + lanes <= a.size(); p += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double step = static_cast<double>(a[p + lane]) - static_cast<double>(b[p + lane]);
        sums[lane] += step * step;
      }
    }
    for (std::size_t lane = 0; p < a.size(); ++p, ++lane) {
      const double step = static_cast<double>(a[p]) - static_cast<double>(b[p]);
      sums[lane] += step * step;
    }
    double sum = 0.0;
    for (const double lane : sums) sum += lane;
    return sum;
  }

  std::size_t row_size_;
  std::vector<scalar> values_;
  std::vector<label_type> labels_;
};

}  // namespace v1
}  // namespace certssb
