// SPDX-License-Identifier: MIT
// Brief: the steps of the small network at its own sizes, each checked against the layers it stands for, which run
// beside it. items_per_second are rows a second of processor time; of_peak counts every product of the layer.

#include "certssb/core/random.hpp"
#include "certssb/model/detail/kernel/pooled_convolution.hpp"
#include "certssb/model/layer/conv2d.hpp"
#include "certssb/model/layer/dense.hpp"
#include "certssb/model/layer/max_pool.hpp"
#include "certssb/model/layer/relu.hpp"
#include "peak.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
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

bool close(const buffer& a, const buffer& b) {
  return std::ranges::equal(a, b, [](float x, float y) { return std::abs(x - y) < 1e-3F; });
}

/// Brief: what a pooled convolution computes, in two ways.
struct pooled {
  conv2d convolution;
  image_shape in;
  max_pool<2> pool{};
  relu rectifier{};
  image_shape middle = convolution.bind(in);
  image_shape out = rectifier.bind(pool.bind(middle));
  buffer parameters = random_numbers(convolution.parameter_count(), 1);
  buffer x = random_numbers(rows * in.size(), 2);
  buffer dx = random_numbers(rows * in.size(), 3);
  buffer slopes = random_numbers(rows * out.size(), 4);
  buffer y = buffer(rows * out.size());
  buffer dy = buffer(rows * out.size());
  buffer gradient = buffer(parameters.size());
  buffer gradient_x = buffer(x.size());
};

struct by_layers : pooled {
  buffer a = buffer(rows * middle.size()), da = a, ga = a;
  buffer b = buffer(rows * out.size()), db = b, gb = b;
  buffer scratch = buffer(std::max(convolution.scratch_size(), pool.scratch_size()));

  void forward() {
    const float* p = parameters.data();
    convolution.forward(rows, p, x.data(), a.data(), scratch.data());
    pool.forward(rows, p, a.data(), b.data(), scratch.data());
    rectifier.forward(rows, p, b.data(), y.data(), scratch.data());
  }

  void tangent() {
    const float* p = parameters.data();
    convolution.tangent(rows, p, x.data(), a.data(), dx.data(), da.data(), scratch.data());
    pool.tangent(rows, p, a.data(), b.data(), da.data(), db.data(), scratch.data());
    rectifier.tangent(rows, p, b.data(), y.data(), db.data(), dy.data(), scratch.data());
  }

  void backward(bool first) {
    const float* p = parameters.data();
    float* below = first ? nullptr : gradient_x.data();
    std::ranges::fill(gradient, 0.0F);
    rectifier.backward(rows, p, b.data(), y.data(), slopes.data(), gradient.data(), gb.data(), scratch.data());
    pool.backward(rows, p, a.data(), b.data(), gb.data(), gradient.data(), ga.data(), scratch.data());
    convolution.backward(rows, p, x.data(), a.data(), ga.data(), gradient.data(), below, scratch.data());
  }
};

struct fused : pooled {
  detail::pooled_convolution step = [this] {
    detail::pooled_convolution s(convolution);
    s.bind(in);
    return s;
  }();
  buffer scratch = buffer(step.scratch_size());
  std::vector<detail::window_code> codes = std::vector<detail::window_code>(rows * step.kept_size());
  std::vector<detail::active_output> outputs = std::vector<detail::active_output>(step.outputs_size());
  detail::working_memory<float> work{scratch.data(), outputs.data()};

  void forward() { step.forward(rows, p(), x.data(), y.data(), codes.data(), work); }
  void tangent() { step.tangent(rows, p(), x.data(), y.data(), codes.data(), dx.data(), dy.data(), work); }
  void backward(bool first) {
    std::ranges::fill(gradient, 0.0F);
    step.backward(rows, p(), x.data(), y.data(), codes.data(), slopes.data(), gradient.data(),
                  first ? nullptr : gradient_x.data(), work);
  }
  [[nodiscard]] const float* p() const { return parameters.data(); }
};

/// Brief: a convolution of the network, and whether it is the first, which passes no gradient on.
struct place {
  std::size_t filters;
  image_shape in;
  bool first;
  double operations;
};
constexpr place one{16, {28, 28, 1}, true, bench::convolution_1};
constexpr place two{32, {12, 12, 16}, false, bench::convolution_2};

