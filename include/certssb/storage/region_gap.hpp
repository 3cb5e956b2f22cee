// SPDX-License-Identifier: MIT
#pragma once
// Brief: how near the regions of different labels come to each other that storage-update is asked for.

#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/storage/detail/distance.hpp"
#include "certssb/storage/region.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the least distance between two regions of different labels; negative where they overlap.
/// Where it is not negative, storage-update keeps every region as asked.
/// Maths: min of |c_i - c_j| - r_i - r_j over pairs of different labels, both with a radius; none if there is no pair.
/// Shapes: centres [n, ...]; labels and radii [n].
/// Throws: argument_error if lengths disagree, and as region.
/// Cost: n^2/2 distances, most of them in part; memory for the centres.
/// Determinism: the same bits for any executor.
template <tensor Tensor, executor Executor = serial_executor>
[[nodiscard]] std::optional<double> region_gap(const Tensor& centres, std::span<const label_type> labels,
                                               std::span<const double> radii, const Executor& workers = {}) {
  using scalar = scalar_of<Tensor>;
  const std::size_t n = tensor_traits<Tensor>::rows(centres);
  expect(labels.size() == n && radii.size() == n, "region_gap: ", n, " centres but ", labels.size(), " labels and ",
         radii.size(), " radii");
  if (n == 0) return std::nullopt;
  const std::size_t d = tensor_traits<Tensor>::row_size(centres);
  std::vector<scalar> values(n * d);
  tensor_traits<Tensor>::read(centres, 0, values);
  const auto centre = [&](std::size_t i) { return std::span<const scalar>(values).subspan(i * d, d); };
  for (std::size_t i = 0; i < n; ++i) expect_region({labels[i], radii[i]});

  const detail::rough_distance<scalar> rough(d);
  std::atomic<double> least{std::numeric_limits<double>::infinity()};
  workers.for_each(n, [&](std::size_t i) {
    if (!(radii[i] > 0.0)) return;
    for (std::size_t j = 0; j < i; ++j) {
      if (labels[j] == labels[i] || !(radii[j] > 0.0)) continue;
      const double both = radii[i] + radii[j];
      double known = least;
      const double reach = known + both;  // only what is nearer says something new
      if (!(reach > 0.0)) continue;
      if (std::isfinite(reach)) {
        const scalar enough = rough.enough(reach * (1.0 + 1e-12));
        if (detail::rough_squared_distance(centre(i), centre(j), enough) > enough) continue;
      }
      const double gap = std::sqrt(detail::squared_distance(centre(i), centre(j))) - both;
      while (gap < known && !least.compare_exchange_weak(known, gap)) {
      }
    }
  });
  return std::isfinite(least) ? std::optional(least.load()) : std::nullopt;
}

}  // namespace v1
}  // namespace certssb
