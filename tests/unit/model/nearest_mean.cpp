// SPDX-License-Identifier: MIT
#include "certssb/model/nearest_mean.hpp"

#include "certssb/backend/xtensor.hpp"
#include "certssb/data/any_rows.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/augmented_rows.hpp"
#include "certssb/noise/flipped_labels.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/noise/uniform.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace certssb;
using model_test::random_numbers;
template <class Scalar>
using mean_rows = dataset<host_array<Scalar>>;

namespace {

constexpr value_range any_value{-1e9, 1e9};

/// `n` rows of `d` random numbers plus `shift`, with random labels of the first `named` of the classes.
template <class Scalar>
mean_rows<Scalar> random_rows(std::size_t n, std::size_t d, std::size_t classes, std::size_t named,
                              double shift = 0.0) {
  auto values = random_numbers<Scalar>(n * d, static_cast<std::uint32_t>(n));
  for (Scalar& value : values) value += static_cast<Scalar>(shift);
  std::vector<label_type> labels;
  for (const double u : random_numbers<double>(n, 77)) {
    labels.push_back(static_cast<label_type>(0.5 * (u + 1.0) * static_cast<double>(named)));
  }
  return mean_rows<Scalar>(host_array<Scalar>(std::move(values), d), std::move(labels), classes, {d}, any_value);
}

/// |x - m_c|^2 by definition; infinite for a class without rows.
template <class Scalar>
std::vector<double> distances_to_means(const mean_rows<Scalar>& train, std::span<const Scalar> x) {
  const std::size_t d = train.row_size();
  std::vector<double> found(train.classes());
  for (std::size_t c = 0; c < train.classes(); ++c) {
    std::vector<long double> mean(d);
    std::size_t rows = 0;
    for (std::size_t i = 0; i < train.size(); ++i) {
      if (train.labels()[i] != static_cast<label_type>(c)) continue;
      ++rows;
      for (std::size_t p = 0; p < d; ++p) mean[p] += static_cast<long double>(train.inputs().values[i * d + p]);
    }
    long double sum = 0.0L;
    for (std::size_t p = 0; p < d; ++p) {
      const long double away = static_cast<long double>(x[p]) - mean[p] / static_cast<long double>(rows);
      sum += away * away;
    }
    found[c] = rows == 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(sum);
  }
  return found;
}

/// Rows that state a variance of their noise, one a class.
struct stating_rows {
  using tensor_type = host_array<double>;
  mean_rows<double> rows;
  std::vector<double> variance_of_class;

  [[nodiscard]] std::size_t size() const { return rows.size(); }
  [[nodiscard]] std::size_t classes() const { return rows.classes(); }
  [[nodiscard]] auto labels() const { return rows.labels(); }
  [[nodiscard]] auto ids() const { return rows.ids(); }
  [[nodiscard]] auto row_shape() const { return rows.row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return rows.make(n); }
  void gather(std::span<const std::size_t> positions, tensor_type& out) const { rows.gather(positions, out); }
  [[nodiscard]] double noise_variance(std::size_t i) const {
    return variance_of_class[static_cast<std::size_t>(rows.labels()[i])];
  }
};

}  // namespace

TEMPLATE_TEST_CASE("the class of highest score is that of the nearest mean", "[model]", float, double) {
  for (const double shift : {0.0, 100.0}) {
    const auto train = random_rows<TestType>(300, 7, 4, 4, shift);
    auto model = nearest_mean{}.fit(train, random_key{});
    static_assert(directional_classifier<decltype(model), host_array<TestType>>);
    const auto tests = random_rows<TestType>(200, 7, 4, 4, shift);
    std::vector<TestType> scores(200 * 4);
    model.scores(tests.inputs(), std::span(scores));
    for (std::size_t t = 0; t < 200; ++t) {
      const auto d = distances_to_means(train, std::span<const TestType>(tests.inputs().values).subspan(t * 7, 7));
      const std::size_t nearest = static_cast<std::size_t>(std::ranges::min_element(d) - d.begin());
      const std::span<const TestType> row(scores.data() + t * 4, 4);
      const std::size_t top = find_top(row);
      CHECK(d[top] <= d[nearest] + (std::is_same_v<TestType, float> ? 1e-5 * (1.0 + shift) : 1e-9));
      CHECK(std::accumulate(row.begin(), row.end(), 0.0) == Approx(1.0));
    }
  }
}

