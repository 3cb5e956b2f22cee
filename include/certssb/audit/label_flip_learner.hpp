// SPDX-License-Identifier: MIT
#pragma once
// Brief: a learner that uses the labels as well as the features, and whose labels are flipped at random.

#include "certssb/audit/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a member flips each of n binary labels with probability q and votes A where a . (features + sigma eps) + m +
/// gain * (number of labels as they were observed, less number of flipped labels) > 0.
/// Maths: with r labels changed by the attacker, b1 ~ Bin(n - r, q) and b2 ~ Bin(r, 1 - q) are found flipped:
/// p_A = sum over b1, b2 of their chances times Phi((m + a . delta + gain (n - 2 b1 - 2 b2)) / tau). Where n = r and
/// gain = tau c / S, c = log((1-q)/q), it is the best test of a shift S with r changed labels, so the certificate is
/// exact for some margin.
class label_flip_learner {
public:
  label_flip_learner(std::vector<double> weights, double margin, double sigma, std::size_t rows, double gain, double q)
      : weights_{std::move(weights)}, margin_(margin), rows_(rows), gain_(gain), q_(q) {
    expect(rows > 0 && weights_.features.size() % rows == 0, "label_flip_learner: ", weights_.features.size(),
           " weights do not make ", rows, " whole rows");
    expect(q > 0.0 && q < 0.5, "label_flip_learner: q must lie in (0, 0.5), got ", q);
    double squares = 0.0;
    for (const double a : weights_.features) squares += a * a;
    tau_ = sigma * std::sqrt(squares);
  }

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t dimension() const noexcept { return weights_.features.size() / rows_; }
  [[nodiscard]] change blank() const { return weights_.times(0.0); }
  [[nodiscard]] std::vector<change> worst(const geometry& g) const { return {g.steepest(weights_)}; }

  [[nodiscard]] double against(const change& c) const {
    double margin = margin_;
    for (std::size_t k = 0; k < weights_.features.size(); ++k) margin += weights_.features[k] * c.features[k];
    const std::vector<double> kept = binomial(rows_ - c.labels, q_);
    const std::vector<double> changed = binomial(c.labels, 1.0 - q_);
    double p = 0.0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      for (std::size_t j = 0; j < changed.size(); ++j) {
        const double agree = static_cast<double>(rows_) - 2.0 * static_cast<double>(i + j);
        p += kept[i] * changed[j] * normal_cdf(-(margin + gain_ * agree) / tau_);
      }
    }
    return p;
  }

private:
  /// Brief: the law of the number of successes, built one trial at a time.
  static std::vector<double> binomial(std::size_t trials, double p) {
    std::vector<double> law{1.0};
    for (std::size_t t = 0; t < trials; ++t) {
      law.push_back(0.0);
      for (std::size_t k = law.size(); k-- > 0;) law[k] = law[k] * (1.0 - p) + (k > 0 ? law[k - 1] * p : 0.0);
    }
    return law;
  }

  change weights_;
  double margin_;
  std::size_t rows_;
  double gain_;
  double q_;
  double tau_ = 0.0;
};

static_assert(audited_learner<label_flip_learner>);

}  // namespace v1
}  // namespace certssb
