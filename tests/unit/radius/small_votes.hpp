// SPDX-License-Identifier: MIT
#pragma once
// Brief: elections small enough for every attack on them to be tried.

#include "certssb/core/label.hpp"

#include <cstddef>
#include <vector>

namespace small_votes {

using certssb::abstain;
using certssb::label_type;

/// The class with most votes, ties to the lower label; abstain without votes.
inline label_type leader_of(const std::vector<label_type>& labels, std::size_t classes) {
  label_type leader = abstain;
  std::size_t most = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    std::size_t votes = 0;
    for (const label_type label : labels) votes += label == static_cast<label_type>(c) ? 1U : 0U;
    if (votes > most) {
      most = votes;
      leader = static_cast<label_type>(c);
    }
  }
  return leader;
}

/// Calls visit(labels) with every vector of k labels from `lowest` to classes - 1.
template <class Visit>
void for_each_vote(std::size_t k, label_type lowest, std::size_t classes, Visit&& visit) {
  std::vector<label_type> labels(k, lowest);
  while (true) {
    visit(labels);
    std::size_t j = 0;
    while (j < k && ++labels[j] == static_cast<label_type>(classes)) labels[j++] = lowest;
    if (j == k) return;
  }
}

}  // namespace small_votes
