// SPDX-License-Identifier: MIT
#pragma once
// Brief: the learner of nearest class means. What it makes is softmax regression whose weights have a closed form.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/tensor/concept.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the sums that nearest means are made of, in double, one pass over the rows.
/// Shapes: means [K, d], 0 for a class without rows; counts [K]; noise [K], the mean over a class of the variance of
/// the noise on one entry.
struct class_means {
  std::size_t classes;
  std::size_t row_size;
  std::vector<double> means;
  std::vector<std::size_t> counts;
  std::vector<double> noise;
  double squares = 0.0;  ///< the mean of |x_i|^2 over all rows

  [[nodiscard]] std::span<const double> mean(std::size_t c) const {
    return std::span(means).subspan(c * row_size, row_size);
  }

  /// Brief: all of it as arrays.
  [[nodiscard]] std::vector<saved_tensor> tensors() const {
    const std::vector<std::int64_t> rows(counts.begin(), counts.end());
    return {save_tensor("means", {classes, row_size}, std::span<const double>(means)),
            save_tensor("counts", {classes}, std::span<const std::int64_t>(rows)),
            save_tensor("noise", {classes}, std::span<const double>(noise)),
            save_tensor("mean_square", {1}, std::span<const double>(&squares, 1))};
  }
  /// Throws: data_error unless the arrays are those of `classes` means of rows of this size.
  [[nodiscard]] static class_means restore(std::size_t row_size, std::size_t classes,
                                           std::span<const saved_tensor> saved) {
    class_means found{classes, row_size, std::vector<double>(classes * row_size), {}, std::vector<double>(classes)};
    std::vector<std::int64_t> rows(classes);
    load_tensor(saved, "means", std::span(found.means));
    load_tensor(saved, "counts", std::span(rows));
    load_tensor(saved, "noise", std::span(found.noise));
    load_tensor(saved, "mean_square", std::span(&found.squares, 1));
    for (const std::int64_t count : rows) {
      expect<data_error>(count >= 0, "saved model: expected numbers of rows, got ", count);
      found.counts.push_back(static_cast<std::size_t>(count));
    }
    return found;
  }
};

