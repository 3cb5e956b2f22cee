// SPDX-License-Identifier: MIT
#pragma once
// Brief: how far an attack moved what, to ask a mode whether a certificate covers that very attack.

#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: one attack, measured.
/// Shapes: l2 and l1 [training rows], 0 for rows left alone; only what the mode counts need be given.
/// Units: those of the inputs.
struct attack_extent {
  std::span<const double> l2 = {};  ///< L2 norm of each row's change
  std::span<const double> l1 = {};  ///< L1 norm of each row's change; the L1 modes count it
  double test_l2 = 0.0;             ///< change of the test input; `joint` counts it
  std::size_t changed_labels = 0;   ///< `label_noise` counts them; elsewhere both worlds have the labels as observed
};

}  // namespace v1
}  // namespace certssb
