// SPDX-License-Identifier: MIT
#pragma once
// Brief: bags of training rows, one for each member, drawn with replacement.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the positions of the rows of every member's bag, in the order in which they were drawn.
/// Shapes: result [members][bag].
/// Throws: argument_error for no rows or more than 2^32 - 1, and for bags of fewer than 2 rows.
/// Determinism: a function of rows, bag and stream (key, stage::parts) of the member.
/// Reference: Jia, Cao and Gong, Intrinsic certified robustness of bagging against data poisoning attacks (AAAI 2021).
[[nodiscard]] inline std::vector<std::vector<std::size_t>> draw_bags(std::size_t rows, std::size_t bag,
                                                                     std::size_t members, const random_key& key) {
  expect(rows > 0 && rows <= std::numeric_limits<std::uint32_t>::max(), "bags: expected 1 to 2^32 - 1 rows, got ",
         rows);
  expect(bag >= 2, "bag: expected at least 2 rows, got ", bag);
  std::vector<std::vector<std::size_t>> bags(members);
  for (std::size_t m = 0; m < members; ++m) {
    random_stream stream(key.for_model(static_cast<std::uint32_t>(m)).at(stage::parts));
    bags[m].resize(bag);
    for (std::size_t& position : bags[m]) position = stream.below(static_cast<std::uint32_t>(rows));
  }
  return bags;
}

}  // namespace v1
}  // namespace certssb