namespace detail {

/// Brief: |x|^2 in double, by eight sums that do not wait for each other.
/// Determinism: entry p joins sum p mod 8, and the sums are added in order: the same bits on every machine.
template <std::floating_point Scalar>
[[nodiscard]] double sum_of_squares(std::span<const Scalar> row) {
  std::array<double, 8> sums{};
  const std::size_t whole = row.size() / sums.size() * sums.size();
  for (std::size_t at = 0; at < whole; at += sums.size()) {
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const auto value = static_cast<double>(row[at + k]);
      sums[k] += value * value;
    }
  }
  for (std::size_t at = whole; at < row.size(); ++at) {
    const auto value = static_cast<double>(row[at]);
    sums[at - whole] += value * value;
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace detail

/// Throws: argument_error for no rows.
/// Cost: O(N d), and memory for 128 rows.
/// Determinism: the rows are added in their order.
template <row_source Rows>
[[nodiscard]] class_means find_class_means(const Rows& rows) {
  using tensor_type = typename Rows::tensor_type;
  using traits = tensor_traits<tensor_type>;
  constexpr std::size_t piece = 128;
  const std::size_t n = rows.size();
  expect(n > 0, "class_means: needs at least 1 row");
  const std::size_t d = traits::row_size(rows.make(1));
  class_means found{rows.classes(), d, std::vector<double>(rows.classes() * d),
                    std::vector<std::size_t>(rows.classes()), std::vector<double>(rows.classes())};
  std::vector<scalar_of<tensor_type>> values;
  for (std::size_t first = 0; first < n; first += piece) {
    std::vector<std::size_t> positions(std::min(piece, n - first));
    std::iota(positions.begin(), positions.end(), first);
    tensor_type batch = rows.make(positions.size());
    rows.gather(positions, batch);
    values.resize(positions.size() * d);
    traits::read(batch, 0, values);
    for (std::size_t j = 0; j < positions.size(); ++j) {
      const auto c = static_cast<std::size_t>(rows.labels()[positions[j]]);
      ++found.counts[c];
      found.noise[c] += noise_variance_of(rows, positions[j]);
      const std::span<const scalar_of<tensor_type>> row(values.data() + j * d, d);
      for (std::size_t p = 0; p < d; ++p) found.means[c * d + p] += static_cast<double>(row[p]);
      found.squares += detail::sum_of_squares(row);
    }
  }
  for (std::size_t c = 0; c < found.classes; ++c) {
    if (found.counts[c] == 0) continue;
    const auto rows_of_c = static_cast<double>(found.counts[c]);
    found.noise[c] /= rows_of_c;
    for (std::size_t p = 0; p < d; ++p) found.means[c * d + p] /= rows_of_c;
  }
  found.squares /= static_cast<double>(n);
  return found;
}

/// Brief: names the class whose mean is nearest; a class without rows is never named.
/// Maths: scores = softmax of -(|x - m_c|^2 - d v_c / n_c) / T. v_c is the variance of the noise on the rows of class
/// c, as they state it, so that d v_c / n_c is what the noise adds to |x - m_c|^2: a constant of the scales. T, the
/// variance of the rows about their common mean without the noise's part, makes the scores the same in all units; it
/// changes no hard vote. |x|^2 falls out, and the rest is linear in x.
/// Cost: O(N d) to fit; the scores are one matrix product.
/// Determinism: a function of the rows and their order; no draws.
struct nearest_mean {
  /// Throws: argument_error for no rows or fewer than 2 classes.
  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& /*key*/) const {
    using scalar = scalar_of<typename Rows::tensor_type>;
    const class_means found = find_class_means(rows);
    const std::size_t d = found.row_size;
    const std::vector<double> centre = common_mean(found);
    const double temperature = spread(found, centre);
    logistic<scalar> model = make_logistic<scalar>(rows.row_shape(), found.classes);
    const std::span<scalar> parameters = model.parameters();
    for (std::size_t c = 0; c < found.classes; ++c) {
      double offset = -std::numeric_limits<double>::infinity();
      if (found.counts[c] > 0) {
        // |x - m|^2 = |x - g|^2 - 2 x.(m - g) + |m - g|^2 + 2 g.(m - g), where g is the common mean.
        offset = static_cast<double>(d) * found.noise[c] / static_cast<double>(found.counts[c]);
        for (std::size_t p = 0; p < d; ++p) {
          const double away = found.mean(c)[p] - centre[p];
          offset -= away * (away + 2.0 * centre[p]);
          parameters[c * d + p] = static_cast<scalar>(2.0 * away / temperature);
        }
      }
      parameters[found.classes * d + c] = static_cast<scalar>(offset / temperature);
    }
    return model;
  }

private:
  [[nodiscard]] static double row_count(const class_means& found) {
    return static_cast<double>(std::accumulate(found.counts.begin(), found.counts.end(), std::size_t{0}));
  }

  [[nodiscard]] static std::vector<double> common_mean(const class_means& found) {
    std::vector<double> centre(found.row_size);
    for (std::size_t c = 0; c < found.classes; ++c) {
      const double share = static_cast<double>(found.counts[c]) / row_count(found);
      for (std::size_t p = 0; p < found.row_size; ++p) centre[p] += share * found.mean(c)[p];
    }
    return centre;
  }

  /// Brief: T. At least a sixteenth of the variance with noise, which few rows may come below by chance.
  [[nodiscard]] static double spread(const class_means& found, std::span<const double> centre) {
    double noise = 0.0;
    for (std::size_t c = 0; c < found.classes; ++c) noise += static_cast<double>(found.counts[c]) * found.noise[c];
    const double n = row_count(found);
    const double total = found.squares - std::inner_product(centre.begin(), centre.end(), centre.begin(), 0.0);
    const double clean = total - static_cast<double>(found.row_size) * noise / n * (n - 1.0) / n;
    const double spread = std::max(clean, total / 16.0);
    return spread > 0.0 ? spread : 1.0;
  }
};

}  // namespace v1
}  // namespace certssb
