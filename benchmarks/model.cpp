// SPDX-License-Identifier: MIT
// Brief: the small network and its training, one thread, beside plain Eigen, against which scores are checked.
// items_per_second are rows a second of processor time; of_peak counts every product of the layers, also those that the
// kernels know to be zero, so that it can pass 1.

#include "certssb/core/random.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/tensor/host_array.hpp"
#include "peak.hpp"
#include "pictures.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Core>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace certssb;

namespace {

using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using matrix_view = Eigen::Map<const matrix>;

constexpr std::size_t batch = 128;
constexpr std::size_t pixels = 784;
const std::vector<std::size_t> row_shape{1, 28, 28};

host_array<float> random_images(std::size_t count, std::uint32_t draw) {
  random_stream stream(random_key{1, stage::audit}.for_draw(draw));
  std::vector<float> values(count * pixels);
  for (float& value : values) value = static_cast<float>(stream.uniform());
  return {std::move(values), pixels};
}

std::vector<label_type> alternating_labels(std::size_t count) {
  std::vector<label_type> labels(count);
  for (std::size_t i = 0; i < count; ++i) labels[i] = static_cast<label_type>(i % 2);
  return labels;
}

small_cnn<float> initialised_network() {
  auto network = make_small_cnn<float>(row_shape, 2);
  network.initialise(random_key{1});
  return network;
}

/// Brief: rectified, pooled convolution of one image, channels last, as one would write it down with Eigen.
matrix plain_convolution(const matrix& image, Eigen::Index width, const float* parameters, Eigen::Index filters) {
  const Eigen::Index channels = image.size() / (width * width);
  const Eigen::Index run = 5 * channels;
  const Eigen::Index side = width - 4;
  matrix patches(side * side, 5 * run);
  for (Eigen::Index p = 0; p < side * side; ++p) {
    for (Eigen::Index k = 0; k < 5; ++k) {
      patches.row(p).segment(k * run, run) =
          Eigen::Map<const Eigen::RowVectorXf>(image.data() + ((p / side + k) * width + p % side) * channels, run);
    }
  }
  const matrix_view weights(parameters, filters, 5 * run);
  matrix y = patches * weights.transpose();
  y.rowwise() += Eigen::Map<const Eigen::RowVectorXf>(parameters + weights.size(), filters);
  matrix pooled(side / 2 * (side / 2), filters);
  for (Eigen::Index p = 0; p < pooled.rows(); ++p) {
    const Eigen::Index corner = p / (side / 2) * 2 * side + p % (side / 2) * 2;
    pooled.row(p) = y.row(corner)
                        .cwiseMax(y.row(corner + 1))
                        .cwiseMax(y.row(corner + side))
                        .cwiseMax(y.row(corner + side + 1))
                        .cwiseMax(0.0F);
  }
  return pooled;
}

/// Brief: the network's scores by plain Eigen, image by image up to the dense layers.
std::vector<float> plain_scores(const host_array<float>& x, const float* parameters) {
  const float* second = parameters + 16 * 26;
  const float* third = second + 32 * 401;
  const float* fourth = third + 512 * 513;
  const auto rows = static_cast<Eigen::Index>(x.values.size() / pixels);
  matrix features(rows, 512);
  for (Eigen::Index r = 0; r < rows; ++r) {
    const matrix image = matrix_view(x.values.data() + static_cast<std::size_t>(r) * pixels, 1, pixels);
    const matrix pooled = plain_convolution(plain_convolution(image, 28, parameters, 16), 12, second, 32);
    features.row(r) = Eigen::Map<const Eigen::RowVectorXf>(pooled.data(), 512);
  }
  matrix hidden = features * matrix_view(third, 512, 512).transpose();
  hidden.rowwise() += Eigen::Map<const Eigen::RowVectorXf>(third + 512 * 512, 512);
  hidden = hidden.cwiseMax(0.0F);
  matrix logits = hidden * matrix_view(fourth, 2, 512).transpose();
  logits.rowwise() += Eigen::Map<const Eigen::RowVectorXf>(fourth + 2 * 512, 2);
  std::vector<float> scores;
  for (Eigen::Index r = 0; r < rows; ++r) {
    const Eigen::RowVectorXf exponents = (logits.row(r).array() - logits.row(r).maxCoeff()).exp();
    for (const float exponent : {exponents[0], exponents[1]}) scores.push_back(exponent / exponents.sum());
  }
  return scores;
}

/// Brief: whether the network and plain Eigen agree on `x`.
bool agree(small_cnn<float>& network, const host_array<float>& x) {
  std::vector<float> out(x.values.size() / pixels * 2);
  network.scores(x, out);
  const auto expected = plain_scores(x, network.parameters().data());
  return std::ranges::equal(out, expected, [](float a, float b) { return std::abs(a - b) < 1e-5F; });
}

void network_scores(benchmark::State& state) {
  auto network = initialised_network();
  const auto x = random_images(batch, 1);
  if (!agree(network, x)) return state.SkipWithError("the network and plain Eigen disagree");
  std::vector<float> out(batch * 2);
  for (auto _ : state) {
    network.scores(x, out);
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, batch, bench::forward_operations);
}
BENCHMARK(network_scores);

void plain_eigen_scores(benchmark::State& state) {
  auto network = initialised_network();
  const auto x = random_images(batch, 1);
  for (auto _ : state) benchmark::DoNotOptimize(plain_scores(x, network.parameters().data()));
  bench::count_rows(state, batch, bench::forward_operations);
}
BENCHMARK(plain_eigen_scores);

/// Brief: the derivative along directions, checked against differences of scores, and its cost in forward passes.
void network_directional_scores(benchmark::State& state) {
  auto network = initialised_network();
  const auto x = random_images(batch, 1);
  const auto direction = random_images(batch, 2);
  std::vector<float> out(batch * 2);
  std::vector<float> slopes(batch * 2);
  network.directional_scores(x, direction, out, slopes);
  auto further = x;
  constexpr float step = 1e-2F;
  for (std::size_t i = 0; i < x.values.size(); ++i) further.values[i] += step * direction.values[i];
  std::vector<float> there(batch * 2);
  network.scores(further, there);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (std::abs((there[i] - out[i]) / step - slopes[i]) > 1e-2F) {
      return state.SkipWithError("slopes are not those of differences");
    }
  }
  using clock = std::chrono::steady_clock;
  std::chrono::duration<double> along{};
  std::chrono::duration<double> forward{};
  for (auto _ : state) {
    const auto start = clock::now();
    network.scores(x, there);
    const auto middle = clock::now();
    network.directional_scores(x, direction, out, slopes);
    along += clock::now() - middle;
    forward += middle - start;
    benchmark::ClobberMemory();
    state.SetIterationTime(std::chrono::duration<double>(clock::now() - middle).count());
  }
  bench::count_rows(state, batch);
  state.counters["forward_passes"] = along / forward;
}
BENCHMARK(network_directional_scores)->UseManualTime();

