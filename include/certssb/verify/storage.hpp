// SPDX-License-Identifier: MIT
#pragma once
// Brief: a second, plain storage-update.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: the answer of storage-update for one sample.
struct stored_ball {
  std::int64_t label;
  double radius;
  std::string event;  ///< keep, trim, adopt or abstain
};

/// Brief: an open ball and the label of its centre.
struct ball {
  std::span<const double> centre;
  std::int64_t label;
  double radius;
};

/// Brief: the distance, or infinity if it is well above `enough`.
[[nodiscard]] inline double distance(std::span<const double> x, std::span<const double> c, double enough) {
  double square = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    square += (x[i] - c[i]) * (x[i] - c[i]);
    if (square > 1.01 * enough * enough) return std::numeric_limits<double>::infinity();
  }
  return std::sqrt(square);
}

/// Brief: the ball as it may be stored. Balls of another label are disjoint from the one whose label is adopted, so
/// that balls farther than both radii do not matter.
[[nodiscard]] inline stored_ball answer(const std::vector<ball>& stored, const ball& asked, bool slack_policy) {
  stored_ball given{asked.label, asked.radius, "keep"};
  std::vector<double> distances;
  double slack = 0.0;
  std::int64_t home = asked.label;
  for (const ball& b : stored) {
    distances.push_back(distance(asked.centre, b.centre, b.radius + asked.radius));
    if (b.radius - distances.back() > slack) {
      slack = b.radius - distances.back();
      home = b.label;
    }
  }
  if (home != asked.label) given = {home, slack_policy ? slack : std::min(slack, asked.radius), "adopt"};
  if (given.label == abstain) return {abstain, 0.0, "abstain"};
  double room = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < stored.size(); ++k) {
    if (stored[k].label != given.label) room = std::min(room, distances[k] - stored[k].radius);
  }
  if (room < given.radius * (1.0 - 1e-12)) {
    given.radius = std::max(0.0, room);
    if (given.event == "keep") given.event = "trim";
  }
  return given;
}

/// Brief: the least distance between balls of different labels, both with a radius; infinite if there are none.
/// Shapes: centres [n,d]; labels and radii [n].
/// Cost: n^2/2 distances.
[[nodiscard]] inline double least_gap(std::span<const double> centres, const std::vector<std::int64_t>& labels,
                                      const std::vector<double>& radii) {
  double least = std::numeric_limits<double>::infinity();
  const std::size_t d = labels.empty() ? 0 : centres.size() / labels.size();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (labels[i] == labels[j] || radii[i] == 0.0 || radii[j] == 0.0) continue;
      const double both = radii[i] + radii[j];
      const double enough = std::max(0.0, least + both);
      least = std::min(least, distance(centres.subspan(i * d, d), centres.subspan(j * d, d), enough) - both);
    }
  }
  return least;
}

/// Brief: asks for the open balls (centre, label, radius) in order, policy `min` or `slack`; label -1 asks for none.
/// Shapes: centres [n,d]; labels and radii [n].
/// Throws: data_error for another policy.
/// Cost: n^2/2 distances.
[[nodiscard]] inline std::vector<stored_ball> update_storage(std::span<const double> centres,
                                                             const std::vector<std::int64_t>& labels,
                                                             const std::vector<double>& radii,
                                                             const std::string& policy) {
  expect<data_error>(policy == "min" || policy == "slack", "config.storage: expected min or slack, got ", policy);
  std::vector<stored_ball> answers;
  std::vector<ball> stored;
  const std::size_t d = labels.empty() ? 0 : centres.size() / labels.size();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const ball asked{centres.subspan(i * d, d), labels[i], radii[i]};
    answers.push_back(answer(stored, asked, policy == "slack"));
    if (answers.back().radius > 0.0) stored.push_back({asked.centre, answers.back().label, answers.back().radius});
  }
  return answers;
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
