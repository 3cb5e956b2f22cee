// SPDX-License-Identifier: MIT
#pragma once
// Brief: storage-update: a new region keeps out of stored regions of other labels, or joins the one its centre is in.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/storage/region_store.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace certssb::inline v1 {

/// Brief: the radius of a sample that adopts a label: the slack to the region's edge, or no more than its own.
enum class storage_policy { min, slack };

/// Brief: what storage-update did to a sample.
enum class storage_event {
  keep,      ///< label and radius as asked
  trim,      ///< the radius reaches only to the nearest region of another label
  adopt,     ///< the centre lies in a region of another label, and takes that label
  abstained  ///< no label asked, and in no region
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
  bool stored;                    ///< became a region itself: those with radius > 0 do
};

/// Brief: asks for the open ball (centre, asked.label, asked.radius), gets what may be answered, and stores it.
/// Maths: I = {k : d_k < R_k}. If I is not empty and its label differs from the asked one, that label is adopted from
/// the k in I with the largest slack R_k - d_k, with radius slack or min(asked, slack). Then the radius is trimmed to
/// min over regions of other labels of d_k - R_k. Open balls of different labels stay disjoint.
/// Decisions use the computed d (relative error below g = (dim + 8) 2^-53), and trims below 1e-12 are none; returned
/// radii use d (1 -+ g), whichever makes them smaller, and are rounded toward 0.
/// Throws: argument_error for a centre of another size or not finite, a radius not finite and >= 0, a label below -1,
/// or label -1 with a radius. Determinism: depends on the order of samples: the first ball wins. Reference: Alfarra et
/// al. (UAI 2022), memory-based certification; Cert-SSB, storage-update. Caveat: this certifies that one stateful
/// predictor answers alike inside stored balls of test inputs, for any radii whatever. It says nothing of changes of
/// the training set.
template <std::floating_point Scalar>
stored_answer process(region_store<Scalar>& store, std::span<const Scalar> centre, const region& asked,
                      storage_policy policy) {
  using neighbours = std::vector<typename region_store<Scalar>::neighbour>;
  expect_region(asked);
  const double g = store.distance_error();
  stored_answer answer{asked.label, asked.radius, storage_event::keep, std::nullopt, false};
  neighbours near = store.near(centre, asked.radius);

  double best_slack = 0.0;
  std::optional<std::size_t> home;
  double home_distance = 0.0;
  for (const auto& [k, distance] : near) {
    if (distance < store[k].radius && store[k].radius - distance > best_slack) {
      best_slack = store[k].radius - distance;
      home = k;
      home_distance = distance;
    }
  }
  if (home && store[*home].label != asked.label) {
    const double slack = std::max(0.0, std::nextafter(store[*home].radius - home_distance * (1.0 + g), 0.0));
    answer = {store[*home].label, policy == storage_policy::slack ? slack : std::min(asked.radius, slack),
              storage_event::adopt, home, false};
    if (answer.radius > asked.radius) near = store.near(centre, answer.radius);
  }
  if (answer.label == abstain) return {abstain, 0.0, storage_event::abstained, std::nullopt, false};

  double room = std::numeric_limits<double>::infinity();
  double proved_room = room;
  std::optional<std::size_t> nearest;
  for (const auto& [k, distance] : near) {
    if (store[k].label == answer.label) continue;
    if (distance - store[k].radius < room) {
      room = distance - store[k].radius;
      nearest = k;
    }
    proved_room = std::min(proved_room, std::nextafter(distance * (1.0 - g) - store[k].radius, 0.0));
  }
  if (room < answer.radius * (1.0 - 1e-12)) {
    if (answer.event == storage_event::keep) {
      answer.event = storage_event::trim;
      answer.by = nearest;
    }
    answer.radius = std::max(0.0, proved_room);
  }
  if (answer.radius > 0.0) {
    store.add(centre, {answer.label, answer.radius});
    answer.stored = true;
  }
  return answer;
}

}  // namespace certssb::inline v1
