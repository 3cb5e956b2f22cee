// SPDX-License-Identifier: MIT
#include "unit/model/support.hpp"

#include "certssb/backend/eigen.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/core/error.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/model/logistic.hpp"
#include "certssb/model/small_cnn.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

using namespace certssb;
using model_test::random_numbers;
using model_test::tiny_network;

namespace {

static_assert(directional_classifier<small_cnn<float>, host_array<float>>);
static_assert(directional_classifier<logistic<double>, xt::xtensor<double, 2>>);
static_assert(trainable<small_cnn<double>, host_array<double>>);
static_assert(!classifier<small_cnn<float>, host_array<double>>);

constexpr std::size_t row = 2 * 10 * 9;

template <class Scalar>
auto initialised_network() {
  auto network = tiny_network<Scalar>();
  network.initialise(random_key{5});
  return network;
}

template <class Model, class Scalar>
std::vector<Scalar> scores_of(Model& model, const host_array<Scalar>& x) {
  std::vector<Scalar> out(tensor_traits<host_array<Scalar>>::rows(x) * model.classes());
  model.scores(x, out);
  return out;
}

std::vector<label_type> labels_of(std::size_t rows) {
  std::vector<label_type> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) labels[i] = static_cast<label_type>(i * 7 % 3);
  return labels;
}

}  // namespace

TEST_CASE("scores are probabilities", "[model]") {
  auto network = initialised_network<double>();
  const auto scores = scores_of(network, host_array<double>(random_numbers<double>(9 * row, 1), row));
  for (std::size_t i = 0; i < scores.size(); i += 3) {
    CHECK(scores[i] + scores[i + 1] + scores[i + 2] == Approx(1.0).epsilon(1e-14));
    CHECK(std::min({scores[i], scores[i + 1], scores[i + 2]}) > 0.0);
  }
}

TEST_CASE("the loss is the mean of minus log scores", "[model]") {
  auto network = initialised_network<double>();
  const std::size_t n = 140;  // more than one piece
  const host_array<double> x(random_numbers<double>(n * row, 1), row);
  const auto labels = labels_of(n);
  const auto scores = scores_of(network, x);
  double loss = 0.0;
  for (std::size_t i = 0; i < n; ++i) loss -= std::log(scores[i * 3 + static_cast<std::size_t>(labels[i])]) / double(n);
  CHECK(network.loss_and_gradient(x, labels) == Approx(loss).epsilon(1e-12));
}

TEST_CASE("the network's gradient is that of central differences", "[model]") {
  const std::size_t n = GENERATE(std::size_t{3}, std::size_t{131});
  auto network = initialised_network<double>();
  const host_array<double> x(random_numbers<double>(n * row, 1), row);
  const auto labels = labels_of(n);
  network.loss_and_gradient(x, labels);
  const std::vector<double> gradient(network.gradient().begin(), network.gradient().end());
  const double largest = std::abs(*std::ranges::max_element(gradient, {}, [](double g) { return std::abs(g); }));
  REQUIRE(largest > 1e-3);
  constexpr double h = 1e-5;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(gradient[i] - model_test::slope_of_loss(network, x, labels, i, h)) < 1e-6 * largest);
  }
}

