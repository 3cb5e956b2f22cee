// SPDX-License-Identifier: MIT
#pragma once
// Brief: how much a shift of the training features and r changed labels together can lower p_A, if every member flips
// each binary label with probability q.

#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the smallest possible p_A after the change, by the Neyman-Pearson lemma, and the shift that brings it to 1/2.
/// Maths: c = log((1-q)/q). In the observed world log(P/Q) = S^2/2 + S Z + c(r - 2b), b ~ Bin(r,q); in the changed one
/// -S^2/2 + S Z + c(r - 2b), b ~ Bin(r,1-q). With t such that sum_b Bin(b;r,q) Phi((S^2/2 + c(r-2b) - t)/S) = p_A, the
/// least p_A is sum_b Bin(b;r,1-q) Phi((-S^2/2 + c(r-2b) - t)/S). At S = 0 atoms are taken in order, the last in part.
/// Cost: r cdfs per step of a bisection.
/// Determinism: rounded down.
/// Reference: Rosenfeld et al. (ICML 2020) for S = 0.
class label_flips {
public:
  /// Brief: for `changed` labels that differ between the two worlds, and flip probability q.
  /// Throws: argument_error unless q lies in [0, 1/2).
  label_flips(double probability, std::uint32_t changed) : q_(probability), r_(changed) {
    expect(q_ >= 0.0 && q_ < 0.5, "label_flips: the flip probability must lie in [0, 0.5), got ", q_);
    const boost::math::binomial_distribution<> law(r_, q_);
    const double c = q_ > 0.0 ? std::log1p(-q_) - std::log(q_) : 0.0;
    for (std::uint32_t b = 0; b <= r_; ++b) {
      here_.push_back(boost::math::pdf(law, b));
      ratio_.push_back(c * (static_cast<double>(r_) - 2.0 * b));
    }
  }

  [[nodiscard]] double probability() const noexcept { return q_; }
  [[nodiscard]] std::uint32_t changed() const noexcept { return r_; }

  /// Brief: the least p_A after a shift of S noise scales and r changed labels.
  /// Throws: argument_error unless p_A lies in [0,1] and S is finite and >= 0.
  [[nodiscard]] double worst(double p_a, double shift) const {
    expect(p_a >= 0.0 && p_a <= 1.0, "label_flips: p_A must lie in [0,1], got ", p_a);
    expect(std::isfinite(shift) && shift >= 0.0, "label_flips: the shift must be finite and >= 0, got ", shift);
    if (r_ > 0 && q_ == 0.0) return 0.0;
    if (r_ == 0) return rounded_down(normal_cdf(normal_quantile(p_a) - shift));
    if (shift < smallest_shift) return shift == 0.0 ? worst_unshifted(p_a) : worst(p_a, smallest_shift);
    // The set {log ratio > t} keeps mass p_A in the observed world; a t too large makes it, and the answer, smaller.
    double low = -ratio_.front() - 40.0 * shift - shift * shift;
    double high = ratio_.front() + 40.0 * shift + shift * shift;
    while (true) {
      const double t = low + 0.5 * (high - low);
      if (t <= low || t >= high) break;
      (mass(true, 0.5 * shift * shift, t, shift) > p_a ? low : high) = t;
    }
    return rounded_down(mass(false, -0.5 * shift * shift, high, shift));
  }

  /// Brief: the largest shift (in noise scales) after which p_A still exceeds 1/2; 0 if the changed labels alone bring
  /// p_A to 1/2.
  [[nodiscard]] double largest_shift(double p_a) const {
    double low = 0.0;
    double high = std::max(0.0, normal_quantile(std::min(p_a, 1.0 - 0x1p-53)));
    for (int step = 0; step < 60 && high - low > 1e-12 * high; ++step) {
      const double middle = 0.5 * (low + high);
      (worst(p_a, middle) > 0.5 ? low : high) = middle;
    }
    return low;
  }

private:
  static constexpr double smallest_shift = 1e-6;

  static double rounded_down(double probability) { return std::max(0.0, probability - 1e-12); }

  /// Brief: of {log ratio > t}, in the world where b has these weights and S Z + `mean` is its Gaussian part.
  [[nodiscard]] double mass(bool observed, double mean, double t, double shift) const {
    double sum = 0.0;
    for (std::size_t b = 0; b < here_.size(); ++b) {
      sum += (observed ? here_[b] : here_[r_ - b]) * normal_cdf((mean + ratio_[b] - t) / shift);
    }
    return sum;
  }

  [[nodiscard]] double worst_unshifted(double p_a) const {
    double left = p_a;
    double there = 0.0;
    for (std::size_t b = 0; b < here_.size() && left > 0.0; ++b) {
      if (here_[b] >= left) {
        there += here_[r_ - b] * (left / here_[b]);
        break;
      }
      left -= here_[b];
      there += here_[r_ - b];
    }
    return rounded_down(there);
  }

  double q_;
  std::uint32_t r_;
  std::vector<double> here_;   ///< Bin(b; r, q); reversed, Bin(b; r, 1-q)
  std::vector<double> ratio_;  ///< c(r - 2b), falling
};

}  // namespace v1
}  // namespace certssb
