// SPDX-License-Identifier: MIT
// Expect first: certssb: your trigger has no const apply(span<scalar> row, span<const size_t> row_shape)
// A trigger for doubles does not fit a data set of floats.
#include "certssb/attack/label_map.hpp"
#include "certssb/attack/poison.hpp"
#include "certssb/tensor/host_array.hpp"

#include <span>

#ifdef CERTSSB_CONTROL
using scalar = float;
#else
using scalar = double;
#endif

struct brighter {
  static void apply(std::span<scalar> row, std::span<const std::size_t>) {
    for (scalar& value : row) value += 1;
  }
};

void call(const certssb::dataset<certssb::host_array<float>>& rows);
void call(const certssb::dataset<certssb::host_array<float>>& rows) {
  (void)certssb::poison(rows, brighter{}, certssb::all_to_one{0}, 0.1, {});
}
