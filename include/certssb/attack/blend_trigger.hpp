// SPDX-License-Identifier: MIT
#pragma once
// Brief: a faint random pattern over the whole input.

#include "certssb/attack/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random_normal.hpp"

#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: adds one fixed pattern of L2 norm delta, its direction drawn uniformly.
/// Maths: delta g / |g|, g ~ N(0, I) from stream (key, stage::trigger), the same for float and double.
/// Units: delta in those of the inputs, before clipping.
/// Reference: Cert-SSB and RAB, blending pattern.
class blend_trigger {
public:
  /// Throws: argument_error when delta is not finite or row_size = 0.
  blend_trigger(double delta, const random_key& key, std::size_t row_size) : pattern_(row_size) {
    expect(std::isfinite(delta), "blend_trigger: delta must be finite, got ", delta);
    expect(row_size > 0, "blend_trigger: row_size must be positive");
    fill_normal(key.at(stage::trigger), std::span(pattern_));
    const double length = std::sqrt(std::inner_product(pattern_.begin(), pattern_.end(), pattern_.begin(), 0.0));
    for (double& value : pattern_) value *= delta / length;
  }

  /// Throws: argument_error for a row of another size.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t>) const {
    expect(row.size() == pattern_.size(), "blend_trigger: expected a row of ", pattern_.size(), " scalars, got ",
           row.size());
    for (std::size_t i = 0; i < row.size(); ++i) row[i] += static_cast<Scalar>(pattern_[i]);
  }

private:
  std::vector<double> pattern_;
};

}  // namespace v1
}  // namespace certssb
