// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of sigma ascent.

#include "certssb/core/expect.hpp"

#include <cmath>
#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: the settings of the search for each sample's scale.
struct ascent_options {
  double initial = 0.5;    ///< scale of every sample before the first step, in [floor, ceiling]
  double floor = 0.5;      ///< smallest scale; the certified radius is then at least budget * floor
  double ceiling = 3.0;    ///< largest scale
  std::size_t steps = 10;  ///< 0 leaves every scale at `initial`
  std::size_t draws = 8;   ///< noise draws per step and sample; 64 or more for an accurate gradient
  double rate = 0.05;      ///< step in log sigma per unit of sigma * dR/dsigma
  double clamp = 0.02;     ///< probabilities are clamped to [clamp, 1 - clamp]

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(std::isfinite(floor) && floor > 0.0, "ascent: floor must be finite and positive, got ", floor);
    expect(std::isfinite(ceiling) && ceiling >= floor, "ascent: ceiling must be finite and at least the floor ", floor,
           ", got ", ceiling);
    expect(initial >= floor && initial <= ceiling, "ascent: initial scale must lie in [", floor, ", ", ceiling,
           "], got ", initial);
    expect(draws > 0, "ascent: needs at least 1 draw a step");
    expect(std::isfinite(rate) && rate > 0.0, "ascent: rate must be finite and positive, got ", rate);
    expect(clamp > 0.0 && clamp < 0.5, "ascent: clamp must lie in (0, 0.5), got ", clamp);
  }
};

}  // namespace v1
}  // namespace certssb
