// SPDX-License-Identifier: MIT
#pragma once
// Brief: small rows for the tests of PyTorch's networks. CATCH_CONFIG_PREFIX_ALL keeps Catch2's CHECK apart from PyTorch's.

#include "certssb/backend/torch/learner.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/tensor/host_array.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace torch_test {

using namespace certssb;
using host = host_array<float>;

/// Brief: images of noise with a bright line, upright in class 1, lying in class 0.
inline dataset<host> lines(std::size_t count, std::size_t side) {
  random_stream stream({1, stage::audit});
  std::vector<float> values(count * side * side);
  std::vector<label_type> labels(count);
  for (float& value : values) value = static_cast<float>(0.5 * stream.uniform());
  for (std::size_t i = 0; i < count; ++i) {
    labels[i] = static_cast<label_type>(i % 2);
    const std::size_t at = stream.below(static_cast<std::uint32_t>(side));
    for (std::size_t k = 0; k < side; ++k) {
      values[(i * side + (i % 2 == 1 ? k : at)) * side + (i % 2 == 1 ? at : k)] += 0.5F;
    }
  }
  return {host(std::move(values), side * side), std::move(labels), 2, {1, side, side}};
}

/// Brief: the same rows as PyTorch's tensor.
inline dataset<torch::Tensor> in_torch(const dataset<host>& rows) {
  std::vector<std::int64_t> shape{static_cast<std::int64_t>(rows.size())};
  for (const std::size_t extent : rows.row_shape()) shape.push_back(static_cast<std::int64_t>(extent));
  return {certssb::detail::over(rows.inputs().values, shape).clone(),
          std::vector<label_type>(rows.labels().begin(), rows.labels().end()), rows.classes(),
          std::vector<std::size_t>(rows.row_shape().begin(), rows.row_shape().end())};
}

template <class Model, class Tensor>
std::vector<float> scores_of(Model model, const Tensor& inputs) {
  std::vector<float> scores(tensor_traits<Tensor>::rows(inputs) * model.classes());
  model.scores(inputs, scores);
  return scores;
}

template <class Model>
double accuracy(const Model& model, const dataset<host>& rows) {
  const std::vector<float> scores = scores_of(model, rows.inputs());
  double right = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) right += (scores[2 * i + 1] > scores[2 * i]) == (rows.labels()[i] == 1);
  return right / static_cast<double>(rows.size());
}

/// Brief: how far the slopes along a random direction are from central differences of the scores, as a share of the
/// slopes: root mean squares, since of the corners of rectifiers a few rows are near.
inline double slope_error(torch_classifier model, const host& inputs, float step) {
  random_stream stream({2, stage::audit});
  host direction = inputs;
  for (float& value : direction.values) value = static_cast<float>(2.0 * stream.uniform() - 1.0);
  host ahead = inputs;
  host behind = inputs;
  for (std::size_t i = 0; i < inputs.values.size(); ++i) {
    ahead.values[i] += step * direction.values[i];
    behind.values[i] -= step * direction.values[i];
  }
  const std::vector<float> up = scores_of(model, ahead);
  const std::vector<float> down = scores_of(model, behind);
  std::vector<float> scores(up.size());
  std::vector<float> slopes(up.size());
  model.directional_scores(inputs, direction, scores, slopes);
  CATCH_CHECK(scores == scores_of(model, inputs));
  double wrong = 0.0;
  double whole = 0.0;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    wrong += std::pow(static_cast<double>(up[i] - down[i]) / (2.0 * step) - slopes[i], 2.0);
    whole += std::pow(static_cast<double>(slopes[i]), 2.0);
  }
  CATCH_CHECK(whole > 0.0);
  return std::sqrt(wrong / whole);
}

}  // namespace torch_test
