// SPDX-License-Identifier: MIT
#pragma once
// Brief: the facts of mode `memory`. The mode itself is in storage/memory.hpp, since it follows storage-update.

#include "certssb/certificate/mode_facts.hpp"

#include <array>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the row of mode `memory` in the table of modes.
struct memory_facts {
  static constexpr std::string_view name = "memory";
  static constexpr bool certified = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales, evidence_kind::stored_answers});

  [[nodiscard]] static mode_facts facts() {
    return {.meaning =
                "Another statement altogether: the one predictor that answered these inputs in this order gives "
                "every later input within the radius the same label. It says nothing about the training set.",
            .limit = "regions of other labels in the store end it",
            .needs = needs};
  }
};

}  // namespace v1
}  // namespace certssb
