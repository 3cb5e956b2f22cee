// SPDX-License-Identifier: MIT
// The fused convolution against the three layers it stands for.
#include "unit/model/support.hpp"

#include "certssb/model/detail/kernel/pooled_convolution.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <vector>

using namespace certssb;
using model_test::random_numbers;

namespace {

/// Brief: image, filters, kernel and rows; between them every path through the kernels: filters that fill two vectors,
/// one, and part of one; kernel rows of five vectors, single vectors, and less; odd extents; several images at once.
struct fused_case {
  image_shape in;
  std::size_t filters;
  std::size_t kernel;
  std::size_t rows;
};
const std::vector<fused_case> cases{{{12, 12, 16}, 32, 5, 3}, {{28, 28, 1}, 16, 5, 2}, {{9, 14, 3}, 5, 3, 4},
                                    {{7, 6, 20}, 35, 1, 1},   {{8, 11, 17}, 9, 2, 7},  {{2, 2, 1}, 1, 1, 3},
                                    {{16, 13, 1}, 19, 7, 2},  {{13, 14, 3}, 10, 5, 2}, {{10, 10, 33}, 50, 6, 2},
                                    {{6, 40, 4}, 3, 4, 5},    {{9, 10, 32}, 35, 5, 3}};

template <class Scalar>
struct outcome {
  std::vector<Scalar> y, dy, gradient, gradient_x;
};

template <class Scalar>
struct inputs {
  explicit inputs(const fused_case& c) : rows(c.rows), convolution(c.filters, c.kernel) {
    middle = convolution.bind(c.in);
    out = pool.bind(middle);
    rectifier.bind(out);
    x = random_numbers<Scalar>(rows * c.in.size(), 1);
    dx = random_numbers<Scalar>(rows * c.in.size(), 2);
    parameters = random_numbers<Scalar>(convolution.parameter_count(), 3);
    slopes = random_numbers<Scalar>(rows * out.size(), 4);
  }

  std::size_t rows;
  conv2d convolution;
  max_pool<2> pool;
  relu rectifier;
  image_shape middle, out;
  std::vector<Scalar> x, dx, parameters, slopes;
};

template <class Scalar>
outcome<Scalar> by_layers(const inputs<Scalar>& in) {
  using scalars = std::vector<Scalar>;
  const std::size_t m = in.rows * in.middle.size();
  const std::size_t n = in.rows * in.out.size();
  scalars scratch(std::max(in.convolution.scratch_size(), in.pool.scratch_size()));
  scalars a(m), b(n), da(m), db(n), gb(n), ga(m);
  outcome<Scalar> o{scalars(n), scalars(n), scalars(in.parameters.size(), Scalar{1}), scalars(in.x.size())};
  const Scalar* p = in.parameters.data();
  Scalar* s = scratch.data();
  in.convolution.forward(in.rows, p, in.x.data(), a.data(), s);
  in.pool.forward(in.rows, p, a.data(), b.data(), s);
  in.rectifier.forward(in.rows, p, b.data(), o.y.data(), s);
  in.convolution.tangent(in.rows, p, in.x.data(), a.data(), in.dx.data(), da.data(), s);
  in.pool.tangent(in.rows, p, a.data(), b.data(), da.data(), db.data(), s);
  in.rectifier.tangent(in.rows, p, b.data(), o.y.data(), db.data(), o.dy.data(), s);
  in.rectifier.backward(in.rows, p, b.data(), o.y.data(), in.slopes.data(), o.gradient.data(), gb.data(), s);
  in.pool.backward(in.rows, p, a.data(), b.data(), gb.data(), o.gradient.data(), ga.data(), s);
  in.convolution.backward(in.rows, p, in.x.data(), a.data(), ga.data(), o.gradient.data(), o.gradient_x.data(), s);
  return o;
}

template <class Scalar>
bool same_bits(const std::vector<Scalar>& a, const std::vector<Scalar>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Scalar)) == 0;
}

