// SPDX-License-Identifier: MIT
#pragma once
// Brief: sums over the r rows whose change is worst, sorted once for many values of r.

#include "certssb/core/expect.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: sums of the r largest of some positive weights, one per row: 1/sigma_i^2 for Gaussian noise, 1/lambda_i for
/// uniform noise.
/// Cost: sorts once, then each sum is a look-up.
/// Determinism: sums are rounded up.
class worst_rows {
public:
  explicit worst_rows(std::vector<double> weights) : sums_(std::move(weights)) {
    std::ranges::sort(sums_, std::greater<>{});
    double sum = 0.0;
    for (double& weight : sums_) weight = sum += weight;
  }

  [[nodiscard]] std::size_t size() const noexcept { return sums_.size(); }

  /// Throws: argument_error unless 1 <= r <= size().
  [[nodiscard]] double sum(std::size_t r) const {
    expect(r >= 1 && r <= sums_.size(), "poisoned rows must lie in [1, ", sums_.size(), "], got ", r);
    return sums_[r - 1] * (1.0 + (static_cast<double>(r) + 8.0) * 0x1p-53);
  }

private:
  std::vector<double> sums_;
};

}  // namespace v1
}  // namespace certssb
