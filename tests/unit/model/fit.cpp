// SPDX-License-Identifier: MIT
#include "unit/model/support.hpp"

#include "certssb/backend/eigen.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/core/error.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/model/fit.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

using namespace certssb;
using model_test::accuracy;
using model_test::quarter_images;
using model_test::separable_rows;

namespace {

static_assert(learner<decltype(cnn_learner<float>()), dataset<host_array<float>>>);
static_assert(learner<decltype(logistic_learner<double>()), dataset<xt::xtensor<double, 2>>>);

/// Brief: the same rows in another tensor.
template <class Tensor, class Scalar>
dataset<Tensor> in_tensor(const dataset<host_array<Scalar>>& rows, Tensor inputs) {
  tensor_traits<Tensor>::write(inputs, 0, rows.inputs().values);
  const auto shape = rows.row_shape();
  return {
      std::move(inputs), {rows.labels().begin(), rows.labels().end()}, rows.classes(), {shape.begin(), shape.end()}};
}

template <class Model>
auto parameters_of(Model model) {
  const auto p = model.parameters();
  return std::vector(p.begin(), p.end());
}

}  // namespace

TEMPLATE_TEST_CASE("logistic regression learns separable rows", "[model]", float, double) {
  const auto rows = separable_rows<TestType>(400);
  auto model = logistic_learner<TestType>({.epochs = 60, .batch = 32, .learning_rate = 0.05}).fit(rows, random_key{1});
  CHECK(accuracy(model, rows) > 0.95);
}

TEST_CASE("stochastic gradient descent with momentum learns separable rows", "[model]") {
  const auto rows = separable_rows<double>(400);
  const gradient_learner learner(logistic_maker<double>{}, sgd<double>(0.9), {.epochs = 60, .learning_rate = 0.1});
  auto model = learner.fit(rows, random_key{1});
  CHECK(accuracy(model, rows) > 0.95);
}

TEMPLATE_TEST_CASE("the convolutional network learns which quarter is bright", "[model]", float, double) {
  const auto rows = quarter_images<TestType>(180, 2);
  auto model = cnn_learner<TestType>({.epochs = 4, .batch = 32}).fit(rows, random_key{1});
  CHECK(accuracy(model, rows) > 0.95);
}

TEST_CASE("a fit is fixed by its key, to the bit", "[model]") {
  const auto rows = quarter_images<float>(70, 1);
  const auto learner = cnn_learner<float>({.epochs = 1, .batch = 32});
  const auto one = parameters_of(learner.fit(rows, random_key{1}));
  CHECK(one == parameters_of(learner.fit(rows, random_key{1})));
  CHECK(one != parameters_of(learner.fit(rows, random_key{2})));
  CHECK(one != parameters_of(learner.fit(rows, random_key{1}.for_model(1))));
}

TEST_CASE("an averaged tail is the mean of the last steps' parameters", "[model]") {
  const auto rows = separable_rows<double>(50);
  const auto after = [&](std::size_t steps, double tail) {  // one step an epoch
    const fit_options options{.epochs = steps, .batch = 50, .learning_rate = 0.01, .averaged_tail = tail};
    return parameters_of(logistic_learner<double>(options).fit(rows, random_key{4}));
  };
  const auto third = after(3, 0.0);
  const auto fourth = after(4, 0.0);
  const auto averaged = after(4, 0.5);
  REQUIRE(third != fourth);
  for (std::size_t i = 0; i < averaged.size(); ++i) CHECK(averaged[i] == Approx(0.5 * (third[i] + fourth[i])));
  CHECK(after(4, 0.2) == fourth);  // less than one step
}

TEST_CASE("a fit gives the same bits on every host tensor", "[model]") {
  using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto rows = separable_rows<double>(50);
  const auto learner = logistic_learner<double>({.epochs = 3, .batch = 16});
  const auto expected = parameters_of(learner.fit(rows, random_key{4}));
  CHECK(expected == parameters_of(learner.fit(in_tensor(rows, matrix(50, 4)), random_key{4})));
  CHECK(expected ==
        parameters_of(learner.fit(in_tensor(rows, xt::xtensor<double, 2>::from_shape({50, 4})), random_key{4})));
  CHECK(expected ==
        parameters_of(learner.fit(in_tensor(rows, xt::xarray<double>::from_shape({50, 4})), random_key{4})));
}

