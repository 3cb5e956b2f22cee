// SPDX-License-Identifier: MIT
#pragma once
// Brief: how many of the reports of independent parts may be false, at a total probability alpha.

#include "certssb/core/expect.hpp"

#include <boost/math/special_functions/beta.hpp>

#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: the smallest f such that more than f of the parts' reports are false with probability at most alpha, if each
/// is false with probability at most alpha_part, independently of the others.
/// Maths: P(Bin(k, alpha_part) > f) <= alpha, by the complemented tail I_{alpha_part}(f + 1, k - f). For k = 1 it is 0,
/// and alpha_part must be alpha.
/// Requires: alpha_part is chosen before the votes are seen.
/// Throws: argument_error for no parts, unless both lie in (0,1), and for one part whose alpha_part is not alpha.
/// Cost: about log2(k) incomplete beta functions.
/// Determinism: a margin of 5e-13 alpha covers the rounding error of the tail.
[[nodiscard]] inline std::size_t allowed_failures(std::size_t parts, double alpha_part, double alpha) {
  expect(parts > 0, "allowed_failures: needs at least 1 part");
  expect(alpha > 0.0 && alpha < 1.0, "allowed_failures: alpha must lie in (0,1), got ", alpha);
  expect(alpha_part > 0.0 && alpha_part < 1.0, "allowed_failures: alpha_part must lie in (0,1), got ", alpha_part);
  if (parts == 1) {
    expect(alpha_part == alpha, "allowed_failures: of one part, alpha_part must be alpha, ", alpha, ", got ",
           alpha_part);
    return 0;
  }
  const auto enough = [&](std::size_t f) {
    const auto more = static_cast<double>(f) + 1.0;
    const auto rest = static_cast<double>(parts - f);
    return boost::math::ibeta(more, rest, alpha_part) <= alpha * (1.0 - 5e-13);
  };
  std::size_t low = 0;
  std::size_t high = parts;  // more than all reports are never false
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (enough(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace v1
}  // namespace certssb
