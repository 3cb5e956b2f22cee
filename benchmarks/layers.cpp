// SPDX-License-Identifier: MIT
// Brief: the layers of the small network at its own sizes, each beside the bare Eigen product it stands on.
// items_per_second are rows a second of processor time.

#include "certssb/core/random.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/dense.hpp"
#include "certssb/model/layer/max_pool.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace certssb;

namespace {

using buffer = std::vector<float, Eigen::aligned_allocator<float>>;
using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using matrix_view = Eigen::Map<matrix>;

constexpr std::size_t rows = 64;

buffer random_numbers(std::size_t count, std::uint32_t draw) {
  random_stream stream(random_key{1, stage::audit}.for_draw(draw));
  buffer numbers(count);
  for (float& number : numbers) number = static_cast<float>(2.0 * stream.uniform() - 1.0);
  return numbers;
}

/// Brief: slopes as they come down from a 2x2 max-pool and a rectifier: in each window and channel at most one is not
/// 0.
buffer pooled_slopes(const image_shape& shape) {
  max_pool<2> pool;
  const image_shape out = pool.bind(shape);
  const buffer x = random_numbers(rows * shape.size(), 4);
  buffer y(rows * out.size());
  buffer scratch(pool.scratch_size());
  const float* none = nullptr;
  pool.forward(rows, none, x.data(), y.data(), scratch.data());
  buffer slopes = random_numbers(y.size(), 5);
  for (std::size_t i = 0; i < y.size(); ++i) slopes[i] = y[i] > 0.3F ? slopes[i] : 0.0F;
  buffer below(x.size());
  pool.backward(rows, none, x.data(), y.data(), slopes.data(), y.data(), below.data(), scratch.data());
  return below;
}

template <class Layer>
struct bound_layer {
  Layer layer;
  image_shape in;
  image_shape out = layer.bind(in);
  buffer parameters = random_numbers(layer.parameter_count(), 1);
  buffer x = random_numbers(rows * in.size(), 2);
  buffer y = buffer(rows * out.size());
  buffer scratch = buffer(layer.scratch_size());

  void forward() { layer.forward(rows, parameters.data(), x.data(), y.data(), scratch.data()); }
};

bound_layer<conv2d> first_convolution() { return {conv2d(16, 5), {28, 28, 1}}; }
bound_layer<conv2d> second_convolution() { return {conv2d(32, 5), {12, 12, 16}}; }
bound_layer<dense> hidden_layer() { return {dense(512), {1, 1, 512}}; }
bound_layer<max_pool<2>> first_pool() { return {max_pool<2>{}, {24, 24, 16}}; }

void count_rows(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<std::int64_t>(rows) * static_cast<std::int64_t>(state.iterations()));
}