TEST_CASE("a batch of all rows makes plain gradient descent", "[model]") {
  // One row in one class, parameters from the key: two steps of p -= rate * gradient, written out.
  const dataset<host_array<double>> rows(host_array<double>({0.5, 0.25}, 2), {1}, 2, {2});
  const gradient_learner learner(logistic_maker<double>{}, sgd<double>(), {.epochs = 2, .learning_rate = 0.5});
  const std::vector<std::size_t> shape{2};
  auto start = make_logistic<double>(shape, 2);
  start.initialise(random_key{9});
  auto p = parameters_of(start);
  for (int step = 0; step < 2; ++step) {
    const double margin = (p[2] - p[0]) * 0.5 + (p[3] - p[1]) * 0.25 + p[5] - p[4];
    const double wrong = 1.0 / (1.0 + std::exp(margin));
    const std::vector<double> features{0.5, 0.25, 1.0};
    const std::vector<std::size_t> own{2, 3, 5};
    const std::vector<std::size_t> other{0, 1, 4};
    for (std::size_t i = 0; i < 3; ++i) {
      p[own[i]] += 0.5 * wrong * features[i];
      p[other[i]] -= 0.5 * wrong * features[i];
    }
  }
  const auto fitted = parameters_of(learner.fit(rows, random_key{9}));
  for (std::size_t i = 0; i < 6; ++i) CHECK(fitted[i] == Approx(p[i]).epsilon(1e-12));
}

TEST_CASE("the last, shorter batch is used", "[model]") {
  // 5 rows in batches of 4: the epoch's second step sees the fifth row alone. Dropped, the two fits below would agree.
  const auto rows = separable_rows<double>(5);
  const gradient_learner four(logistic_maker<double>{}, sgd<double>(), {.epochs = 1, .batch = 4, .learning_rate = 0.5});
  std::size_t gathered = 0;
  struct counting_rows {
    using tensor_type = host_array<double>;
    const dataset<host_array<double>>& rows;
    std::size_t& gathered;
    [[nodiscard]] std::size_t size() const { return rows.size(); }
    [[nodiscard]] std::size_t classes() const { return rows.classes(); }
    [[nodiscard]] auto labels() const { return rows.labels(); }
    [[nodiscard]] auto ids() const { return rows.ids(); }
    [[nodiscard]] auto row_shape() const { return rows.row_shape(); }
    [[nodiscard]] tensor_type make(std::size_t n) const { return rows.make(n); }
    void gather(std::span<const std::size_t> positions, tensor_type& out) const {
      gathered += positions.size();
      rows.gather(positions, out);
    }
  };
  const counting_rows counted{rows, gathered};
  CHECK(parameters_of(four.fit(counted, random_key{2})) == parameters_of(four.fit(rows, random_key{2})));
  CHECK(gathered == 5);
}

TEST_CASE("a stop request ends a fit", "[model]") {
  const auto rows = separable_rows<float>(10);
  std::stop_source source;
  const auto learner = logistic_learner<float>({.epochs = 3, .stop = source.get_token()});
  CHECK_NOTHROW(learner.fit(rows, random_key{1}));
  source.request_stop();
  CHECK_THROWS_AS(learner.fit(rows, random_key{1}), cancelled);
}

TEST_CASE("a model that diverges is returned and votes for class 0", "[model]") {
  const auto rows = separable_rows<float>(40);
  struct overflowing {
    static void step(std::span<float> parameters, std::span<const float> gradient, double) {
      for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += gradient[i] * 1e38F * 1e38F;
    }
  };
  const gradient_learner learner(logistic_maker<float>{}, overflowing{});
  auto model = learner.fit(rows, random_key{1});
  std::vector<float> scores(80);
  model.scores(rows.inputs(), scores);
  REQUIRE(std::isnan(scores[0]));
  for (std::size_t i = 0; i < 40; ++i) CHECK(find_top(std::span<const float>(scores).subspan(2 * i, 2)) == 0);
}

TEST_CASE("options and rows that cannot be meant are refused", "[model]") {
  CHECK_THROWS_WITH(logistic_learner<float>({.epochs = 0}), "fit_options: epochs must be at least 1, got 0");
  CHECK_THROWS_WITH(logistic_learner<float>({.batch = 0}), "fit_options: batch must be at least 1, got 0");
  for (const double rate : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    CHECK_THROWS_AS(logistic_learner<float>({.learning_rate = rate}), argument_error);
  }
  for (const double share : {-0.1, 1.1, std::nan("")}) {
    CHECK_THROWS_AS(logistic_learner<float>({.averaged_tail = share}), argument_error);
  }
  const dataset<host_array<float>> none(host_array<float>({}, 4), {}, 2, {4});
  CHECK_THROWS_WITH(logistic_learner<float>().fit(none, random_key{1}), "fit: no rows to train on");
  CHECK_THROWS_AS(cnn_learner<float>().fit(separable_rows<float>(4), random_key{1}), argument_error);
}