TEST_CASE("scores are a softmax of squared distances over the variance of the rows", "[model]") {
  const auto train = random_rows<double>(50, 3, 3, 3);
  auto model = nearest_mean{}.fit(train, random_key{});
  // The variance about the common mean, by definition.
  std::vector<double> centre(3);
  for (std::size_t k = 0; k < 150; ++k) centre[k % 3] += train.inputs().values[k] / 50.0;
  double variance = 0.0;
  for (std::size_t k = 0; k < 150; ++k) variance += std::pow(train.inputs().values[k] - centre[k % 3], 2) / 50.0;
  const host_array<double> x({0.3, -0.2, 0.9}, 3);
  std::vector<double> scores(3);
  model.scores(x, std::span(scores));
  const auto d = distances_to_means(train, std::span<const double>(x.values));
  for (std::size_t c = 1; c < 3; ++c) {
    CHECK(std::log(scores[c] / scores[0]) == Approx((d[0] - d[c]) / variance).epsilon(1e-9));
  }
}

TEST_CASE("a class without rows is never named", "[model]") {
  const auto train = random_rows<float>(40, 5, 6, 2);
  auto model = nearest_mean{}.fit(train, random_key{});
  std::vector<float> scores(40 * 6);
  model.scores(train.inputs(), std::span(scores));
  for (std::size_t k = 0; k < scores.size(); ++k) {
    if (k % 6 >= 2) CHECK(scores[k] == 0.0F);
    CHECK(std::isfinite(scores[k]));
  }
  // One row only: its class has all the score, wherever the input is.
  auto one = nearest_mean{}.fit(mean_rows<float>(host_array<float>({0.5F}, 1), {1}, 2), random_key{});
  std::vector<float> two(2);
  one.scores(host_array<float>({0.0F}, 1), std::span(two));
  CHECK(two == std::vector<float>{0.0F, 1.0F});
}

TEST_CASE("the noise's part of a distance is taken off, as a constant of the scales", "[model]") {
  // Class 0 has one row and class 1 four: d v_0 / 1 and d v_1 / 4 are taken off.
  const mean_rows<double> rows(host_array<double>({1.0, 1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0}, 2),
                               {0, 1, 1, 1, 1}, 2, {2}, any_value);
  const host_array<double> x({0.25, -0.1}, 2);
  const auto log_odds = [&](const auto& source) {
    auto model = nearest_mean{}.fit(source, random_key{});
    std::vector<double> scores(2);
    model.scores(x, std::span(scores));
    return std::log(scores[0] / scores[1]);
  };
  const double variance = 8.0 * 4.0 / 25.0;  // of the rows about their common mean, (-.6, -.6)
  const double plain = std::pow(1.25, 2) + std::pow(0.9, 2) - std::pow(0.75, 2) - std::pow(1.1, 2);
  CHECK(log_odds(rows) == Approx(plain / variance));
  const double v0 = 0.1;
  const double v1 = 0.2;
  const stating_rows noisy{rows, {v0, v1}};
  const double clean = variance - 2.0 * (v0 + 4.0 * v1) / 5.0 * 0.8;
  CHECK(log_odds(noisy) == Approx((plain + 2.0 * v0 - 2.0 * v1 / 4.0) / clean));
  CHECK(log_odds(any_rows<host_array<double>>(noisy)) == log_odds(noisy));
  CHECK(log_odds(flipped_labels<stating_rows>(noisy, 0.0, random_key{})) == log_odds(noisy));
  // More noise than there are differences: a sixteenth of the variance is left.
  CHECK(log_odds(stating_rows{rows, {9.0, 9.0}}) == Approx((plain + 18.0 - 4.5) / (variance / 16.0)));
}