TEST_CASE("the gradient of a row's loss in the row is that of central differences", "[model]") {
  const std::size_t n = 130;
  auto network = initialised_network<double>();
  const auto values = random_numbers<double>(n * row, 1);
  const auto labels = labels_of(n);
  std::vector<double> gradient(n * row);
  network.input_gradients(host_array<double>(values, row), labels, gradient);
  const double largest = std::abs(*std::ranges::max_element(gradient, {}, [](double g) { return std::abs(g); }));
  REQUIRE(largest > 1e-3);
  constexpr double h = 1e-5;
  const auto loss = [&](std::size_t i, std::size_t c, double move) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * row);
    std::vector<double> moved(first, first + row);
    moved[c] += move;
    return network.loss_and_gradient(host_array<double>(moved, row), std::span(labels).subspan(i, 1));
  };
  for (const std::size_t i : {std::size_t{0}, std::size_t{129}}) {
    for (std::size_t c = 0; c < row; ++c) {
      CAPTURE(i, c);
      CHECK(std::abs(gradient[i * row + c] - (loss(i, c, h) - loss(i, c, -h)) / (2.0 * h)) < 1e-6 * largest);
    }
  }
  const std::vector<std::size_t> shape{4};
  auto linear = make_logistic<double>(shape, 3);
  linear.initialise(random_key{8});
  const host_array<double> x(random_numbers<double>(4, 3), 4);
  std::vector<double> scores(3);
  linear.scores(x, scores);
  std::vector<double> slope(4);
  linear.input_gradients(x, std::vector<label_type>{1}, slope);
  for (std::size_t c = 0; c < 4; ++c) {  // sum_k (p_k - [k = 1]) w_kc
    double expected = 0.0;
    for (std::size_t k = 0; k < 3; ++k) expected += (scores[k] - (k == 1 ? 1.0 : 0.0)) * linear.parameters()[k * 4 + c];
    CHECK(slope[c] == Approx(expected).epsilon(1e-12));
  }
  std::vector<double> small(3);
  CHECK_THROWS_AS(linear.input_gradients(x, std::vector<label_type>{1}, small), argument_error);
}

TEST_CASE("slopes of the scores are those of central differences and sum to 0", "[model]") {
  const std::size_t n = 130;
  auto network = initialised_network<double>();
  const auto values = random_numbers<double>(n * row, 1);
  const auto along = random_numbers<double>(n * row, 2);
  std::vector<double> scores(n * 3);
  std::vector<double> slopes(n * 3);
  network.directional_scores(host_array<double>(values, row), host_array<double>(along, row), scores, slopes);
  CHECK(scores == scores_of(network, host_array<double>(values, row)));

  constexpr double h = 1e-5;
  auto above = values;
  auto below = values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    above[i] += h * along[i];
    below[i] -= h * along[i];
  }
  const auto up = scores_of(network, host_array<double>(above, row));
  const auto down = scores_of(network, host_array<double>(below, row));
  const double largest = std::abs(*std::ranges::max_element(slopes, {}, [](double s) { return std::abs(s); }));
  REQUIRE(largest > 1e-3);
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(slopes[i] - (up[i] - down[i]) / (2.0 * h)) < 1e-6 * largest);
  }
  for (std::size_t i = 0; i < slopes.size(); i += 3) {
    CHECK(std::abs(slopes[i] + slopes[i + 1] + slopes[i + 2]) < 1e-15);
  }
}

TEST_CASE("float and double agree to float's accuracy", "[model]") {
  auto wide = initialised_network<double>();
  auto narrow = initialised_network<float>();
  const auto x = random_numbers<double>(4 * row, 1);
  const auto d = random_numbers<double>(4 * row, 2);
  std::vector<double> scores(12);
  std::vector<double> slopes(12);
  std::vector<float> float_scores(12);
  std::vector<float> float_slopes(12);
  wide.directional_scores(host_array<double>(x, row), host_array<double>(d, row), scores, slopes);
  narrow.directional_scores(host_array<float>({x.begin(), x.end()}, row), host_array<float>({d.begin(), d.end()}, row),
                            float_scores, float_slopes);
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(float_scores[i] == Approx(scores[i]).epsilon(1e-5));
    CHECK(float_slopes[i] == Approx(slopes[i]).epsilon(1e-4).margin(1e-6));
  }
}

TEMPLATE_TEST_CASE("a row's scores do not depend on the rows beside it, to the bit", "[model]", float, double) {
  auto network = initialised_network<TestType>();
  const std::vector<std::size_t> flat{row};
  auto linear = make_logistic<TestType>(flat, 3);
  linear.initialise(random_key{6});
  const std::size_t n = 147;
  const auto values = random_numbers<TestType>(n * row, 1);
  const host_array<TestType> all(values, row);
  const auto together = scores_of(network, all);
  const auto together_linear = scores_of(linear, all);
  for (std::size_t i = 0; i < n; ++i) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * row);
    const host_array<TestType> alone({begin, begin + row}, row);
    const auto place = static_cast<std::ptrdiff_t>(i * 3);
    const auto one = scores_of(network, alone);
    CHECK(std::equal(one.begin(), one.end(), together.begin() + place));
    const auto one_linear = scores_of(linear, alone);
    CHECK(std::equal(one_linear.begin(), one_linear.end(), together_linear.begin() + place));
  }
}

