// SPDX-License-Identifier: MIT
#pragma once
// Brief: nearest centroid with soft scores, on any tensor type through tensor_traits alone: the same arithmetic on the
// same numbers whatever the tensor, so results must agree bit for bit.

#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/tensor/concept.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <span>
#include <vector>

namespace certssb::test {

/// Brief: score_c proportional to exp(-|x - centroid_c|^2).
template <class Tensor>
class centroid_classifier {
public:
  using scalar = certssb::scalar_of<Tensor>;
  using traits = certssb::tensor_traits<Tensor>;

  centroid_classifier(std::vector<double> centroids, std::size_t classes)
      : centroids_(std::move(centroids)), classes_(classes) {}

  [[nodiscard]] std::size_t classes() const { return classes_; }

  void scores(const Tensor& x, std::span<scalar> out) const { evaluate(x, nullptr, out, {}); }

  void directional_scores(const Tensor& x, const Tensor& direction, std::span<scalar> out,
                          std::span<scalar> slopes) const {
    evaluate(x, &direction, out, slopes);
  }

private:
  void evaluate(const Tensor& x, const Tensor* direction, std::span<scalar> out, std::span<scalar> slopes) const {
    const std::size_t size = traits::row_size(x);
    std::vector<scalar> row(size);
    std::vector<scalar> toward(size);
    std::vector<double> weight(classes_);
    std::vector<double> log_slope(classes_);
    for (std::size_t i = 0; i < traits::rows(x); ++i) {
      traits::read(x, i, row);
      if (direction != nullptr) traits::read(*direction, i, toward);
      for (std::size_t c = 0; c < classes_; ++c) {
        double distance = 0.0;
        log_slope[c] = 0.0;
        for (std::size_t k = 0; k < size; ++k) {
          const double gap = static_cast<double>(row[k]) - centroids_[c * size + k];
          distance += gap * gap;
          log_slope[c] -= 2.0 * gap * static_cast<double>(toward[k]);
        }
        weight[c] = std::exp(-distance);
      }
      const double total = std::accumulate(weight.begin(), weight.end(), 0.0);
      double mean_slope = 0.0;
      for (std::size_t c = 0; c < classes_; ++c) mean_slope += weight[c] / total * log_slope[c];
      for (std::size_t c = 0; c < classes_; ++c) {
        out[i * classes_ + c] = static_cast<scalar>(weight[c] / total);
        if (direction != nullptr) {
          slopes[i * classes_ + c] = static_cast<scalar>(weight[c] / total * (log_slope[c] - mean_slope));
        }
      }
    }
  }

  std::vector<double> centroids_;
  std::size_t classes_;
};

struct centroid_learner {
  std::set<std::uint64_t>* seeds = nullptr;  ///< where the seeds of the keys that models are trained with are noted

  template <certssb::row_source Rows>
  auto fit(const Rows& rows, const certssb::random_key& key) const {
    if (seeds != nullptr) seeds->insert(key.seed);
    using tensor_type = typename Rows::tensor_type;
    using traits = certssb::tensor_traits<tensor_type>;
    auto row = rows.make(1);
    const std::size_t size = traits::row_size(row);
    std::vector<certssb::scalar_of<tensor_type>> values(size);
    std::vector<double> sums(rows.classes() * size);
    std::vector<double> counts(rows.classes());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows.gather(std::span<const std::size_t>(&i, 1), row);
      traits::read(row, 0, values);
      const auto label = static_cast<std::size_t>(rows.labels()[i]);
      counts[label] += 1.0;
      for (std::size_t k = 0; k < size; ++k) sums[label * size + k] += static_cast<double>(values[k]);
    }
    for (std::size_t c = 0; c < rows.classes(); ++c) {
      for (std::size_t k = 0; k < size; ++k) sums[c * size + k] /= counts[c];
    }
    return centroid_classifier<tensor_type>(std::move(sums), rows.classes());
  }
};

}  // namespace certssb::test
