// SPDX-License-Identifier: MIT
#pragma once
// Brief: the result for one test sample, with everything it was issued under.

#include "certssb/certificate/certified_radius.hpp"
#include "certssb/core/label.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the outcome of a sample; only the first two carry a radius.
enum class outcome {
  certified,             ///< the radius holds, under the mode's assumptions
  published,             ///< a radius as published, which certifies nothing
  bound_not_above_half,  ///< abstained: the lower bound of p_A does not exceed 1/2
  bounds_overlap,        ///< abstained: the lower bound of p_A does not exceed the upper bound of p_B
  nothing_left,       ///< abstained: the bounds name a class, but nothing of them is left for the radius of this mode
  adopted_in_storage  ///< storage-update gave it another region's label, which this mode does not claim
};

/// Brief: the outcome as it is written in files.
[[nodiscard]] constexpr std::string_view outcome_name(outcome result) noexcept {
  switch (result) {
    case outcome::certified:
      return "certified";
    case outcome::published:
      return "published";
    case outcome::bound_not_above_half:
      return "bound_not_above_half";
    case outcome::bounds_overlap:
      return "bounds_overlap";
    case outcome::nothing_left:
      return "nothing_left";
    case outcome::adopted_in_storage:
      return "adopted_in_storage";
  }
  return "";
}

/// Brief: one sample's certificate: a class and a region of attacks that it withstands. The vote on this fixed input
/// names `label`, and would still name it if up to r <= `rows` rows were changed at will (features, labels or both) and
/// the features of the others by less than radius_at(r) together (in the norm and scale of the mode), with probability
/// 1 - alpha over the models. It does not say that the label is right, and, unless the mode says more, nothing about
/// changed labels of other rows or a changed test input.
/// Units: budget none; scale and radius those of the inputs.
struct certificate {
  label_type label = abstain;       ///< the class named; `abstain` without a radius, unless adopted in storage
  label_type predicted = abstain;   ///< the leading class of the votes, certified or not; the adopted one after storage
  double lower = 0.0;               ///< of p_A
  double upper = 1.0;               ///< of p_B
  double budget = 0.0;              ///< radius in noise scales
  double scale = 0.0;               ///< the noise scale that the radius is measured with
  certified_radius radius = {};     ///< 0 unless `result` is `certified`
  candidate_radius candidate = {};  ///< 0 unless `result` is `published`: a length that is not claimed
  std::optional<std::size_t> rows = {};         ///< rows that may be changed at will; empty unless certified
  std::vector<certified_radius> frontier = {};  ///< the radius left when 0, 1, ... rows are; empty if only 0 may be
  outcome result = outcome::bound_not_above_half;
  std::string_view mode = {};
  std::string_view norm = {};
  std::string_view bound = {};
  std::string_view selection = {};
  double alpha = 0.0;
  std::int64_t models = 0;  ///< the number of models that the bounds are of

  /// Brief: the radius as tables show it: certified, or (in mode `published`) the candidate.
  [[nodiscard]] constexpr double stated_radius() const noexcept {
    return result == outcome::published ? candidate.value() : radius.value();
  }

  /// Brief: the radius that is left when `changed` rows are changed at will; 0 if nothing is.
  [[nodiscard]] double radius_at(std::size_t changed) const {
    if (!rows || changed > *rows) return 0.0;
    return frontier.empty() ? (changed == 0 ? radius.value() : 0.0) : frontier[changed].value();
  }

  /// Brief: counts as certified (or, in mode `published`, as published) at every r below its radius.
  [[nodiscard]] constexpr bool has_radius() const noexcept {
    return result == outcome::certified || result == outcome::published;
  }
};

}  // namespace v1
}  // namespace certssb