TEST_CASE("noisy rows state the variance of their noise, added over views", "[model][noise]") {
  const auto rows = random_rows<double>(3, 2, 2, 2);
  const noise_scales scales({0.5, 1.0, 2.0});
  const noisy_rows<mean_rows<double>, gaussian_noise> noisy(rows, scales, gaussian_noise{}, random_key{});
  const noisy_rows<mean_rows<double>, laplace_noise> laplace(rows, scales, laplace_noise{}, random_key{});
  const noisy_rows<mean_rows<double>, uniform_noise> uniform(rows, scales, uniform_noise{}, random_key{});
  const augmented_rows<decltype(noisy), gaussian_noise> more(noisy, noise_scales::constant(3, 3.0), {}, random_key{});
  for (std::size_t i = 0; i < 3; ++i) {
    const double square = scales[i] * scales[i];
    CHECK(noise_variance_of(rows, i) == 0.0);
    CHECK(noise_variance_of(noisy, i) == square);
    CHECK(noise_variance_of(laplace, i) == 2.0 * square);
    CHECK(noise_variance_of(uniform, i) == Approx(square / 3.0));
    CHECK(noise_variance_of(more, i) == square + 9.0);
    CHECK(noise_variance_of(any_rows<host_array<double>>(more), i) == square + 9.0);
  }
}

TEST_CASE("without the correction noise favours the class with more rows; with it neither", "[model][noise]") {
  // Means at equal distances from x, 2 rows against 40, 100 entries of noise 1: the noise adds 50 to one squared distance
  // and 2.5 to the other.
  constexpr std::size_t d = 100;
  std::vector<label_type> labels(42, 1);
  labels[0] = labels[1] = 0;
  std::vector<double> values;
  for (const label_type label : labels) {
    for (std::size_t p = 0; p < d; ++p) values.push_back(p == 0 ? (label == 0 ? 1.0 : -1.0) : 0.0);
  }
  const mean_rows<double> rows(host_array<double>(values, d), labels, 2, {d}, any_value);
  const auto scales = noise_scales::constant(42, 1.0);
  int first = 0;
  for (std::uint32_t m = 0; m < 400; ++m) {
    const noisy_rows<mean_rows<double>, gaussian_noise> noisy(rows, scales, gaussian_noise{},
                                                              random_key{5}.for_model(m));
    auto model = nearest_mean{}.fit(noisy, random_key{});
    std::vector<double> scores(2);
    model.scores(host_array<double>(std::vector<double>(d), d), std::span(scores));
    first += scores[0] > scores[1] ? 1 : 0;
  }
  // Half of 400, give or take 5 standard deviations; without the correction it would be none.
  CHECK(first > 150);
  CHECK(first < 250);
}

TEST_CASE("a row's scores do not depend on the rows beside it, nor on the tensor type", "[model]") {
  const auto train = random_rows<float>(200, 37, 3, 3);
  auto model = nearest_mean{}.fit(train, random_key{});
  const auto tests = random_rows<float>(150, 37, 3, 3);
  std::vector<float> all(150 * 3);
  model.scores(tests.inputs(), std::span(all));
  for (const std::size_t t : {0U, 1U, 77U, 149U}) {
    const auto row = std::span<const float>(tests.inputs().values).subspan(t * 37, 37);
    std::vector<float> alone(3);
    model.scores(host_array<float>({row.begin(), row.end()}, 37), std::span(alone));
    CHECK(std::ranges::equal(alone, std::span(all).subspan(t * 3, 3)));
  }
  xt::xtensor<float, 2> inputs({200, 37});
  std::ranges::copy(train.inputs().values, inputs.begin());
  const dataset<xt::xtensor<float, 2>> same(inputs, {train.labels().begin(), train.labels().end()}, 3, {37}, any_value);
  const auto other = nearest_mean{}.fit(same, random_key{});
  CHECK(std::ranges::equal(other.parameters(), std::as_const(model).parameters()));
}
