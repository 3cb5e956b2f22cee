// SPDX-License-Identifier: MIT
#pragma once
// Brief: the nearest neighbour on bags, whose class probabilities have a closed form.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/radius/bagging.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a class, and how many rows may be changed, inserted or deleted; empty if it is not certified. The bounds are
/// those of its probability, and of the largest of the others.
struct bagged_class {
  label_type label;
  double lower;
  double upper;
  std::optional<std::size_t> survives;
};

/// Brief: the most probable class of members on bags, certified by the condition of bagging.
/// Shapes: probabilities [K], each off by at most `error`.
[[nodiscard]] inline bagged_class most_probable_of_bags(const bagging& rule, std::span<const double> probabilities,
                                                        double error) {
  const top_two top = find_top_two(probabilities);
  const double lower = std::clamp(probabilities[top.first] - error, 0.0, 1.0);
  const double upper = std::clamp(probabilities[top.second] + error, 0.0, 1.0);
  return {static_cast<label_type>(top.first), lower, upper, rule.survives(lower, upper)};
}

/// Brief: the class of the nearest of b rows drawn with replacement from n, without sampling: no chance of error.
/// Maths: the row of rank j (from 1, the nearest first) is the nearest of a bag with probability ((n - j + 1)/n)^b -
/// ((n - j)/n)^b.
/// Cost: n powers to make, n sums for each test input.
/// Determinism: probabilities are off by at most error().
/// Reference: Jia, Cao and Gong, Intrinsic certified robustness of bagging against data poisoning attacks (AAAI 2021),
/// for what a probability certifies.
class bagged_nearest {
public:
  /// Throws: as bagging.
  bagged_nearest(std::size_t rows, std::size_t bag) : rule_(rows, bag), weights_(rows) {
    const auto n = static_cast<double>(rows);
    const auto b = static_cast<double>(bag);
    double above = 1.0;
    for (std::size_t j = 0; j < rows; ++j) {
      const double below = std::pow(static_cast<double>(rows - j - 1) / n, b);
      weights_[j] = std::max(0.0, above - below);
      error_ += above * (b + 4.0) * 0x1p-51;
      above = below;
    }
    error_ += n * 0x1p-52;
  }

  /// Brief: by how much a probability may be wrong.
  [[nodiscard]] double error() const noexcept { return error_; }

  /// Brief: the probability of every class.
  /// Shapes: labels [n], of the rows from the nearest to the farthest; result [K].
  /// Throws: argument_error unless there is one label in [0, K) for each row, and K >= 2.
  [[nodiscard]] std::vector<double> probabilities(std::span<const label_type> labels, std::size_t classes) const {
    expect(classes >= 2, "bagged_nearest: needs at least 2 classes, got ", classes);
    expect(labels.size() == weights_.size(), "bagged_nearest: there are ", weights_.size(), " rows but ", labels.size(),
           " labels");
    std::vector<double> p(classes);
    for (std::size_t j = 0; j < labels.size(); ++j) {
      expect(labels[j] >= 0 && std::cmp_less(labels[j], classes), "bagged_nearest: label ", labels[j],
             " is outside [0, ", classes, ")");
      p[static_cast<std::size_t>(labels[j])] += weights_[j];
    }
    return p;
  }

  /// Brief: the most probable class, certified by the condition of bagging.
  /// Throws: as probabilities.
  [[nodiscard]] bagged_class certify(std::span<const label_type> labels, std::size_t classes) const {
    return most_probable_of_bags(rule_, probabilities(labels, classes), error_);
  }

private:
  bagging rule_;
  std::vector<double> weights_;
  double error_ = 0.0;
};

}  // namespace v1
}  // namespace certssb
