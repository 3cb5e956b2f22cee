// SPDX-License-Identifier: MIT
#pragma once
// Brief: the searches for noise scales by name, in one type.

#include "certssb/core/expect.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/sigma/estimator.hpp"
#include "certssb/sigma/grid.hpp"

#include <span>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: pathwise or detached ascent, or the grid. Pass it instead of a gradient estimator.
class named_search {
public:
  static constexpr bool searches_scales = true;

  /// Throws: argument_error for an unknown name.
  explicit named_search(std::string_view name = pathwise_estimator::name) : name_(name) {
    expect(name_ == pathwise_estimator::name || name_ == detached_estimator::name || name_ == grid_search::name,
           "named_search: expected pathwise, detached or grid, got ", name_);
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  std::string name_;
};

/// Brief: the search of this name.
/// Throws: as the search, and argument_error if the pathwise one is asked for and the base model has no
/// directional_scores.
/// Cost: as the search.
/// Determinism: as the search.
template <row_source Rows, classifier<typename Rows::tensor_type> Base,
          noise_distribution<scalar_of<typename Rows::tensor_type>> Noise, executor Executor, observer Observer>
[[nodiscard]] ascent_result ascend(const named_search& search, const Base& base, const Rows& rows,
                                   std::span<const label_type> anchors, const ascent_options& options,
                                   const Noise& noise, const random_key& key, const Executor& workers,
                                   Observer& watch) {
  if (search.name() == grid_search::name) {
    return ascend(grid_search{}, base, rows, anchors, options, noise, key, workers, watch);
  }
  if (search.name() == detached_estimator::name) {
    return ascend(detached_estimator{}, base, rows, anchors, options, noise, key, workers, watch);
  }
  if constexpr (directional_classifier<Base, typename Rows::tensor_type>) {
    return ascend(pathwise_estimator{}, base, rows, anchors, options, noise, key, workers, watch);
  } else {
    throw argument_error(
        "ascent_estimator: pathwise needs a classifier with directional_scores, which this learner's has not; use "
        "detached or grid");
  }
}

static_assert(scale_search<named_search>);

}  // namespace v1
}  // namespace certssb
