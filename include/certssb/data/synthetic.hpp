// SPDX-License-Identifier: MIT
#pragma once
// Brief: data sets drawn from known distributions, so that the right answer is known in closed form.

#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/core/random_normal.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/tensor/host_array.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a distribution of labelled rows.
/// Members: dimension(), classes(); draw(key, row) fills `row` from streams of that key and returns its label;
/// best_label(row), the most likely label given the row; best_accuracy(), how often that is right.
template <class Problem>
concept synthetic_problem = requires(const Problem& p, const random_key& key, std::span<double> row) {
  { p.dimension() } -> std::convertible_to<std::size_t>;
  { p.classes() } -> std::convertible_to<std::size_t>;
  { p.draw(key, row) } -> std::same_as<label_type>;
  { p.best_label(row) } -> std::same_as<label_type>;
  { p.best_accuracy() } -> std::convertible_to<double>;
};

/// Brief: x ~ N(0, I), label 1 where w.x + b > 0 and 0 elsewhere: no row is mislabelled.
/// Maths: the distance of x to the other label is |w.x + b| / |w|; label 1 has probability Phi(b / |w|).
class half_space_problem {
public:
  /// Throws: argument_error unless w and b are finite and w is not zero.
  half_space_problem(std::vector<double> w, double b) : w_(std::move(w)), b_(b) {
    length_ = std::sqrt(std::inner_product(w_.begin(), w_.end(), w_.begin(), 0.0));
    expect(std::isfinite(length_) && length_ > 0.0, "half_space_problem: w must be finite and not zero");
    expect(std::isfinite(b_), "half_space_problem: b must be finite, got ", b_);
  }

  [[nodiscard]] std::size_t dimension() const noexcept { return w_.size(); }
  [[nodiscard]] static constexpr std::size_t classes() noexcept { return 2; }
  [[nodiscard]] static constexpr double best_accuracy() noexcept { return 1.0; }
  [[nodiscard]] label_type best_label(std::span<const double> row) const { return signed_distance(row) > 0.0 ? 1 : 0; }

  [[nodiscard]] label_type draw(const random_key& key, std::span<double> row) const {
    fill_normal(key, row);
    return best_label(row);
  }

  /// Brief: distance of the row from the boundary: positive on the side of label 1, negative on that of label 0.
  [[nodiscard]] double signed_distance(std::span<const double> row) const {
    return (std::inner_product(w_.begin(), w_.end(), row.begin(), 0.0) + b_) / length_;
  }

private:
  std::vector<double> w_;
  double b_;
  double length_ = 0.0;
};

/// Brief: z uniform on [-width, width], label 1 with probability f(z) = Phi((c - z)/tau) - Phi((-c - z)/tau).
/// Maths: f is the score of `soft_slab` (data/synthetic_models.hpp), so that model is the Bayes classifier.
class soft_slab_problem {
public:
  /// Throws: argument_error unless c, tau and width are finite and positive.
  soft_slab_problem(double c, double tau, double width) : c_(c), tau_(tau), width_(width) {
    for (const double value : {c, tau, width}) {
      expect(std::isfinite(value) && value > 0.0, "soft_slab_problem: c, tau and width must be positive, got ", value);
    }
  }

  [[nodiscard]] static constexpr std::size_t dimension() noexcept { return 1; }
  [[nodiscard]] static constexpr std::size_t classes() noexcept { return 2; }

  /// Brief: P(label 1 | z).
  [[nodiscard]] double probability(double z) const {
    return normal_cdf((c_ - z) / tau_) - normal_cdf((-c_ - z) / tau_);
  }

  [[nodiscard]] label_type best_label(std::span<const double> row) const { return probability(row[0]) > 0.5 ? 1 : 0; }

  /// Brief: the mean of max(f, 1 - f) over z, by the midpoint rule on 4096 intervals of either side.
  [[nodiscard]] double best_accuracy() const {
    constexpr int intervals = 4096;
    double sum = 0.0;
    for (int i = 0; i < intervals; ++i) {
      const double f = probability(width_ * (i + 0.5) / intervals);
      sum += std::max(f, 1.0 - f);
    }
    return sum / intervals;
  }

  [[nodiscard]] label_type draw(const random_key& key, std::span<double> row) const {
    random_stream stream(key);
    row[0] = width_ * (2.0 * stream.uniform() - 1.0);
    return stream.uniform() < probability(row[0]) ? 1 : 0;
  }

private:
  double c_;
  double tau_;
  double width_;
};

