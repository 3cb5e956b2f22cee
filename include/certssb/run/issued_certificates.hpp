// SPDX-License-Identifier: MIT
#pragma once
// Brief: the certificates that a defence issues in one mode.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/stated_mode.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one mode's certificates on one set of test inputs.
struct issued_certificates {
  std::string mode;
  bool certified = false;  ///< whether the mode certifies anything
  std::string norm;        ///< of the radii
  std::vector<std::string> assumptions;
  std::vector<std::string> conditional_on;
  std::vector<certificate> certificates;
  std::optional<stated_mode> statement = {};  ///< none for a mode that says nothing of the training rows
  /// Where rows are counted or a form is closed: whether each certificate covers an attack, with the labels as observed or
  /// its changed ones.
  std::function<std::vector<bool>(const attack_extent&, bool)> covers = {};
  /// Of such a mode with a radius: the norm that patterns on so many rows may have, for each sample.
  std::function<std::vector<double>(std::size_t)> per_pattern = {};
  std::map<std::string, std::size_t> storage_events = {};  ///< how many samples storage-update kept, trimmed, ...
  std::optional<double> storage_gap = {};  ///< before it, the least distance between regions of different labels

  [[nodiscard]] bool after_storage() const { return !storage_events.empty(); }
  /// Brief: whether the certificates depend on regions around the test inputs.
  [[nodiscard]] bool uses_store() const { return after_storage() || (!statement && !covers); }
};

}  // namespace v1
}  // namespace certssb
