// SPDX-License-Identifier: MIT
#pragma once
// Brief: the size of an attack, to ask a mode whether a certificate covers it.

#include "certssb/core/expect.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: stands for a change that is not known: longer than any radius.
inline constexpr double unknown_change = 1e150;

/// Brief: one attack, measured.
/// Shapes: l2, l1 and relabelled [training rows], 0 for unchanged rows. Only what the mode counts must be given.
/// Units: those of the inputs.
struct attack_extent {
  std::span<const double> l2 = {};  ///< L2 norm of each row's change
  std::span<const double> l1 = {};  ///< L1 norm of each row's change; the L1 modes count it
  double test_l2 = 0.0;             ///< change of the test input; `joint` counts it
  std::size_t changed_labels = 0;   ///< `label_noise` counts them; other modes of one part take labels as observed
  std::span<const std::uint8_t> relabelled = {};  ///< 1 for each row whose label changed; parts ask which
};

/// Brief: the rows whose features or label an attack changes, ascending.
/// Throws: argument_error if labels changed, but it is not said which, or of another number of rows.
[[nodiscard]] inline std::vector<std::size_t> rows_changed_by(const attack_extent& attack) {
  const bool relabels = !attack.relabelled.empty();
  expect(attack.changed_labels == 0 || relabels, "attack: labels changed, but not which");
  expect(!relabels || attack.relabelled.size() == attack.l2.size(), "attack: expected whether each of ",
         attack.l2.size(), " labels changed, got ", attack.relabelled.size());
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < attack.l2.size(); ++i) {
    if (attack.l2[i] != 0.0 || (relabels && attack.relabelled[i] != 0)) rows.push_back(i);
  }
  return rows;
}

}  // namespace v1
}  // namespace certssb
