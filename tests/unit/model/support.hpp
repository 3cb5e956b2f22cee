// SPDX-License-Identifier: MIT
#pragma once
// Brief: random numbers, small data sets and small networks for the tests of the model stage.

#include "certssb/core/random.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/model/layer/channels_last.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/dense.hpp"
#include "certssb/model/layer/max_pool.hpp"
#include "certssb/model/layer/relu.hpp"
#include "certssb/model/sequential.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace model_test {

using namespace certssb;

/// Brief: `count` numbers uniform on (-1, 1).
template <class Scalar>
std::vector<Scalar> random_numbers(std::size_t count, std::uint32_t draw) {
  random_stream stream(random_key{7, stage::audit}.for_draw(draw));
  std::vector<Scalar> numbers(count);
  for (Scalar& number : numbers) number = static_cast<Scalar>(2.0 * stream.uniform() - 1.0);
  return numbers;
}

/// Brief: every kind of layer on images of two channels and odd extents.
template <class Scalar>
auto tiny_network() {
  const std::vector<std::size_t> row_shape{2, 10, 9};
  return sequential<Scalar, channels_last, conv2d, max_pool<2>, relu, conv2d, dense, relu, dense>(
      row_shape, channels_last{}, conv2d(3, 3), max_pool<2>{}, relu{}, conv2d(4, 2), dense(5), relu{}, dense(3));
}

/// Brief: rows on (0, 1)^4 whose class says whether the first number or the second is larger, by .2 at least.
template <class Scalar>
dataset<host_array<Scalar>> separable_rows(std::size_t count) {
  random_stream stream(random_key{11, stage::synthetic});
  std::vector<Scalar> values;
  std::vector<label_type> labels;
  while (labels.size() < count) {
    const double first = stream.uniform();
    const double second = stream.uniform();
    if (first - second < 0.2 && second - first < 0.2) continue;
    labels.push_back(first > second ? 0 : 1);
    for (const double value : {first, second, stream.uniform(), stream.uniform()}) {
      values.push_back(static_cast<Scalar>(value));
    }
  }
  return {host_array<Scalar>(std::move(values), 4), std::move(labels), 2, {4}};
}

/// Brief: noisy 16x16 images with one of three quarters brighter: that quarter's number is the class.
template <class Scalar>
dataset<host_array<Scalar>> quarter_images(std::size_t count, std::size_t channels) {
  random_stream stream(random_key{12, stage::synthetic});
  std::vector<Scalar> values;
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t quarter = stream.below(3);
    labels.push_back(static_cast<label_type>(quarter));
    for (std::size_t pixel = 0; pixel < channels * 256; ++pixel) {
      const std::size_t row = pixel % 256 / 16;
      const bool bright = row / 8 == quarter / 2 && pixel % 16 / 8 == quarter % 2;
      values.push_back(static_cast<Scalar>(0.5 * stream.uniform() + (bright ? 0.5 : 0.0)));
    }
  }
  return {host_array<Scalar>(std::move(values), channels * 256), std::move(labels), 3, {channels, 16, 16}};
}

/// Brief: the slope of the loss in parameter i by a central difference of step h; the parameter is left as it was.
template <class Network, class Tensor>
double slope_of_loss(Network& network, const Tensor& x, std::span<const label_type> labels, std::size_t i, double h) {
  double& parameter = network.parameters()[i];
  const double here = parameter;
  parameter = here + h;
  const double above = network.loss_and_gradient(x, labels);
  parameter = here - h;
  const double below = network.loss_and_gradient(x, labels);
  parameter = here;
  return (above - below) / (2.0 * h);
}

/// Brief: the share of rows whose largest score is the label's.
template <class Model, class Tensor>
double accuracy(Model& model, const dataset<Tensor>& rows) {
  std::vector<scalar_of<Tensor>> scores(rows.size() * rows.classes());
  model.scores(rows.inputs(), scores);
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = std::span<const scalar_of<Tensor>>(scores).subspan(i * rows.classes(), rows.classes());
    if (std::cmp_equal(find_top(row), rows.labels()[i])) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(rows.size());
}

}  // namespace model_test