TEST_CASE("every host tensor gives the same bits", "[model]") {
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const std::size_t n = 5;
  auto network = initialised_network<float>();
  const host_array<float> x(random_numbers<float>(n * row, 1), row);
  const matrix eigen = Eigen::Map<const matrix>(x.values.data(), n, row);
  xt::xtensor<float, 4> image = xt::xtensor<float, 4>::from_shape({n, 2, 10, 9});
  std::copy(x.values.begin(), x.values.end(), image.data());
  const auto expected = scores_of(network, x);
  std::vector<float> out(n * 3);
  network.scores(eigen, out);
  CHECK(out == expected);
  std::fill(out.begin(), out.end(), 0.0F);
  network.scores(image, out);
  CHECK(out == expected);
}

TEST_CASE("a copy has the parameters and nothing of the original afterwards", "[model]") {
  auto network = initialised_network<float>();
  const host_array<float> x(random_numbers<float>(3 * row, 1), row);
  const auto before = scores_of(network, x);
  auto copy = std::as_const(network);
  CHECK(scores_of(copy, x) == before);
  CHECK(copy.gradient().size() == copy.parameters().size());
  std::ranges::fill(network.parameters(), 0.0F);
  CHECK(scores_of(copy, x) == before);
  CHECK(scores_of(network, x) == std::vector<float>(9, 1.0F / 3.0F));
}

TEST_CASE("initial parameters are fixed by the key", "[model]") {
  auto one = initialised_network<double>();
  auto same = initialised_network<double>();
  auto other = tiny_network<double>();
  other.initialise(random_key{5}.for_model(1));
  CHECK(std::ranges::equal(one.parameters(), same.parameters()));
  CHECK_FALSE(std::ranges::equal(one.parameters(), other.parameters()));
}

TEST_CASE("extents that do not fit are refused with the numbers", "[model]") {
  auto network = initialised_network<float>();
  std::vector<float> out(6);
  std::vector<float> slopes(6);
  const host_array<float> x(std::vector<float>(2 * row), row);
  const host_array<float> narrow(std::vector<float>(20), 10);
  const host_array<float> longer(std::vector<float>(3 * row), row);
  const std::vector<label_type> labels{0, 1};
  const std::vector<label_type> three{0, 1, 2};
  CHECK_THROWS_WITH(network.scores(narrow, out), "sequential: expected rows of 180 scalars, got 10");
  CHECK_THROWS_AS(network.scores(longer, out), argument_error);
  CHECK_THROWS_AS(network.directional_scores(x, longer, out, slopes), argument_error);
  CHECK_THROWS_AS(network.directional_scores(x, narrow, out, slopes), argument_error);
  CHECK_THROWS_AS(network.loss_and_gradient(x, three), argument_error);
  CHECK_THROWS_AS(network.loss_and_gradient(host_array<float>({}, row), std::vector<label_type>{}), argument_error);
  CHECK_THROWS_AS(network.loss_and_gradient(x, std::vector<label_type>{0, 3}), argument_error);
  CHECK_NOTHROW(network.scores(x, out));
  CHECK_NOTHROW(network.scores(host_array<float>({}, row), {}));
  CHECK_NOTHROW(network.loss_and_gradient(x, labels));
}

TEST_CASE("the bundled networks say which rows and classes they want", "[model]") {
  const std::vector<std::size_t> colour{3, 32, 20};
  const std::vector<std::size_t> grey{28, 28};
  const std::vector<std::size_t> small{1, 1, 28};
  const std::vector<std::size_t> flat{784};
  CHECK(make_small_cnn<float>(colour, 10).row_size() == 1920);
  CHECK(make_small_cnn<float>(grey, 2).classes() == 2);
  // 16 * 26 + 32 * 401 + 512 * 513 + 2 * 513
  CHECK(make_small_cnn<float>(grey, 2).parameters().size() == 276930);
  CHECK(make_small_cnn<float>(small, 2).row_size() == 28);
  CHECK_THROWS_AS(make_small_cnn<float>(flat, 2), argument_error);
  CHECK_THROWS_WITH(make_logistic<float>(flat, 1), "sequential: needs at least 2 classes, got 1");
}