template <class Scalar>
outcome<Scalar> fused(const inputs<Scalar>& in, image_shape shape) {
  using scalars = std::vector<Scalar>;
  detail::pooled_convolution pooled(in.convolution);
  REQUIRE(pooled.bind(shape) == in.out);
  scalars scratch(pooled.scratch_size());
  std::vector<detail::active_output> outputs(pooled.outputs_size());
  std::vector<detail::window_code> codes(in.rows * pooled.kept_size());
  const detail::working_memory<Scalar> work{scratch.data(), outputs.data()};
  const std::size_t n = in.rows * in.out.size();
  outcome<Scalar> o{scalars(n), scalars(n), scalars(in.parameters.size(), Scalar{1}), scalars(in.x.size(), Scalar{9})};
  const Scalar* p = in.parameters.data();
  pooled.forward(in.rows, p, in.x.data(), o.y.data(), codes.data(), work);
  pooled.tangent(in.rows, p, in.x.data(), o.y.data(), codes.data(), in.dx.data(), o.dy.data(), work);
  pooled.backward(in.rows, p, in.x.data(), o.y.data(), codes.data(), in.slopes.data(), o.gradient.data(),
                  o.gradient_x.data(), work);

  scalars again(n), only(in.parameters.size(), Scalar{1});
  pooled.forward(in.rows, p, in.x.data(), again.data(), static_cast<detail::window_code*>(nullptr), work);
  CHECK(same_bits(again, o.y));
  pooled.backward(in.rows, p, in.x.data(), o.y.data(), codes.data(), in.slopes.data(), only.data(),
                  static_cast<Scalar*>(nullptr), work);
  CHECK(same_bits(only, o.gradient));
  return o;
}

/// Brief: equal but for the rounding of sums of that many terms of size 1, two orders of summation apart.
template <class Scalar>
void check_close(const std::vector<Scalar>& a, const std::vector<Scalar>& b, std::size_t terms) {
  REQUIRE(a.size() == b.size());
  Scalar worst{0};
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  CHECK(worst <= static_cast<Scalar>(50 + 2 * terms) * std::numeric_limits<Scalar>::epsilon());
}

}  // namespace

TEMPLATE_TEST_CASE("a pooled convolution is its three layers", "[model]", float, double) {
  for (const fused_case& c : cases) {
    CAPTURE(c.in.height, c.in.width, c.in.channels, c.filters, c.kernel);
    const inputs<TestType> in(c);
    const auto expected = by_layers(in);
    const auto found = fused(in, c.in);
    const std::size_t area = c.kernel * c.kernel;
    check_close(found.y, expected.y, area * c.in.channels);
    check_close(found.dy, expected.dy, area * c.in.channels);
    check_close(found.gradient, expected.gradient, c.rows * in.out.size() / c.filters);
    check_close(found.gradient_x, expected.gradient_x, area * c.filters);
  }
}

TEMPLATE_TEST_CASE("a row through a pooled convolution has the bits it has alone", "[model]", float, double) {
  for (const fused_case& c : cases) {
    const inputs<TestType> in(c);
    const auto together = fused(in, c.in);
    for (std::size_t r = 0; r < c.rows; ++r) {
      inputs<TestType> one({c.in, c.filters, c.kernel, 1});
      std::copy_n(in.x.data() + r * c.in.size(), c.in.size(), one.x.begin());
      const auto alone = fused(one, c.in);
      CHECK(std::equal(alone.y.begin(), alone.y.end(), together.y.data() + r * in.out.size()));
    }
  }
}

TEST_CASE("among equal outputs the first alone carries a pooled convolution's derivative", "[model]") {
  inputs<float> in({{4, 4, 1}, 3, 1, 1});
  std::ranges::fill(in.x, 1.0F);
  in.parameters = {1.0F, -1.0F, 2.0F, 0.0F, 0.0F, 0.0F};
  const auto expected = by_layers(in);
  const auto found = fused(in, {4, 4, 1});
  CHECK(found.y == expected.y);
  CHECK(found.dy == expected.dy);
  check_close(found.gradient, expected.gradient, 4);
  CHECK(found.gradient_x == expected.gradient_x);
}

TEST_CASE("a pooled convolution passes on a not-a-number as its layers do", "[model]") {
  inputs<float> in({{4, 4, 1}, 1, 1, 1});
  for (std::size_t place = 0; place < 16; ++place) {
    in.x[place] = std::numeric_limits<float>::quiet_NaN();
    const auto expected = by_layers(in);
    const auto found = fused(in, {4, 4, 1});
    for (std::size_t i = 0; i < 4; ++i) CHECK(std::isnan(found.y[i]) == std::isnan(expected.y[i]));
  }
}
