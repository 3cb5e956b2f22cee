// SPDX-License-Identifier: MIT
#include "unit/model/support.hpp"

#include "certssb/core/error.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

using namespace certssb;
using model_test::random_numbers;

namespace {

using numbers = std::vector<double>;

constexpr double step = 1e-6;
constexpr double tolerance = 1e-6;

double dot(const numbers& a, const numbers& b, std::size_t count) {
  return std::inner_product(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(count), b.begin(), 0.0);
}

/// Brief: a bound layer with everything that one call of it needs.
template <class Layer>
struct bench {
  Layer layer;
  image_shape in;
  image_shape out = layer.bind(in);
  std::size_t rows = 3;
  std::size_t inputs = rows * in.size();
  std::size_t outputs = rows * out.size();
  numbers x = random_numbers<double>(whole_groups(rows) * in.size(), 1);
  numbers parameters = random_numbers<double>(layer.parameter_count(), 2);
  numbers scratch = numbers(layer.scratch_size());

  numbers forward() {
    numbers y(whole_groups(rows) * out.size());
    layer.forward(rows, parameters.data(), x.data(), y.data(), scratch.data());
    return y;
  }

  /// Brief: the derivative of <u, y> in `entry` by central differences.
  double slope(double& entry, const numbers& u) {
    const double here = entry;
    entry = here + step;
    const double above = dot(u, forward(), outputs);
    entry = here - step;
    const double below = dot(u, forward(), outputs);
    entry = here;
    return (above - below) / (2.0 * step);
  }
};

/// Brief: backward and tangent agree with central differences in every parameter and every input.
template <class Layer>
void check_derivatives(Layer layer, image_shape in) {
  bench<Layer> b{std::move(layer), in};
  const numbers y = b.forward();
  const numbers u = random_numbers<double>(b.outputs, 3);
  numbers gradient(b.parameters.size(), 0.5);
  numbers gradient_x(b.inputs, 9.0);
  b.layer.backward(b.rows, b.parameters.data(), b.x.data(), y.data(), u.data(), gradient.data(), gradient_x.data(),
                   b.scratch.data());
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    CAPTURE(i);
    REQUIRE(gradient[i] - 0.5 == Approx(b.slope(b.parameters[i], u)).epsilon(tolerance).margin(1e-8));
  }
  for (std::size_t i = 0; i < b.inputs; ++i) {
    CAPTURE(i);
    REQUIRE(gradient_x[i] == Approx(b.slope(b.x[i], u)).epsilon(tolerance).margin(1e-8));
  }

  const numbers dx = random_numbers<double>(b.x.size(), 4);
  numbers dy(y.size());
  b.layer.tangent(b.rows, b.parameters.data(), b.x.data(), y.data(), dx.data(), dy.data(), b.scratch.data());
  for (std::size_t i = 0; i < b.x.size(); ++i) b.x[i] += step * dx[i];
  const numbers above = b.forward();
  for (std::size_t i = 0; i < b.x.size(); ++i) b.x[i] -= 2.0 * step * dx[i];
  const numbers below = b.forward();
  for (std::size_t i = 0; i < b.outputs; ++i) {
    CAPTURE(i);
    REQUIRE(dy[i] == Approx((above[i] - below[i]) / (2.0 * step)).epsilon(tolerance).margin(1e-8));
  }
}

/// Brief: leaving out the input's gradient changes nothing in the parameters'.
template <class Layer>
void check_first_layer(Layer layer, image_shape in) {
  bench<Layer> b{std::move(layer), in};
  const numbers y = b.forward();
  const numbers u = random_numbers<double>(b.outputs, 3);
  numbers with(b.parameters.size());
  numbers without(b.parameters.size());
  numbers gradient_x(b.inputs);
  double* none = nullptr;
  const double* p = b.parameters.data();
  b.layer.backward(b.rows, p, b.x.data(), y.data(), u.data(), with.data(), gradient_x.data(), b.scratch.data());
  b.layer.backward(b.rows, p, b.x.data(), y.data(), u.data(), without.data(), none, b.scratch.data());
  CHECK(with == without);
}

}  // namespace

TEST_CASE("derivatives of a dense layer are those of central differences", "[model]") {
  check_derivatives(dense(3), {1, 1, 7});
  check_derivatives(dense(20), {2, 3, 4});
}

TEST_CASE("derivatives of a convolution are those of central differences", "[model]") {
  check_derivatives(conv2d(2, 5), {7, 8, 1});
  check_derivatives(conv2d(5, 3), {5, 4, 3});
  check_derivatives(conv2d(3, 1), {2, 3, 2});
  check_derivatives(conv2d(9, 2), {3, 3, 4});
}

TEST_CASE("derivatives of a max-pool are those of central differences", "[model]") {
  check_derivatives(max_pool<2>{}, {4, 6, 3});
  check_derivatives(max_pool<2>{}, {5, 7, 2});
  check_derivatives(max_pool<3>{}, {6, 7, 1});
}

