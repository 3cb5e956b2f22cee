// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a centre must know of the stored regions, collected region by region in any order.

#include "certssb/core/label.hpp"
#include "certssb/storage/region.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: a stored region as seen from a centre. Label `abstain` means no region; it is infinitely far.
struct seen_region {
  double value = std::numeric_limits<double>::infinity();
  std::size_t index = 0;
  double distance = std::numeric_limits<double>::infinity();
  region ball{abstain, 0.0};

  /// Brief: true for the smaller value, and for the lower index if they tie.
  [[nodiscard]] bool before(const seen_region& other) const noexcept {
    return value < other.value || (value == other.value && index < other.index);
  }
};

/// Brief: the first region by value, and the first of any other label. They give the least value over the regions
/// without a given label, and the least of all.
class first_two_labels {
public:
  void offer(const seen_region& seen) noexcept {
    if (first_.ball.label == abstain || seen.before(first_)) {
      if (seen.ball.label != first_.ball.label) second_ = first_;
      first_ = seen;
    } else if (seen.ball.label != first_.ball.label && (second_.ball.label == abstain || seen.before(second_))) {
      second_ = seen;
    }
  }

  [[nodiscard]] const seen_region& first() const noexcept { return first_; }
  [[nodiscard]] const seen_region& second() const noexcept { return second_; }
  [[nodiscard]] const seen_region& without(label_type label) const noexcept {
    return first_.ball.label == label ? second_ : first_;
  }

private:
  seen_region first_;
  seen_region second_;
};

/// Brief: the regions that decide what is answered for a centre.
struct nearby_regions {
  double reach = 0.0;         ///< regions farther than this do not matter
  first_two_labels gaps{};    ///< by d - R; inside a region, minus the slack
  first_two_labels proved{};  ///< by a number not above the true d (1 - 2g) - R
  std::size_t pivot = 0;      ///< the nearest pivot of the store, where its groups were searched

  /// Brief: takes in a region at a distance of relative error below g.
  void offer(std::size_t index, const region& ball, double distance, double g) noexcept {
    gaps.offer({distance - ball.radius, index, distance, ball});
    proved.offer({std::nextafter(std::fma(distance, 1.0 - 3.0 * g, -ball.radius), 0.0), index, distance, ball});
  }

  /// Brief: regions of `label` with d - R above this value change nothing.
  [[nodiscard]] double bar(label_type label) const noexcept {
    return std::min(reach, gaps.first().ball.label == label ? gaps.first().value : gaps.second().value);
  }
  /// Brief: regions of any label with d - R above this value change nothing.
  [[nodiscard]] double highest_bar() const noexcept { return std::min(reach, gaps.second().value); }
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
