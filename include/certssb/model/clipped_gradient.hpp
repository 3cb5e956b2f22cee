// SPDX-License-Identifier: MIT
#pragma once
// Brief: gradients of single rows, clipped and with noise: the step of differentially private training (DP-SGD).

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/random.hpp"
#include "certssb/core/random_normal.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how the gradient of a training step is bounded and blurred. It adds nothing to a certified radius.
struct dp_options {
  double clip = 0.0;   ///< the largest L2 norm of one row's gradient; 0: plain steps
  double noise = 0.0;  ///< standard deviation of the noise on the sum of gradients, in units of clip

  [[nodiscard]] bool active() const noexcept { return clip > 0.0; }

  /// Throws: argument_error naming the first option outside its range.
  void validate() const {
    expect(std::isfinite(clip) && clip >= 0.0, "dp_clip: expected a finite number of at least 0, got ", clip);
    expect(std::isfinite(noise) && noise >= 0.0, "dp_noise: expected a finite number of at least 0, got ", noise);
    expect(noise == 0.0 || active(), "dp_noise: noise wants gradients of bounded length: expected dp_clip above 0");
  }
};

/// Brief: the gradient of a batch, of which no row has more than a bounded part.
/// Maths: (1/n) (sum_i g_i min(1, clip / |g_i|) + noise * clip * xi), g_i the gradient of row i's loss in the parameters,
/// xi standard normal. A row whose gradient is not finite adds nothing.
/// Cost: one pass per row instead of one per batch, and twice the parameters in doubles.
/// Determinism: xi is drawn from the key; sums are doubles, in the order of the rows.
/// Reference: Abadi et al., Deep learning with differential privacy (CCS 2016); RAB, its smooth and stable training.
template <std::floating_point Scalar>
class clipped_gradient {
public:
  /// Throws: argument_error for options outside their ranges.
  explicit clipped_gradient(const dp_options& options) : options_(options) { options_.validate(); }

  /// Brief: the gradient of the batch, valid until the next call.
  /// Shapes: labels [n], n the rows of inputs; result as the model's parameters.
  /// Throws: argument_error for no rows, or a clip of 0; whatever the model throws.
  template <tensor Tensor, trainable<Tensor> Model>
  [[nodiscard]] std::span<const Scalar> of(Model& model, const Tensor& inputs, std::span<const label_type> labels,
                                           const random_key& key) {
    expect(!labels.empty() && options_.active(), "clipped_gradient: needs rows, and a clip above 0");
    const std::size_t size = model.parameters().size();
    sum_.assign(size, 0.0);
    Tensor row = tensor_traits<Tensor>::make(1, inputs);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      tensor_traits<Tensor>::gather(inputs, std::span<const std::size_t>(&i, 1), row);
      model.loss_and_gradient(row, labels.subspan(i, 1));
      add(model.gradient());
    }
    if (options_.noise > 0.0) {
      noise_.resize(size);
      fill_normal(key, std::span(noise_));
      for (std::size_t p = 0; p < size; ++p) sum_[p] += options_.noise * options_.clip * noise_[p];
    }
    mean_.resize(size);
    const auto n = static_cast<double>(labels.size());
    std::ranges::transform(sum_, mean_.begin(), [n](double value) { return static_cast<Scalar>(value / n); });
    return mean_;
  }

private:
  void add(std::span<const Scalar> gradient) {
    double square = 0.0;
    for (const Scalar value : gradient) square += static_cast<double>(value) * static_cast<double>(value);
    if (!std::isfinite(square)) return;
    const double keep = square > options_.clip * options_.clip ? options_.clip / std::sqrt(square) : 1.0;
    for (std::size_t p = 0; p < gradient.size(); ++p) sum_[p] += keep * static_cast<double>(gradient[p]);
  }

  dp_options options_;
  std::vector<double> sum_;
  std::vector<double> noise_;
  std::vector<Scalar> mean_;
};

}  // namespace v1
}  // namespace certssb