TEST_CASE("derivatives of the rectifier are those of central differences", "[model]") {
  check_derivatives(relu{}, {3, 2, 5});
}

TEST_CASE("derivatives of the change to channels last are those of central differences", "[model]") {
  check_derivatives(channels_last{}, {3, 2, 4});
  check_derivatives(channels_last{}, {3, 2, 1});
  check_derivatives(channels_last(5), {3, 6, 2});
  check_derivatives(channels_last(5), {3, 2, 1});
}

TEST_CASE("a first layer may leave out the gradient of its input", "[model]") {
  check_first_layer(dense(3), {1, 1, 7});
  check_first_layer(conv2d(3, 2), {4, 4, 2});
}

TEST_CASE("a convolution is the sum over the pixels under its kernel", "[model]") {
  bench<conv2d> b{conv2d(4, 3), {6, 5, 2}};
  const numbers y = b.forward();
  REQUIRE(b.out == image_shape{4, 3, 4});
  for (std::size_t r = 0; r < b.rows; ++r) {
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        for (std::size_t f = 0; f < 4; ++f) {
          double sum = b.parameters[4 * 18 + f];
          for (std::size_t k = 0; k < 3; ++k) {
            for (std::size_t l = 0; l < 3; ++l) {
              for (std::size_t c = 0; c < 2; ++c) {
                sum += b.parameters[((f * 3 + k) * 3 + l) * 2 + c] * b.x[((r * 6 + i + k) * 5 + j + l) * 2 + c];
              }
            }
          }
          CHECK(y[((r * 4 + i) * 3 + j) * 4 + f] == Approx(sum).epsilon(1e-12));
        }
      }
    }
  }
}

TEST_CASE("a max-pool takes each window's maximum and leaves the margin out", "[model]") {
  max_pool<2> pool;
  REQUIRE(pool.bind({3, 5, 1}) == image_shape{1, 2, 1});
  const numbers x{1, 2, 7, 3, 9, 4, 0, 5, 6, 9, 9, 9, 9, 9, 9};
  numbers y(2);
  numbers scratch(1);
  pool.forward(1, x.data(), x.data(), y.data(), scratch.data());
  CHECK(y == numbers{4, 7});
}

TEST_CASE("among equal pixels the first alone carries a max-pool's derivative", "[model]") {
  max_pool<2> pool;
  pool.bind({2, 2, 1});
  const numbers x{3, 3, 3, 3};
  const numbers y{3};
  const numbers u{5};
  const numbers dx{1, 20, 300, 4000};
  numbers gradient_x(4);
  numbers dy(1);
  numbers scratch(1);
  pool.backward(1, x.data(), x.data(), y.data(), u.data(), dy.data(), gradient_x.data(), scratch.data());
  CHECK(gradient_x == numbers{5, 0, 0, 0});
  pool.tangent(1, x.data(), x.data(), y.data(), dx.data(), dy.data(), scratch.data());
  CHECK(dy == numbers{1});
}

TEST_CASE("channels last puts the channels of a pixel side by side", "[model]") {
  channels_last layer;
  layer.bind({1, 3, 2});
  const numbers x{1, 2, 3, 10, 20, 30};
  numbers y(6);
  layer.forward(1, x.data(), x.data(), y.data(), y.data());
  CHECK(y == numbers{1, 10, 2, 20, 3, 30});

  channels_last with_margin(4);
  REQUIRE(with_margin.bind({2, 1, 1}) == image_shape{4, 4, 1});
  numbers wide(16, 9.0);
  with_margin.forward(1, x.data(), x.data(), wide.data(), wide.data());
  CHECK(wide == numbers{0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("a layer that does not fit says so", "[model]") {
  conv2d wide(2, 5);
  max_pool<2> pool;
  CHECK_THROWS_WITH(wide.bind({4, 9, 1}), "conv2d: a kernel of 5x5 does not fit an image of 4x9");
  CHECK_THROWS_WITH(pool.bind({1, 9, 1}), "max_pool: a window of 2x2 does not fit an image of 1x9");
  CHECK_THROWS_AS(conv2d(0, 5), argument_error);
  CHECK_THROWS_AS(conv2d(3, 0), argument_error);
  CHECK_THROWS_AS(dense(0), argument_error);
}

TEST_CASE("a row shape of three extents is channels, height, width", "[model]") {
  const std::vector<std::size_t> image{3, 28, 32};
  const std::vector<std::size_t> grey{28, 32};
  const std::vector<std::size_t> flat{12};
  CHECK(image_shape_of(image) == image_shape{28, 32, 3});
  CHECK(image_shape_of(grey) == image_shape{28, 32, 1});
  CHECK(image_shape_of(flat) == image_shape{1, 1, 12});
}
