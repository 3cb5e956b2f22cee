// SPDX-License-Identifier: MIT
// Brief: the multilayer perceptron: its formula, its derivatives, and what softmax regression cannot learn.
#include "certssb/model/mlp.hpp"

#include "certssb/model/bundled_network.hpp"
#include "unit/model/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

using namespace certssb;
using model_test::random_numbers;

namespace {

constexpr std::size_t columns = 3;

mlp<double> initialised_mlp() {
  const std::vector<std::size_t> shape{columns};
  mlp<double> network = make_mlp<double>(shape, 3);
  network.initialise(random_key{9});
  return network;
}

/// One layer by its formula: parameters are [outputs, inputs], then [outputs].
std::vector<double> plain_layer(const double* parameters, std::size_t outputs, const std::vector<double>& x,
                                bool last) {
  std::vector<double> y(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    y[o] = parameters[outputs * x.size() + o];
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += parameters[o * x.size() + i] * x[i];
    if (!last) y[o] = std::max(y[o], 0.0);
  }
  return y;
}

/// Rows of two columns whose class is whether one of them, but not both, is above 1/2.
dataset<host_array<float>> exclusive_rows(std::size_t count, std::uint64_t seed) {
  random_stream stream(random_key{seed, stage::synthetic});
  std::vector<float> values;
  std::vector<label_type> labels;
  while (labels.size() < count) {
    const double a = stream.uniform();
    const double b = stream.uniform();
    if (std::abs(a - 0.5) < 0.05 || std::abs(b - 0.5) < 0.05) continue;
    values.insert(values.end(), {static_cast<float>(a), static_cast<float>(b)});
    labels.push_back((a > 0.5) != (b > 0.5) ? 1 : 0);
  }
  return {host_array<float>(std::move(values), 2), std::move(labels), 2, {2}};
}

}  // namespace

TEST_CASE("the perceptron's scores are its formula's", "[model]") {
  mlp<double> network = initialised_mlp();
  CHECK(network.parameters().size() == 128 * 4 + 128 * 129 + 3 * 129);
  const auto x = random_numbers<double>(5 * columns, 1);
  std::vector<double> scores(5 * 3);
  network.scores(host_array<double>(x, columns), std::span(scores));
  const double* const parameters = network.parameters().data();
  for (std::size_t r = 0; r < 5; ++r) {
    const std::vector<double> row(x.begin() + static_cast<std::ptrdiff_t>(r * columns),
                                  x.begin() + static_cast<std::ptrdiff_t>((r + 1) * columns));
    const auto first = plain_layer(parameters, 128, row, false);
    const auto second = plain_layer(parameters + 128 * 4, 128, first, false);
    const auto logits = plain_layer(parameters + 128 * 4 + 128 * 129, 3, second, true);
    double sum = 0.0;
    for (const double logit : logits) sum += std::exp(logit);
    for (std::size_t c = 0; c < 3; ++c) CHECK(scores[r * 3 + c] == Approx(std::exp(logits[c]) / sum).epsilon(1e-12));
  }
}

TEST_CASE("the perceptron's gradient and slopes are those of central differences", "[model]") {
  mlp<double> network = initialised_mlp();
  constexpr std::size_t n = 20;
  constexpr double h = 1e-6;
  const auto values = random_numbers<double>(n * columns, 1);
  const host_array<double> x(values, columns);
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < n; ++i) labels.push_back(static_cast<label_type>(i % 3));
  network.loss_and_gradient(x, labels);
  const std::vector<double> gradient(network.gradient().begin(), network.gradient().end());
  for (std::size_t i = 0; i < gradient.size(); i += 37) {
    CAPTURE(i);
    CHECK(gradient[i] == Approx(model_test::slope_of_loss(network, x, labels, i, h)).margin(1e-7));
  }

  const auto along = random_numbers<double>(n * columns, 2);
  std::vector<double> scores(n * 3);
  std::vector<double> slopes(n * 3);
  network.directional_scores(x, host_array<double>(along, columns), scores, slopes);
  std::array<std::vector<double>, 2> moved;
  for (const int side : {0, 1}) {
    auto there = values;
    for (std::size_t i = 0; i < there.size(); ++i) there[i] += (side == 0 ? -h : h) * along[i];
    auto& out = moved[static_cast<std::size_t>(side)];
    out.resize(n * 3);
    network.scores(host_array<double>(there, columns), std::span(out));
  }
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    CHECK(slopes[i] == Approx((moved[1][i] - moved[0][i]) / (2.0 * h)).margin(1e-7));
  }
}

TEST_CASE("the perceptron learns what softmax regression cannot", "[model]") {
  const auto train = exclusive_rows(600, 1);
  const auto test = exclusive_rows(400, 2);
  const fit_options options{.epochs = 60, .batch = 32};
  auto perceptron = bundled_learner<float>("mlp", options).fit(train, random_key{3});
  auto regression = bundled_learner<float>("logistic", options).fit(train, random_key{3});
  CHECK(model_test::accuracy(perceptron, test) > 0.97);
  CHECK(model_test::accuracy(regression, test) < 0.7);
}
