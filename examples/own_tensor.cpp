// SPDX-License-Identifier: MIT
// Your own tensor: five members if its scalars are contiguous on the host. A tensor on another device has write, read,
// gather and add_scaled in place of data (tensor/concept.hpp), and needs its own model.
#include "certssb/data/dataset.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/tensor/contiguous.hpp"

#include <cstdio>
#include <memory>

namespace mine {

struct plane {
  std::size_t height = 0;
  std::size_t width = 0;
  std::shared_ptr<float[]> cells;
};

}  // namespace mine

// ---- required members ---------------------------------------------------------------------------

template <>
struct certssb::tensor_traits<mine::plane> : certssb::contiguous_tensor_traits<mine::plane, float> {
  static std::size_t rows(const mine::plane& t) { return t.height; }
  static std::size_t row_size(const mine::plane& t) { return t.width; }
  static mine::plane make(std::size_t rows, const mine::plane& like) {
    return {rows, like.width, std::shared_ptr<float[]>(new float[rows * like.width])};
  }
  static float* data(mine::plane& t) { return t.cells.get(); }
  static const float* data(const mine::plane& t) { return t.cells.get(); }
};

static_assert(certssb::host_tensor<mine::plane>);

// ---- the result, checked ------------------------------------------------------------------------

int main() {
  using namespace certssb;
  // Label 1 if the first cell is the brighter one.
  const std::size_t n = 200;
  mine::plane inputs = tensor_traits<mine::plane>::make(n, {0, 2, nullptr});
  std::vector<label_type> labels(n);
  random_stream stream(random_key{3, stage::synthetic});
  for (std::size_t i = 0; i < n; ++i) {
    const float pair[] = {static_cast<float>(stream.uniform()), static_cast<float>(stream.uniform())};
    tensor_traits<mine::plane>::write(inputs, i, pair);
    labels[i] = pair[0] > pair[1] ? 1 : 0;
  }
  const dataset<mine::plane> rows(std::move(inputs), std::move(labels), 2, {2});

  const auto method = logistic_learner<float>({.epochs = 30, .batch = 16, .learning_rate = 0.05});
  const gaussian_noise noise;
  const serial_executor run;
  silent_observer silent;
  const defence_context context{method, noise, run, silent, random_key{4}};
  const auto result = run_uniform(context, rows, {rows}, {.sigma = 0.05, .models = 20});
  std::size_t right = 0;
  for (std::size_t i = 0; i < n; ++i) {
    right += result.ballots[0].votes[i].top() == static_cast<std::size_t>(rows.labels()[i]) ? 1U : 0U;
  }
  std::printf("more than 9 in 10 right: %s\n", 10 * right > 9 * n ? "yes" : "no");
}