void network_loss_and_gradient(benchmark::State& state) {
  auto network = initialised_network();
  const auto x = random_images(batch, 1);
  const auto labels = alternating_labels(batch);
  for (auto _ : state) benchmark::DoNotOptimize(network.loss_and_gradient(x, labels));
  bench::count_rows(state, batch, bench::training_operations);
}
BENCHMARK(network_loss_and_gradient);

void adam_step(benchmark::State& state) {
  adam<float> optimiser;
  std::vector<float> parameters(276930, 0.5F);
  const std::vector<float> gradient(parameters.size(), 0.25F);
  for (auto _ : state) {
    optimiser.step(parameters, gradient, 1e-3);
    benchmark::ClobberMemory();
  }
  bench::count_rows(state, batch);
}
BENCHMARK(adam_step);

/// Brief: one model, one thread: the whole of training but the noise. What it has learnt is checked too.
void network_fit(benchmark::State& state) {
  const auto data = bench::make_pictures(30 * batch);
  auto fitted = cnn_learner<float>({.epochs = 1}).fit(data, random_key{1});
  if (!agree(fitted, data.inputs())) return state.SkipWithError("the network and plain Eigen disagree");
  const auto learner = cnn_learner<float>({.epochs = 2});
  for (auto _ : state) benchmark::DoNotOptimize(learner.fit(data, random_key{1}).parameters().data());
  bench::count_rows(state, 2 * data.size(), bench::training_operations);
}
BENCHMARK(network_fit)->Unit(benchmark::kMillisecond);

}  // namespace
