// SPDX-License-Identifier: MIT
#pragma once
// Brief: softmax, its derivative along a direction, and the cross-entropy.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: logits to probabilities, in place, row by row.
/// Maths: p_c = exp(z_c - max z) / sum_k exp(z_k - max z).
/// Shapes: values [n, classes].
/// Determinism: a row that holds a not-a-number or +infinity becomes not-a-number in every class, so that its winner
/// is class 0 (find_top).
template <class Scalar>
void softmax(std::span<Scalar> values, std::size_t classes) {
  for (std::size_t first = 0; first < values.size(); first += classes) {
    const std::span<Scalar> row = values.subspan(first, classes);
    const Scalar top = *std::max_element(row.begin(), row.end());
    Scalar sum{0};
    for (Scalar& value : row) {
      value = std::exp(value - top);
      sum += value;
    }
    for (Scalar& value : row) value /= sum;
  }
}

/// Brief: derivatives of logits to derivatives of probabilities, in place, row by row.
/// Maths: dp_c = p_c (dz_c - sum_k p_k dz_k).
/// Shapes: probabilities and slopes [n, classes].
template <class Scalar>
void softmax_tangent(std::span<const Scalar> probabilities, std::span<Scalar> slopes, std::size_t classes) {
  for (std::size_t first = 0; first < slopes.size(); first += classes) {
    Scalar mean{0};
    for (std::size_t c = first; c < first + classes; ++c) mean += probabilities[c] * slopes[c];
    for (std::size_t c = first; c < first + classes; ++c) slopes[c] = probabilities[c] * (slopes[c] - mean);
  }
}

/// Brief: the weighted sum of the rows' cross-entropies; the logits are overwritten with its gradient in them.
/// Maths: loss = weight * sum_i (log sum_k exp z_ik - z_iy), gradient_ic = weight * (p_ic - [c = y_i]);
/// weight 1/n makes it the batch mean.
/// Shapes: logits [n, classes], labels [n].
/// Throws: argument_error when lengths disagree or a label is outside [0, classes).
template <class Scalar>
[[nodiscard]] double softmax_cross_entropy(std::span<Scalar> logits, std::span<const label_type> labels,
                                           std::size_t classes, Scalar weight) {
  expect(logits.size() == labels.size() * classes, "softmax_cross_entropy: ", logits.size(), " logits do not make ",
         labels.size(), " rows of ", classes, " classes");
  double loss = 0.0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    expect(labels[i] >= 0 && std::cmp_less(labels[i], classes), "softmax_cross_entropy: label ", labels[i],
           " is outside [0, ", classes, ")");
    const auto label = static_cast<std::size_t>(labels[i]);
    const std::span<Scalar> row = logits.subspan(i * classes, classes);
    const Scalar top = *std::max_element(row.begin(), row.end());
    const Scalar own = row[label] - top;
    Scalar sum{0};
    for (Scalar& value : row) {
      value = std::exp(value - top);
      sum += value;
    }
    loss += static_cast<double>(std::log(sum) - own);
    for (Scalar& value : row) value *= weight / sum;
    row[label] -= weight;
  }
  return loss * static_cast<double>(weight);
}

}  // namespace v1
}  // namespace certssb
