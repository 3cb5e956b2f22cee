// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of parts that vote: every set of parts is tried for the attacker.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/certificate/plain_parts.hpp"
#include "certssb/core/label.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the class that most parts name; ties go to the lowest.
[[nodiscard]] inline label_type winner_of(std::span<const label_type> labels, std::size_t classes) {
  std::vector<std::size_t> counts(classes);
  for (const label_type label : labels) {
    if (label != abstain) ++counts[static_cast<std::size_t>(label)];
  }
  return std::ranges::max_element(counts) - counts.begin();
}

/// Brief: the least price at which an attacker changes the winner: for every rival and every set of parts, that all of
/// the set, and those that abstain, name the rival.
[[nodiscard]] inline double least_price(std::span<const label_type> labels, std::span<const double> prices,
                                        std::size_t classes) {
  const label_type named = winner_of(labels, classes);
  double least = std::numeric_limits<double>::infinity();
  for (std::uint32_t set = 0; set < (1U << labels.size()); ++set) {
    double price = 0.0;
    for (std::size_t j = 0; j < labels.size(); ++j) price += (set >> j & 1U) != 0 ? prices[j] : 0.0;
    if (!(price < least)) continue;
    for (std::size_t c = 0; c < classes; ++c) {
      std::vector<label_type> changed(labels.begin(), labels.end());
      for (std::size_t j = 0; j < labels.size(); ++j) {
        if ((set >> j & 1U) != 0 || labels[j] == abstain) changed[j] = static_cast<label_type>(c);
      }
      if (winner_of(changed, classes) != named) least = std::min(least, price);
    }
  }
  return least;
}

[[nodiscard]] inline std::vector<label_type> random_labels(const instance_draws& draws, std::size_t parts,
                                                           std::size_t classes) {
  std::vector<label_type> labels(parts);
  const auto favourite = static_cast<label_type>(draws.count(0, classes - 1));
  for (label_type& label : labels) {
    label = draws.count(0, 3) > 0 ? favourite : static_cast<label_type>(draws.count(0, classes - 1));
  }
  return labels;
}

}  // namespace detail

/// Brief: one deterministic model per part: the votes of any set of parts may become anything.
/// Maths: tightness is the least number of parts that change the winner, over the number survived and one.
[[nodiscard]] inline claim_outcome audit_parts(const instance_draws& draws) {
  const std::size_t classes = draws.count(2, 4);
  const std::vector<label_type> labels = detail::random_labels(draws, draws.count(1, 8), classes);
  hard_votes votes(1, classes);
  for (const label_type label : labels) votes.add_votes(std::span(&label, 1));
  std::vector<std::uint32_t> part_of(labels.size());
  std::iota(part_of.begin(), part_of.end(), std::uint32_t{0});
  const certificate c = plain_parts(votes, part_of).issue().front();
  claim_outcome found{.claimed = c.rows.has_value()};
  if (!c.rows) return found;
  const std::vector<double> one(labels.size(), 1.0);
  const double needed = detail::least_price(labels, one, classes);
  found.violated = needed <= static_cast<double>(*c.rows);
  found.tightness = needed / static_cast<double>(*c.rows + 1);
  return found;
}

/// Brief: a half space in each part, whose report changes where the energy on its rows reaches its budget squared, and
/// not before.
/// Maths: tightness is the least energy that changes the winner, over the energy claimed, square roots of both.
[[nodiscard]] inline claim_outcome audit_uniform_parts(const instance_draws& draws) {
  const std::size_t classes = draws.count(2, 4);
  const std::vector<label_type> labels = detail::random_labels(draws, draws.count(1, 8), classes);
  std::vector<part_report> reports;
  std::vector<double> prices;
  for (const label_type label : labels) {
    const double lower = draws.between(0.4, 0.999);
    const double budget = gaussian_l2::budget(lower, 1.0 - lower);
    reports.push_back(budget > 0.0 ? part_report{label, budget} : part_report{});
    prices.push_back(budget * budget);
  }
  std::vector<label_type> named;
  for (const part_report& report : reports) named.push_back(report.label);
  if (std::ranges::count(named, abstain) == static_cast<std::ptrdiff_t>(named.size())) return {.claimed = false};
  const part_frontier frontier(reports, classes, 0);
  claim_outcome found{.claimed = frontier.survives().has_value()};
  if (!found.claimed) return found;
  const double least = detail::least_price(named, prices, classes);
  const double claimed = frontier.energy(0);
  found.violated = least < claimed;
  found.tightness = std::sqrt(least / claimed);
  return found;
}

}  // namespace v1
}  // namespace certssb
