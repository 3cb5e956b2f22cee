// SPDX-License-Identifier: MIT
#include "certssb/model/clipped_gradient.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/model/fit.hpp"
#include "unit/model/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

using namespace certssb;
using model_test::quarter_images;
using model_test::random_numbers;
using model_test::separable_rows;
using model_test::tiny_network;

namespace {

constexpr std::size_t dp_row = 2 * 10 * 9;

template <class Model>
auto dp_parameters(Model model) {
  const auto p = model.parameters();
  return std::vector(p.begin(), p.end());
}

double dp_length(std::span<const double> values) {
  double square = 0.0;
  for (const double value : values) square += value * value;
  return std::sqrt(square);
}

/// Brief: the gradient of row i alone by central differences of the loss.
template <class Model>
std::vector<double> differences(Model& model, const host_array<double>& row, label_type label) {
  constexpr double h = 1e-5;
  std::vector<double> slopes;
  for (double& parameter : model.parameters()) {
    const double here = parameter;
    parameter = here + h;
    const double above = model.loss_and_gradient(row, std::span<const label_type>(&label, 1));
    parameter = here - h;
    const double below = model.loss_and_gradient(row, std::span<const label_type>(&label, 1));
    parameter = here;
    slopes.push_back((above - below) / (2.0 * h));
  }
  return slopes;
}

}  // namespace

TEST_CASE("without noise and with a clip that no gradient reaches, a private fit is the plain one", "[model]") {
  const auto rows = separable_rows<double>(150);
  fit_options plain{.epochs = 3, .batch = 32, .learning_rate = 0.1};
  fit_options clipped = plain;
  clipped.dp = {.clip = 1e6};
  const random_key key{31};
  const auto close = [](const auto& a, const auto& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-9).margin(1e-9));
  };
  close(dp_parameters(logistic_learner<double>(plain).fit(rows, key)),
        dp_parameters(logistic_learner<double>(clipped).fit(rows, key)));
  close(dp_parameters(gradient_learner(logistic_maker<double>{}, sgd<double>(0.9), plain).fit(rows, key)),
        dp_parameters(gradient_learner(logistic_maker<double>{}, sgd<double>(0.9), clipped).fit(rows, key)));
}

TEST_CASE("a batch's clipped gradient is the mean of its rows' own gradients, each shortened", "[model]") {
  auto network = tiny_network<double>();
  network.initialise(random_key{5});
  const std::vector<label_type> labels{2, 0, 1};
  const auto values = random_numbers<double>(3 * dp_row, 1);
  std::vector<std::vector<double>> own;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * dp_row);
    own.push_back(differences(network, host_array<double>({first, first + dp_row}, dp_row), labels[i]));
  }
  double shortest = dp_length(own[0]);
  double longest = shortest;
  for (const auto& gradient : own) {
    shortest = std::min(shortest, dp_length(gradient));
    longest = std::max(longest, dp_length(gradient));
  }
  const double clip = 0.5 * (shortest + longest);  // some rows are clipped, some are not
  REQUIRE(shortest < 0.99 * clip);
  clipped_gradient<double> of({.clip = clip});
  const auto found = of.of(network, host_array<double>(values, dp_row), labels, random_key{1});
  for (std::size_t p = 0; p < found.size(); ++p) {
    double expected = 0.0;
    for (const auto& gradient : own) expected += gradient[p] * std::min(1.0, clip / dp_length(gradient)) / 3.0;
    CAPTURE(p);
    CHECK(std::abs(found[p] - expected) < 1e-6 * longest);
  }
  clipped_gradient<double> tight({.clip = 0.01});
  CHECK(dp_length(tight.of(network, host_array<double>(values, dp_row), labels, random_key{1})) <=
        0.01 * (1.0 + 1e-12));
}

TEST_CASE("the noise of a private step has the scale noise * clip / n, and its key's draws", "[model]") {
  const std::vector<std::size_t> shape{600};
  auto model = make_logistic<double>(shape, 2);
  const host_array<double> inputs(std::vector<double>(4 * 600), 600);  // zeros: only the biases have a gradient
  const std::vector<label_type> labels{0, 1, 0, 1};
  clipped_gradient<double> noisy({.clip = 2.0, .noise = 3.0});
  const auto draw = [&](const random_key& key) {
    const auto gradient = noisy.of(model, inputs, labels, key);
    return std::vector<double>(gradient.begin(), gradient.end());
  };
  const auto one = draw(random_key{41}.for_draw(0));
  CHECK(draw(random_key{41}.for_draw(0)) == one);
  CHECK(draw(random_key{41}.for_draw(1)) != one);
  double square = 0.0;
  for (std::size_t p = 0; p < 1200; ++p) square += one[p] * one[p];
  // 1,200 squares of scale 3 * 2 / 4: their mean is 2.25 to within 6 standard errors, 2.25 sqrt(2 / 1200) each.
  CHECK(std::abs(square / 1200.0 - 2.25) < 6.0 * 2.25 * std::sqrt(2.0 / 1200.0));
}

TEST_CASE("private fits have the same bits on one thread and on many, and differ by key", "[model]") {
  const auto rows = quarter_images<float>(40, 1);
  const auto learner = cnn_learner<float>({.epochs = 1, .batch = 16, .dp = {.clip = 1.0, .noise = 0.5}});
  const auto fit_all = [&](const auto& executor) {
    std::vector<std::vector<float>> fits(4);
    executor.for_each(fits.size(), [&](std::size_t m) {
      fits[m] = dp_parameters(learner.fit(rows, random_key{51}.for_model(static_cast<std::uint32_t>(m))));
    });
    return fits;
  };
  const auto alone = fit_all(serial_executor{});
  CHECK(fit_all(tbb_executor(2)) == alone);
  CHECK(alone[0] != alone[1]);
}

TEST_CASE("private options that cannot be meant are refused", "[model]") {
  const auto attempt = [](double clip, double noise) {
    return logistic_learner<float>({.dp = {.clip = clip, .noise = noise}});
  };
  CHECK_THROWS_WITH(attempt(-1.0, 0.0), "dp_clip: expected a finite number of at least 0, got -1");
  CHECK_THROWS_WITH(attempt(std::nan(""), 1.0), "dp_clip: expected a finite number of at least 0, got nan");
  CHECK_THROWS_WITH(attempt(0.0, 1.0), "dp_noise: noise wants gradients of bounded length: expected dp_clip above 0");
  CHECK_THROWS_WITH(attempt(1.0, -1.0), "dp_noise: expected a finite number of at least 0, got -1");
}
