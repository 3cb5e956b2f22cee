// SPDX-License-Identifier: MIT
#pragma once
// Brief: bagging: how many training rows may change when members are trained on rows drawn with replacement.

#include "certssb/core/expect.hpp"

#include <cmath>
#include <cstddef>
#include <optional>

namespace certssb {
inline namespace v1 {

/// Brief: members that are each trained on b rows, drawn independently with replacement from n rows.
/// Maths: r rows are changed, inserted or deleted, and n' rows are then there. The class of probability p_A stays while
/// (n'/n)^b - 2 ((n' - r)/n)^b + 1 < p_A - p_B for every n' in [n, n + r]. The left side falls in n' from
/// x = r / (1 - 2^(-1/(b - 1))) on. At n' = n the condition is 2 - 2 (1 - r/n)^b < p_A - p_B <= 1, so (1 - r/n)^(b - 1)
/// exceeds 1/2 where it holds, which is x < n: n' = n is then the worst, and rows inserted cost no more than rows changed.
/// Determinism: conservative by the rounding error of the power.
/// Reference: Jia, Cao and Gong, Intrinsic certified robustness of bagging against data poisoning attacks (AAAI 2021).
class bagging {
public:
  /// Throws: argument_error for no rows, and for bags of none.
  bagging(std::size_t rows, std::size_t bag) : rows_(static_cast<double>(rows)), bag_(static_cast<double>(bag)) {
    expect(rows > 0, "bagging: needs at least 1 row");
    expect(bag > 0, "bagging: a bag must hold at least 1 row");
  }

  /// Brief: the most rows that may be changed, inserted or deleted; empty if nothing is certified (lower <= upper).
  /// Throws: argument_error unless both bounds lie in [0,1].
  [[nodiscard]] std::optional<std::size_t> survives(double lower, double upper) const {
    expect(lower >= 0.0 && lower <= 1.0 && upper >= 0.0 && upper <= 1.0, "bagging: bounds must lie in [0,1], got ",
           lower, " and ", upper);
    const double gap = lower - upper;
    if (!(cost(0.0) < gap)) return std::nullopt;
    double low = 0.0;
    double high = rows_;  // with no row left as it was, nothing is certified
    while (high - low > 1.0) {
      const double middle = std::floor(0.5 * (low + high));
      (cost(middle) < gap ? low : high) = middle;
    }
    return static_cast<std::size_t>(low);
  }

private:
  /// Brief: 2 - 2 (1 - r/n)^b, rounded up.
  [[nodiscard]] double cost(double r) const {
    return 2.0 - 2.0 * std::pow((rows_ - r) / rows_, bag_) + (bag_ + 8.0) * 0x1p-50;
  }

  double rows_;
  double bag_;
};

}  // namespace v1
}  // namespace certssb
