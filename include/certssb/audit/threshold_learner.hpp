// SPDX-License-Identifier: MIT
#pragma once
// Brief: one-dimensional thresholds under Gaussian, uniform or Laplace noise.

#include "certssb/audit/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/noise/scales.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the laws of one noise entry of scale 1, each symmetric about 0.
struct gaussian_law {
  [[nodiscard]] static double cdf(double z) { return normal_cdf(z); }
};
struct uniform_law {
  [[nodiscard]] static double cdf(double z) { return std::clamp(0.5 * (1.0 + z), 0.0, 1.0); }
};
struct laplace_law {
  [[nodiscard]] static double cdf(double z) { return z < 0.0 ? 0.5 * std::exp(z) : 1.0 - 0.5 * std::exp(-z); }
};

/// Brief: the rows of the other class lie on a line below the test input. A member sets its threshold at the highest of
/// its noisy rows, and votes A if the test input lies above it.
/// Maths: p_A = prod_i F(m_i / s_i), m_i the distance of row i below the test input. With one row the smallest change
/// that flips the label is m_0, for which the certificates of all three noises are exact.
template <class Law>
class threshold_learner {
public:
  /// Throws: argument_error unless there is one margin per scale.
  threshold_learner(std::vector<double> margins, noise_scales scales)
      : margins_(std::move(margins)), scales_(std::move(scales)) {
    expect(margins_.size() == scales_.size(), "threshold_learner: ", margins_.size(), " margins but ", scales_.size(),
           " scales");
  }

  [[nodiscard]] std::size_t rows() const noexcept { return scales_.size(); }
  [[nodiscard]] static constexpr std::size_t dimension() noexcept { return 1; }
  [[nodiscard]] change blank() const { return {std::vector<double>(rows())}; }

  [[nodiscard]] double against(const change& c) const {
    double log_p = 0.0;
    for (std::size_t i = 0; i < rows(); ++i) log_p += std::log1p(-Law::cdf((c.features[i] - margins_[i]) / scales_[i]));
    return -std::expm1(log_p);
  }

  [[nodiscard]] std::vector<change> worst(const geometry& g) const {
    std::vector<change> axes(rows(), blank());
    for (std::size_t i = 0; i < rows(); ++i) axes[i].features[i] = 1.0;
    double limit = 0.0;
    for (std::size_t i = 0; i < rows(); ++i) limit = std::max(limit, 2.0 * margins_[i] / g.row_scales[i]);
    std::vector<change> tried = detail::descend(*this, g, axes, limit);
    for (const change& axis : axes) tried.push_back(g.unit(axis));
    return tried;
  }

private:
  std::vector<double> margins_;
  noise_scales scales_;
};

static_assert(audited_learner<threshold_learner<gaussian_law>>);

}  // namespace v1
}  // namespace certssb
