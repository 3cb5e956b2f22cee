// SPDX-License-Identifier: MIT
#pragma once
// Brief: another way to find the noise scale of a sample: the best scale of a grid, with the same noise for every
// scale.

#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/sigma/concept.hpp"
#include "certssb/sigma/options.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the number of scales in the grid. Pass it instead of a gradient estimator.
struct grid_search {
  static constexpr const char* name = "grid";
  static constexpr bool searches_scales = true;
  std::size_t points = 16;  ///< scales from floor to ceiling in equal ratios, at least 2

  /// Throws: argument_error for fewer than 2 points.
  void validate() const { expect(points >= 2, "grid_search: needs at least 2 points, got ", points); }
};

/// Brief: what finds scales: a gradient estimator, by ascent, or a grid.
template <class Search>
concept scale_search = gradient_estimator<Search> || requires {
  requires Search::searches_scales;
};

/// Brief: for every sample, the scale of the grid at which its proxy radius is largest; the smallest of these if
/// several are equal.
/// Maths: all scales share the draws eps_j of a sample, so that differences between their radii do not come from the
/// noise. A sample whose anchor leads at no scale gets the floor. The options `initial`, `steps` and `rate` are not
/// used.
/// Shapes: anchors [N]; trace [points]: a grid scale, and the mean radius over all samples there.
/// Throws: as the ascent.
/// Cost: points * draws forward passes per sample, no derivative: a global search that takes about as long as the
/// ascent.
/// Determinism: as the ascent.
template <row_source Rows, classifier<typename Rows::tensor_type> Base,
          noise_distribution<scalar_of<typename Rows::tensor_type>> Noise, executor Executor, observer Observer>
[[nodiscard]] ascent_result ascend(const grid_search& grid, const Base& base, const Rows& rows,
                                   std::span<const label_type> anchors, const ascent_options& options,
                                   const Noise& noise, const random_key& key, const Executor& workers,
                                   Observer& watch) {
  grid.validate();
  options.validate();
  detail::expect_anchors(rows, anchors);
  std::vector<double> ladder(grid.points);
  for (std::size_t g = 0; g < grid.points; ++g) {
    const double share = static_cast<double>(g) / static_cast<double>(grid.points - 1);
    ladder[g] = options.floor * std::pow(options.ceiling / options.floor, share);
  }
  ladder.back() = options.ceiling;
  const radius_proxy proxy(options.clamp);
  const random_key noise_key = key.at(stage::ascent_noise);
  std::vector<double> scales(rows.size(), options.floor);
  std::vector<ascent_point> points(rows.size() * grid.points);
  progress_counter counter(watch, "sigma grid", rows.size());

  for_each_block(workers, rows.size(), detail::ascent_block, [&](std::size_t first, std::size_t last) {
    counter.expect_running();
    detail::smoothed_block<Rows, Base, Noise> block(rows, base, noise, first, last, options.draws);
    block.draw(noise_key, 0);
    std::vector<double> best(last - first, 0.0);
    for (std::size_t g = 0; g < grid.points; ++g) {
      block.template score<false>(std::vector<double>(last - first, ladder[g]));
      for (std::size_t i = first; i < last; ++i) {
        const score_moments moments = block.moments(i - first, static_cast<std::size_t>(anchors[i]));
        const double radius = proxy.radius(moments, ladder[g]);
        points[g * rows.size() + i] = {ladder[g], radius};
        if (radius <= best[i - first]) continue;
        best[i - first] = radius;
        scales[i] = ladder[g];
      }
    }
    counter.advance(last - first);
  });
  return {noise_scales(std::move(scales)), detail::mean_points(points, rows.size())};
}

}  // namespace v1
}  // namespace certssb
