// SPDX-License-Identifier: MIT
#pragma once
// Brief: a second, plain storage-update, for checking the first.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: what storage-update answers for one sample.
struct plain_answer {
  std::int64_t label;
  double radius;
  std::string event;  ///< keep, trim, adopt or abstain
};

/// Brief: asks for the open balls (centre, label, radius) in order, policy `min` or `slack`; label -1 asks for none.
/// Shapes: centres [n,d]; labels and radii [n].
/// Throws: data_error for another policy.
/// Cost: n^2/2 distances.
[[nodiscard]] std::vector<plain_answer> update_storage_plainly(std::span<const double> centres,
                                                               const std::vector<std::int64_t>& labels,
                                                               const std::vector<double>& radii,
                                                               const std::string& policy);

}  // namespace certssb::cli
