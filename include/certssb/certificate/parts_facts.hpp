// SPDX-License-Identifier: MIT
#pragma once
// Brief: the facts of mode `parts`. Its certificates are issued by certificate/plain_parts.hpp.

#include "certssb/certificate/mode_facts.hpp"

#include <array>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the row of mode `parts` in the table of modes.
struct parts_facts {
  static constexpr std::string_view name = "parts";
  static constexpr bool certified = true;
  static constexpr std::string_view norm = "rows";
  static constexpr auto needs = std::to_array({evidence_kind::part_votes});

  [[nodiscard]] static mode_facts facts() {
    return {
        .training = member_training::parts,
        .defence = "parts",
        .meaning =
            "The training set is cut into parts, one deterministic model is trained on each, and the models vote. "
            "The prediction would be the same if the stated number of rows were changed at will, in their features, "
            "their labels or both. There is no noise and no chance in it.",
        .budget = "none: whole rows are counted",
        .scale = "none",
        .needs = needs};
  }
};

}  // namespace v1
}  // namespace certssb
