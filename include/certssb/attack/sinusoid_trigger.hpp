// SPDX-License-Identifier: MIT
#pragma once
// Brief: a trigger of vertical stripes whose brightness is a sine of the column.

#include "certssb/attack/concept.hpp"
#include "certssb/attack/detail/row_extents.hpp"
#include "certssb/core/expect.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: adds a sine of the column, the same in every line and channel.
/// Maths: x + amplitude sin(2 pi j periods / width), j the column from 0.
/// Shapes: rows {channels, height, width}, {height, width} or {columns}, which are one line.
/// Units: amplitude in those of the inputs, before clipping.
/// Reference: Barni, Kallas and Tondi, A new backdoor attack in CNNs by training set corruption without label poisoning
/// (2019), SIG.
class sinusoid_trigger {
public:
  /// Throws: argument_error unless the amplitude is finite and periods > 0.
  explicit sinusoid_trigger(double amplitude, std::size_t periods = 6) : amplitude_(amplitude), periods_(periods) {
    expect(std::isfinite(amplitude), "sinusoid_trigger: the amplitude must be finite, got ", amplitude);
    expect(periods > 0, "sinusoid_trigger: needs at least 1 period");
  }

  /// Throws: argument_error for rows of another number of axes or size, or so wide that the sine is 0 in all columns.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> row, std::span<const std::size_t> row_shape) const {
    const detail::row_extents in = detail::extents_of("sinusoid_trigger", row_shape, row.size());
    expect(2 * periods_ % in.width != 0, "sinusoid_trigger: ", periods_, " periods across ", in.width,
           " columns are 0 in every column");
    for (std::size_t x = 0; x < in.width; ++x) {
      const double turns = static_cast<double>(x * periods_) / static_cast<double>(in.width);
      const auto amount = static_cast<Scalar>(amplitude_ * std::sin(2.0 * std::numbers::pi * turns));
      for (std::size_t line = 0; line < in.channels * in.height; ++line) row[line * in.width + x] += amount;
    }
  }

private:
  double amplitude_;
  std::size_t periods_;
};

static_assert(trigger<sinusoid_trigger, float> && trigger<sinusoid_trigger, double>);

}  // namespace v1
}  // namespace certssb