template <class Way>
void forward(benchmark::State& state, const place& at) {
  Way way{{conv2d(at.filters, 5), at.in}};
  by_layers reference{{conv2d(at.filters, 5), at.in}};
  way.forward();
  reference.forward();
  if (!close(way.y, reference.y)) return state.SkipWithError("not what the layers compute");
  for (auto _ : state) {
    way.forward();
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, rows, at.operations);
}

template <class Way>
void tangent(benchmark::State& state, const place& at) {
  Way way{{conv2d(at.filters, 5), at.in}};
  by_layers reference{{conv2d(at.filters, 5), at.in}};
  way.forward();
  way.tangent();
  reference.forward();
  reference.tangent();
  if (!close(way.dy, reference.dy)) return state.SkipWithError("not what the layers compute");
  for (auto _ : state) {
    way.tangent();
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, rows, at.operations);
}

template <class Way>
void backward(benchmark::State& state, const place& at) {
  Way way{{conv2d(at.filters, 5), at.in}};
  by_layers reference{{conv2d(at.filters, 5), at.in}};
  way.forward();
  way.backward(at.first);
  reference.forward();
  reference.backward(at.first);
  if (!close(way.gradient, reference.gradient) || !close(way.gradient_x, reference.gradient_x)) {
    return state.SkipWithError("not what the layers compute");
  }
  for (auto _ : state) {
    way.backward(at.first);
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, rows, at.first ? at.operations : 2.0 * at.operations);
}

/// Brief: the hidden layer beside the bare product.
struct hidden_layer {
  dense layer{512};
  image_shape out = layer.bind({1, 1, 512});
  buffer parameters = random_numbers(layer.parameter_count(), 1);
  buffer x = random_numbers(rows * 512, 2);
  buffer y = buffer(rows * 512);
  matrix expected = matrix(rows, 512);

  void forward() {
    float* none = nullptr;
    layer.forward(rows, parameters.data(), x.data(), y.data(), none);
  }
  void product() {
    expected.rowwise() = matrix_view(parameters.data() + 512 * 512, 1, 512).row(0);
    expected.noalias() += matrix_view(x.data(), rows, 512) * matrix_view(parameters.data(), 512, 512).transpose();
  }
};

void dense_forward(benchmark::State& state) {
  hidden_layer h;
  h.forward();
  h.product();
  if (!h.expected.isApprox(matrix_view(h.y.data(), rows, 512), 1e-5F)) {
    return state.SkipWithError("the layer and the bare product disagree");
  }
  for (auto _ : state) {
    h.forward();
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, rows, bench::dense_1);
}

void dense_backward(benchmark::State& state) {
  hidden_layer h;
  const buffer slopes = random_numbers(rows * 512, 3);
  buffer gradient(h.parameters.size());
  buffer gradient_x(h.x.size());
  float* none = nullptr;
  for (auto _ : state) {
    h.layer.backward(rows, h.parameters.data(), h.x.data(), h.y.data(), slopes.data(), gradient.data(),
                     gradient_x.data(), none);
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, rows, 2.0 * bench::dense_1);
}

void bare_dense(benchmark::State& state) {
  hidden_layer h;
  for (auto _ : state) {
    h.product();
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, rows, bench::dense_1);
}

template <class Way>
bool enter(const std::string& way) {
  for (const auto& [name, at] : {std::pair{"convolution_1/", one}, std::pair{"convolution_2/", two}}) {
    const place here = at;
    benchmark::RegisterBenchmark(("forward/" + (name + way)).c_str(),
                                 [here](auto& state) { forward<Way>(state, here); });
    benchmark::RegisterBenchmark(("tangent/" + (name + way)).c_str(),
                                 [here](auto& state) { tangent<Way>(state, here); });
    benchmark::RegisterBenchmark(("backward/" + (name + way)).c_str(),
                                 [here](auto& state) { backward<Way>(state, here); });
  }
  return true;
}
[[maybe_unused]] const bool entered = enter<fused>("fused") && enter<by_layers>("by_layers");
BENCHMARK(dense_forward);
BENCHMARK(dense_backward);
BENCHMARK(bare_dense);

}  // namespace
