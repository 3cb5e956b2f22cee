// SPDX-License-Identifier: MIT
#pragma once
// Brief: bagging: how many training rows may change when members are trained on rows drawn with replacement.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

namespace certssb {
inline namespace v1 {

/// Brief: members that are each trained on b rows, drawn independently with replacement from n rows.
/// Maths: r rows are changed, inserted or deleted, and n' rows are then there. The class of probability p_A stays while
/// (n'/n)^b - 2 ((n' - r)/n)^b + 1 - (p_A - p_B) < 0 for the worst n' in [n, n + r]. The left side grows in n' up to
/// x = r / (1 - 2^(-1/(b - 1))) and falls after it; for b = 1 that is r, and the condition is 2 r / n < p_A - p_B.
/// Determinism: conservative by the rounding error of the powers.
/// Reference: Jia, Cao and Gong, Intrinsic certified robustness of bagging against data poisoning attacks (AAAI 2021).
class bagging {
public:
  /// Throws: argument_error for no rows, and for bags of none.
  bagging(std::size_t rows, std::size_t bag) : rows_(static_cast<double>(rows)), bag_(static_cast<double>(bag)) {
    expect(rows > 0, "bagging: needs at least 1 row");
    expect(bag > 0, "bagging: a bag must hold at least 1 row");
    worst_ratio_ = 1.0 / -std::expm1(-std::log(2.0) / (bag_ - 1.0));
  }

  /// Brief: the most rows that may be changed, inserted or deleted; empty if nothing is certified (lower <= upper).
  /// Throws: argument_error unless both bounds lie in [0,1].
  [[nodiscard]] std::optional<std::size_t> survives(double lower, double upper) const {
    return largest(lower, upper, [&](double r) { return worst(r) < lower - upper; });
  }

  /// Brief: the most rows that may be changed in place, while none is inserted or deleted.
  /// Maths: (1 - r/n)^b > 1 - (p_A - p_B)/2.
  /// Throws: as survives.
  [[nodiscard]] std::optional<std::size_t> survives_changed(double lower, double upper) const {
    return largest(lower, upper, [&](double r) { return cost(rows_, r) < lower - upper; });
  }

private:
  /// Brief: (n'/n)^b - 2 ((n' - r)/n)^b + 1, rounded up.
  [[nodiscard]] double cost(double there, double r) const {
    const double all = std::pow(there / rows_, bag_);
    const double common = std::pow((there - r) / rows_, bag_);
    return all - 2.0 * common + 1.0 + (bag_ + 8.0) * 0x1p-51 * (all + 1.0);
  }

  [[nodiscard]] double worst(double r) const {
    const double x = r * worst_ratio_;
    if (x <= rows_) return cost(rows_, r);
    if (x >= rows_ + r) return cost(rows_ + r, r);
    // One more on each side, for the rounding of x.
    double most = 0.0;
    for (double there = std::floor(x) - 1.0; there <= std::ceil(x) + 1.0; there += 1.0) {
      most = std::max(most, cost(std::clamp(there, rows_, rows_ + r), r));
    }
    return most;
  }

  template <class Holds>
  [[nodiscard]] std::optional<std::size_t> largest(double lower, double upper, Holds holds) const {
    expect(lower >= 0.0 && lower <= 1.0 && upper >= 0.0 && upper <= 1.0, "bagging: bounds must lie in [0,1], got ",
           lower, " and ", upper);
    if (!holds(0.0)) return std::nullopt;
    double low = 0.0;
    double high = rows_;  // with no row left as it was, nothing is certified
    while (high - low > 1.0) {
      const double middle = std::floor(0.5 * (low + high));
      (holds(middle) ? low : high) = middle;
    }
    return static_cast<std::size_t>(low);
  }

  double rows_;
  double bag_;
  double worst_ratio_;  ///< x / r
};

}  // namespace v1
}  // namespace certssb
