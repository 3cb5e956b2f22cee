// SPDX-License-Identifier: MIT
#pragma once
// Brief: storage-update: a new region does not overlap stored regions of other labels, or takes the label of the one
// that its centre is in.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/storage/detail/nearby_regions.hpp"
#include "certssb/storage/region_store.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the radius of a sample that adopts a label: the slack to the region's edge (`slack`), or the smaller of this
/// and its own radius (`min`).
enum class storage_policy { min, slack };

/// Brief: the names of the policies.
inline constexpr auto storage_policy_names = std::to_array<std::string_view>({"min", "slack"});

/// Brief: the policy of this name.
/// Throws: argument_error for an unknown name.
[[nodiscard]] inline storage_policy storage_policy_of(std::string_view name) {
  expect(name == "min" || name == "slack", "storage: expected min or slack, got ", name);
  return name == "min" ? storage_policy::min : storage_policy::slack;
}

/// Brief: what storage-update did to a sample.
enum class storage_event {
  keep,      ///< label and radius as asked, but for a touching region of another label: then less a rounding
  trim,      ///< the radius ends at the nearest region of another label
  adopt,     ///< the centre lies in a region of another label, and takes that label
  abstained  ///< no label was asked for, and the centre is in no region
};

/// Brief: the event as it is written in files.
[[nodiscard]] constexpr std::string_view event_name(storage_event event) noexcept {
  switch (event) {
    case storage_event::keep:
      return "keep";
    case storage_event::trim:
      return "trim";
    case storage_event::adopt:
      return "adopt";
    case storage_event::abstained:
      return "abstain";
  }
  return "";
}

/// Brief: the answer for one sample.
struct stored_answer {
  label_type label;
  double radius;
  storage_event event;
  std::optional<std::size_t> by;  ///< the stored region that trimmed it or gave it its label
  bool stored;                    ///< whether it became a region itself: answers with radius > 0 do
  /// Every later input closer than this is seen to be inside the stored region, however its distance is rounded.
  double remembered = 0.0;
};

/// Brief: the distance from a centre up to which a stored region can matter to what is asked.
[[nodiscard]] constexpr double reach_of(const region& asked, double largest_radius, storage_policy policy) noexcept {
  return policy == storage_policy::slack ? std::max(asked.radius, largest_radius) : asked.radius;
}

namespace detail {

/// Brief: the rule of `process`, once the regions near the centre are known; stores nothing.
[[nodiscard]] inline stored_answer decide(const nearby_regions& around, const region& asked, storage_policy policy,
                                          double g) {
  stored_answer answer{asked.label, asked.radius, storage_event::keep, std::nullopt, false};
  const seen_region& home = around.gaps.first();
  if (home.value < 0.0 && home.ball.label != asked.label) {
    const double slack = std::max(0.0, std::nextafter(std::fma(-home.distance, 1.0 + g, home.ball.radius), 0.0));
    answer = {home.ball.label, policy == storage_policy::slack ? slack : std::min(asked.radius, slack),
              storage_event::adopt, home.index, false};
  }
  if (answer.label == abstain) return {abstain, 0.0, storage_event::abstained, std::nullopt, false};

  const seen_region& nearest = around.gaps.without(answer.label);
  if (answer.event == storage_event::keep && nearest.value < answer.radius * (1.0 - 1e-12)) {
    answer.event = storage_event::trim;
    answer.by = nearest.index;
  }
  answer.radius = std::min(answer.radius, std::max(0.0, around.proved.without(answer.label).value));
  answer.stored = answer.radius > 0.0;
  if (answer.stored) answer.remembered = std::nextafter(answer.radius * (1.0 - 3.0 * g), 0.0);
  return answer;
}

}  // namespace detail

/// Brief: asks for the open ball (centre, asked.label, asked.radius), returns what may be answered, and stores it. What
/// it certifies is that one stateful predictor gives equal answers inside stored balls of test inputs, whatever the
/// radii are. It certifies nothing about changes of the training set.
/// Maths: I = {k : d_k < R_k}. If I is not empty and its label differs from the asked one, that label is adopted from
/// the k in I with the largest slack R_k - d_k, with radius slack or min(asked, slack). Then the radius is trimmed to
/// min over regions of other labels of d_k - R_k. Open balls of different labels stay disjoint.
/// Decisions use the computed d (relative error below g = (dim + 8) 2^-53), and trims by less than a relative 1e-12 are
/// not counted as trims; the radius is always the trimmed one. Slacks use d (1 + g), trims d (1 - 3g), and radii are
/// rounded toward 0: stored balls of different labels are apart by 2g of the distance of their centres. So an input
/// closer to a centre than the radius less 3g of it is seen inside that ball, and inside none of another label, whatever
/// the rounding of its distances.
/// Throws: argument_error for a centre of another size or not finite, a radius not finite and >= 0, a label below -1,
/// or label -1 with a radius.
/// Determinism: depends on the order of samples: the first ball wins.
/// Reference: Alfarra et al. (UAI 2022), memory-based certification; Cert-SSB, storage-update.
template <std::floating_point Scalar>
stored_answer process(region_store<Scalar>& store, std::span<const Scalar> centre, const region& asked,
                      storage_policy policy) {
  expect_region(asked);
  store.expect_centre(centre);
  detail::nearby_regions around{.reach = reach_of(asked, store.largest_radius(), policy)};
  store.search(centre, std::span(&around, 1));
  const stored_answer answer = detail::decide(around, asked, policy, store.distance_error());
  if (answer.stored) store.add(centre, {answer.label, answer.radius});
  return answer;
}

}  // namespace v1
}  // namespace certssb
