// SPDX-License-Identifier: MIT
#pragma once
// Brief: a learner that uses the labels as well as the features, and whose labels are flipped at random.

#include "certssb/audit/concept.hpp"
#include "certssb/audit/half_space_learner.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a half space whose members flip each of n binary labels with probability q and vote A where its noisy margin +
/// gain * (number of labels as they were observed, less number of flipped labels) > 0.
/// Maths: with r labels changed by the attacker, b1 ~ Bin(n - r, q) and b2 ~ Bin(r, 1 - q) are found flipped:
/// p_A = sum over b1, b2 of their chances times Phi((m(delta) + gain (n - 2 b1 - 2 b2)) / tau). Where n = r and
/// gain = tau c / S, c = log((1-q)/q), it is the best test of a shift S with r changed labels, so the certificate is
/// exact for some margin.
class label_flip_learner {
public:
  /// Throws: argument_error unless q lies in (0, 0.5).
  label_flip_learner(half_space_learner features, double gain, double q)
      : features_(std::move(features)), gain_(gain), q_(q) {
    expect(q > 0.0 && q < 0.5, "label_flip_learner: q must lie in (0, 0.5), got ", q);
  }

  [[nodiscard]] std::size_t rows() const noexcept { return features_.rows(); }
  [[nodiscard]] std::size_t dimension() const noexcept { return features_.dimension(); }
  [[nodiscard]] change blank() const { return features_.blank(); }
  [[nodiscard]] std::vector<change> worst(const geometry& g) const { return features_.worst(g); }
  [[nodiscard]] change worst_patterns(std::size_t r) const { return features_.worst_patterns(r); }

  [[nodiscard]] double against(const change& c) const {
    const double margin = features_.margin(c);
    const std::vector<double> kept = binomial(rows() - c.labels, q_);
    const std::vector<double> changed = binomial(c.labels, 1.0 - q_);
    double p = 0.0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      for (std::size_t j = 0; j < changed.size(); ++j) {
        const double agree = static_cast<double>(rows()) - 2.0 * static_cast<double>(i + j);
        p += kept[i] * changed[j] * normal_cdf(-(margin + gain_ * agree) / features_.spread());
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

  half_space_learner features_;
  double gain_;
  double q_;
};

static_assert(audited_learner<label_flip_learner>);

}  // namespace v1
}  // namespace certssb