/// Brief: K equally likely classes, class k ~ N(m e_k, spread^2 I), e_k the k-th axis; any two centres lie `distance`
/// apart (m = distance / sqrt 2).
/// Maths: the Bayes label is the largest of the first K coordinates; right with probability
/// E Phi(Z + m/spread)^(K-1), which for K = 2 is Phi(distance / (2 spread)).
class gaussian_blobs_problem {
public:
  /// Throws: argument_error unless 2 <= classes <= dimension, and distance >= 0 and spread > 0 are finite.
  gaussian_blobs_problem(std::size_t classes, std::size_t dimension, double distance, double spread)
      : classes_(classes), dimension_(dimension), centre_(distance / std::numbers::sqrt2), spread_(spread) {
    expect(classes >= 2 && classes <= dimension, "gaussian_blobs_problem: classes must lie in [2, dimension], got ",
           classes, " for dimension ", dimension);
    expect(std::isfinite(distance) && distance >= 0.0, "gaussian_blobs_problem: bad distance ", distance);
    expect(std::isfinite(spread) && spread > 0.0, "gaussian_blobs_problem: spread must be positive, got ", spread);
  }

  [[nodiscard]] std::size_t dimension() const noexcept { return dimension_; }
  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }

  [[nodiscard]] label_type best_label(std::span<const double> row) const {
    const auto first = row.begin();
    return std::max_element(first, first + static_cast<std::ptrdiff_t>(classes_)) - first;
  }

  /// Brief: E Phi(Z + m/spread)^(K-1) by the trapezoidal rule, which is exact here to rounding.
  [[nodiscard]] double best_accuracy() const {
    constexpr double step = 1.0 / 32.0;
    double sum = 0.0;
    for (int i = -320; i <= 320; ++i) {
      const double right = normal_cdf(i * step + centre_ / spread_);
      sum += step * normal_density(i * step) * std::pow(right, static_cast<double>(classes_ - 1));
    }
    return sum;
  }

  [[nodiscard]] label_type draw(const random_key& key, std::span<double> row) const {
    const auto label = random_stream(key.for_draw(1)).below(static_cast<std::uint32_t>(classes_));
    fill_normal(key, row);
    for (double& value : row) value *= spread_;
    row[label] += centre_;
    return label;
  }

private:
  std::size_t classes_;
  std::size_t dimension_;
  double centre_;
  double spread_;
};

/// Brief: `rows` independent rows of a problem, as a data set of the tensor type of `like`.
/// Units: the value range is the whole line.
/// Throws: argument_error for rows = 0, or where a row of `like` has not the problem's dimension.
/// Determinism: row i is drawn from stream (key, stage::synthetic, sample i).
template <synthetic_problem Problem, tensor Tensor>
[[nodiscard]] dataset<Tensor> draw_dataset(const Problem& problem, std::size_t rows, const random_key& key,
                                           const Tensor& like) {
  using traits = tensor_traits<Tensor>;
  expect(rows > 0, "draw_dataset: needs at least 1 row");
  expect(traits::row_size(like) == problem.dimension(), "draw_dataset: the problem has dimension ", problem.dimension(),
         ", a row of the tensor ", traits::row_size(like));
  Tensor inputs = traits::make(rows, like);
  std::vector<label_type> labels(rows);
  std::vector<double> row(problem.dimension());
  std::vector<scalar_of<Tensor>> values(row.size());
  for (std::size_t i = 0; i < rows; ++i) {
    labels[i] = problem.draw(key.at(stage::synthetic).for_sample(static_cast<std::uint32_t>(i)), row);
    std::ranges::transform(row, values.begin(), [](double x) { return static_cast<scalar_of<Tensor>>(x); });
    traits::write(inputs, i, values);
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return dataset<Tensor>(std::move(inputs), std::move(labels), problem.classes(), {problem.dimension()},
                         value_range{-infinity, infinity});
}

/// Brief: the same as a data set of host_array.
template <std::floating_point Scalar = double, synthetic_problem Problem>
[[nodiscard]] dataset<host_array<Scalar>> draw_dataset(const Problem& problem, std::size_t rows,
                                                       const random_key& key) {
  return draw_dataset(problem, rows, key, host_array<Scalar>({}, problem.dimension()));
}

}  // namespace v1
}  // namespace certssb
