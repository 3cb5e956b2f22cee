// SPDX-License-Identifier: MIT
#pragma once
// Brief: how much an attack changed inputs, measured on the data.

#include "certssb/core/expect.hpp"
#include "certssb/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the largest changes in two norms, perhaps of different inputs.
/// Units: those of the inputs.
struct largest_norms {
  double l2 = 0.0;
  double l1 = 0.0;
};

/// Brief: the largest L2 and L1 distances between a triggered input and the clean input with the same id: a certificate
/// must cover it if the attacker also changes the test input.
/// Throws: argument_error for rows of different sizes, or a triggered input whose id no clean input has.
/// Cost: reads each triggered input and its clean one once.
template <tensor Tensor>
[[nodiscard]] largest_norms largest_changes(const dataset<Tensor>& clean, const dataset<Tensor>& triggered) {
  using traits = tensor_traits<Tensor>;
  expect(clean.row_size() == triggered.row_size(), "largest_change: clean rows have ", clean.row_size(),
         " scalars, triggered ones ", triggered.row_size());
  std::unordered_map<std::uint32_t, std::size_t> position_of;
  for (std::size_t i = 0; i < clean.size(); ++i) position_of.emplace(clean.ids()[i], i);
  std::vector<scalar_of<Tensor>> before(clean.row_size());
  std::vector<scalar_of<Tensor>> after(clean.row_size());
  largest_norms largest;
  for (std::size_t i = 0; i < triggered.size(); ++i) {
    const auto found = position_of.find(triggered.ids()[i]);
    expect(found != position_of.end(), "largest_change: no clean input has id ", triggered.ids()[i]);
    traits::read(clean.inputs(), found->second, before);
    traits::read(triggered.inputs(), i, after);
    double square = 0.0;
    double sum = 0.0;
    for (std::size_t c = 0; c < before.size(); ++c) {
      const double change = static_cast<double>(after[c]) - static_cast<double>(before[c]);
      square += change * change;
      sum += std::abs(change);
    }
    largest = {std::max(largest.l2, std::sqrt(square)), std::max(largest.l1, sum)};
  }
  return largest;
}

/// Brief: the largest L2 distance alone.
template <tensor Tensor>
[[nodiscard]] double largest_change(const dataset<Tensor>& clean, const dataset<Tensor>& triggered) {
  return largest_changes(clean, triggered).l2;
}

}  // namespace v1
}  // namespace certssb
