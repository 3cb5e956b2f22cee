// SPDX-License-Identifier: MIT
#pragma once
// Brief: the size of an attack, to ask a mode whether a certificate covers it.

#include <cstddef>
#include <cstdint>
#include <span>

namespace certssb {
inline namespace v1 {

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

}  // namespace v1
}  // namespace certssb