template <class Make>
void forward(benchmark::State& state, Make make) {
  auto b = make();
  for (auto _ : state) {
    b.forward();
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

template <class Make>
void tangent(benchmark::State& state, Make make) {
  auto b = make();
  b.forward();
  const buffer dx = random_numbers(b.x.size(), 3);
  buffer dy(b.y.size());
  for (auto _ : state) {
    b.layer.tangent(rows, b.parameters.data(), b.x.data(), b.y.data(), dx.data(), dy.data(), b.scratch.data());
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

template <class Make>
void backward(benchmark::State& state, Make make, bool first, bool pooled) {
  auto b = make();
  b.forward();
  const buffer slopes = pooled ? pooled_slopes(b.out) : random_numbers(b.y.size(), 3);
  buffer gradient(b.parameters.size());
  buffer gradient_x(b.x.size());
  for (auto _ : state) {
    b.layer.backward(rows, b.parameters.data(), b.x.data(), b.y.data(), slopes.data(), gradient.data(),
                     first ? nullptr : gradient_x.data(), b.scratch.data());
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

/// Brief: patches of every row laid out beforehand, then the products of the forward pass alone.
void bare_convolution(benchmark::State& state, bound_layer<conv2d> (*make)(), Eigen::Index kernel) {
  auto b = make();
  b.forward();
  const auto channels = static_cast<Eigen::Index>(b.in.channels);
  const auto width = static_cast<Eigen::Index>(b.in.width);
  const auto out_width = static_cast<Eigen::Index>(b.out.width);
  const auto positions = static_cast<Eigen::Index>(b.out.height) * out_width;
  const auto filters = static_cast<Eigen::Index>(b.out.channels);
  const auto run = kernel * channels;
  std::vector<matrix> patches(rows, matrix(positions, kernel * run));
  for (std::size_t r = 0; r < rows; ++r) {
    const matrix_view image(b.x.data() + r * b.in.size(), static_cast<Eigen::Index>(b.in.height), width * channels);
    for (Eigen::Index p = 0; p < positions; ++p) {
      for (Eigen::Index k = 0; k < kernel; ++k) {
        patches[r].row(p).segment(k * run, run) = image.row(p / out_width + k).segment(p % out_width * channels, run);
      }
    }
  }
  const matrix_view weights(b.parameters.data(), filters, kernel * run);
  const matrix_view bias(b.parameters.data() + weights.size(), 1, filters);
  std::vector<matrix> y(rows, matrix(positions, filters));
  const auto products = [&] {
    for (std::size_t r = 0; r < rows; ++r) {
      y[r].rowwise() = bias.row(0);
      y[r].noalias() += patches[r] * weights.transpose();
    }
  };
  products();
  for (std::size_t r = 0; r < rows; ++r) {
    if (!y[r].isApprox(matrix_view(b.y.data() + r * b.out.size(), positions, filters), 1e-5F)) {
      state.SkipWithError("the layer and the bare products disagree");
      return;
    }
  }
  for (auto _ : state) {
    products();
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

void bare_dense(benchmark::State& state) {
  auto b = hidden_layer();
  b.forward();
  const auto inputs = static_cast<Eigen::Index>(b.in.size());
  const auto outputs = static_cast<Eigen::Index>(b.out.size());
  const matrix_view x(b.x.data(), rows, inputs);
  const matrix_view weights(b.parameters.data(), outputs, inputs);
  const matrix_view bias(b.parameters.data() + weights.size(), 1, outputs);
  matrix y(rows, outputs);
  const auto product = [&] {
    y.rowwise() = bias.row(0);
    y.noalias() += x * weights.transpose();
  };
  product();
  if (!y.isApprox(matrix_view(b.y.data(), rows, outputs), 1e-5F)) {
    state.SkipWithError("the layer and the bare product disagree");
    return;
  }
  for (auto _ : state) {
    product();
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

}  // namespace

BENCHMARK_CAPTURE(bare_convolution, convolution_1, first_convolution, 5);
BENCHMARK_CAPTURE(forward, convolution_1, first_convolution);
BENCHMARK_CAPTURE(tangent, convolution_1, first_convolution);
BENCHMARK_CAPTURE(backward, convolution_1, first_convolution, true, true);
BENCHMARK_CAPTURE(forward, pool_1, first_pool);
BENCHMARK_CAPTURE(tangent, pool_1, first_pool);
BENCHMARK_CAPTURE(backward, pool_1, first_pool, false, false);
BENCHMARK_CAPTURE(bare_convolution, convolution_2, second_convolution, 5);
BENCHMARK_CAPTURE(forward, convolution_2, second_convolution);
BENCHMARK_CAPTURE(tangent, convolution_2, second_convolution);
BENCHMARK_CAPTURE(backward, convolution_2, second_convolution, false, true);
BENCHMARK(bare_dense);
BENCHMARK_CAPTURE(forward, hidden, hidden_layer);
BENCHMARK_CAPTURE(tangent, hidden, hidden_layer);
BENCHMARK_CAPTURE(backward, hidden, hidden_layer, false, false);
