// SPDX-License-Identifier: MIT
#pragma once
// Brief: the result for one test sample, with everything it was issued under.

#include "certssb/certificate/certified_radius.hpp"
#include "certssb/core/label.hpp"

#include <cstdint>
#include <string_view>

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

/// Brief: one sample's certificate: the vote on this fixed input names `label`, and would still name it if the training
/// features were changed by less than `radius` (in the norm and scale of the mode), with probability 1 - alpha over the
/// models. It does not say that the label is right, and nothing about changes of the labels or of the test input.
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

  /// Brief: counts as certified (or, in mode `published`, as published) at every r below its radius.
  [[nodiscard]] constexpr bool has_radius() const noexcept {
    return result == outcome::certified || result == outcome::published;
  }
};

}  // namespace v1
}  // namespace certssb
