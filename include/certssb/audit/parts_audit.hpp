// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of parts that vote: every set of parts is tried for the attacker.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/combined_audits.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/certificate/part_statement.hpp"
#include "certssb/certificate/plain_parts.hpp"
#include "certssb/certificate/stated_mode.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/core/label.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
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

/// Brief: whether some class takes over when all parts of a set, and those that abstain, name it.
[[nodiscard]] inline bool takes_over(std::span<const label_type> labels, std::uint32_t set, std::size_t classes) {
  const label_type named = winner_of(labels, classes);
  for (std::size_t c = 0; c < classes; ++c) {
    std::vector<label_type> changed(labels.begin(), labels.end());
    for (std::size_t j = 0; j < labels.size(); ++j) {
      if ((set >> j & 1U) != 0 || labels[j] == abstain) changed[j] = static_cast<label_type>(c);
    }
    if (winner_of(changed, classes) != named) return true;
  }
  return false;
}

/// Brief: the sets of parts that change the winner when their votes may become anything.
[[nodiscard]] inline std::vector<std::uint32_t> winning_sets(std::span<const label_type> labels, std::size_t classes) {
  std::vector<std::uint32_t> sets;
  for (std::uint32_t set = 0; set < (1U << labels.size()); ++set) {
    if (takes_over(labels, set, classes)) sets.push_back(set);
  }
  return sets;
}

/// Brief: the least price of one of these sets if the dearest `free` parts of a set cost nothing.
[[nodiscard]] inline double least_price(std::span<const std::uint32_t> sets, std::span<const double> prices,
                                        std::size_t free) {
  double least = std::numeric_limits<double>::infinity();
  for (const std::uint32_t set : sets) {
    std::vector<double> paid;
    for (std::size_t j = 0; j < prices.size(); ++j) {
      if ((set >> j & 1U) != 0) paid.push_back(prices[j]);
    }
    std::ranges::sort(paid);
    paid.resize(paid.size() - std::min(free, paid.size()));
    least = std::min(least, std::accumulate(paid.begin(), paid.end(), 0.0));
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
  const double needed = detail::least_price(detail::winning_sets(labels, classes), one, 0);
  found.violated = needed <= static_cast<double>(*c.rows);
  found.tightness = needed / static_cast<double>(*c.rows + 1);
  return found;
}

/// Brief: a half space on one row in each part, whose report changes where the energy on its row and on the test input
/// reaches its budget squared, and not before.
struct half_space_parts {
  std::vector<label_type> labels;  ///< `abstain` for a part without a budget
  std::vector<double> lower;       ///< p_A of each part
  std::vector<double> scales;      ///< of each part's row
  std::size_t classes = 2;
  std::size_t failures = 0;  ///< how many of the reports are false
  std::optional<test_noise> test;

  /// Brief: what each part costs, in squares of length, when the test input has used up `test_energy`.
  [[nodiscard]] std::vector<double> prices(double test_energy, bool in_lengths) const {
    std::vector<double> all(labels.size());
    for (std::size_t j = 0; j < all.size(); ++j) {
      const double budget = labels[j] == abstain ? 0.0 : gaussian_l2::budget(lower[j], 1.0 - lower[j]);
      all[j] = std::max(0.0, budget * budget - test_energy) * (in_lengths ? scales[j] * scales[j] : 1.0);
    }
    return all;
  }
  /// Brief: the energies of the test input from which on one part more costs nothing, and 0.
  [[nodiscard]] std::vector<double> test_energies() const {
    std::vector<double> all;
    if (test) all = prices(0.0, false);
    all.push_back(0.0);
    return all;
  }
  /// Brief: the square of the scale of all draws on the test input together.
  [[nodiscard]] double test_variance() const {
    return test ? test->sigma * test->sigma / static_cast<double>(test->draws) : 0.0;
  }
};

[[nodiscard]] inline half_space_parts random_half_space_parts(const instance_draws& draws, bool equal_scales,
                                                              bool with_test) {
  half_space_parts parts;
  parts.classes = draws.count(2, 4);
  parts.labels = detail::random_labels(draws, draws.count(2, 8), parts.classes);
  const training_scales scales = draws.scales(parts.labels.size(), equal_scales);
  parts.scales.assign(scales.values().begin(), scales.values().end());
  for (label_type& label : parts.labels) {
    parts.lower.push_back(draws.between(0.4, 0.999));
    if (!(gaussian_l2::budget(parts.lower.back(), 1.0 - parts.lower.back()) > 0.0)) label = abstain;
  }
  parts.failures = draws.count(0, 1);
  if (with_test) parts.test = test_noise{draws.scale(0.1, 2.0), draws.count(1, 5)};
  return parts;
}

/// Brief: the statement that `mode` makes of the reports of these parts.
[[nodiscard]] inline part_statement state_parts(const half_space_parts& parts, const stated_mode& mode) {
  constexpr double alpha = 0.05;
  constexpr double alpha_part = 0.001;  // no failures need be allowed for 8 parts; `failures` are more
  part_reports reports(parts.labels.size(), 1, parts.classes, alpha, alpha_part, parts.failures);
  for (std::size_t j = 0; j < parts.labels.size(); ++j) {
    if (parts.labels[j] == abstain) continue;
    bounded_votes bounds{{}, parts.classes, "exact", "none", alpha_part};
    bounds.samples.push_back({{parts.labels[j], parts.lower[j], 1.0 - parts.lower[j]}, 1});
    reports.report(j, bounds, mode);
  }
  std::vector<std::uint32_t> part_of(parts.labels.size());
  std::iota(part_of.begin(), part_of.end(), std::uint32_t{0});
  return {mode, training_scales(parts.scales), std::move(part_of), std::move(reports), parts.test};
}

/// Brief: attacks all that a statement claims of these parts: its energies and radii for every number of rows touched
/// at will, the norm of patterns on some rows, and what it says of random attacks.
/// Maths: for every set of parts that changes the winner, less the dearest ones for the rows touched and the false
/// reports, and for every energy of the test input from which a part more is free; between these the least length is
/// linear. Tightness is that of energies and radii, square roots of both.
[[nodiscard]] inline claim_outcome attack_parts(const part_statement& statement, const half_space_parts& parts,
                                                const instance_draws& draws) {
  constexpr double inside = 1.0 - 1e-9;
  const part_frontier frontier = statement.reports().frontier(0);
  claim_outcome found{.claimed = frontier.survives().has_value()};
  if (!found.claimed) return found;
  const std::vector<std::uint32_t> sets = detail::winning_sets(parts.labels, parts.classes);
  const auto compare = [&](double least, double claimed) {
    if (claimed > 0.0) found.tightness = std::min(found.tightness, std::sqrt(least / claimed));
  };
  for (std::size_t rows = 0; rows <= *frontier.survives(); ++rows) {
    double shortest = std::numeric_limits<double>::infinity();
    for (const double spent : parts.test_energies()) {
      compare(detail::least_price(sets, parts.prices(spent, false), rows + parts.failures),
              frontier.energy(rows, spent));
      const double on_rows = detail::least_price(sets, parts.prices(spent, true), rows + parts.failures);
      shortest = std::min(shortest, on_rows + spent * parts.test_variance());
    }
    compare(shortest, std::pow(statement.radius(frontier, rows), 2.0));
  }

  const std::size_t k = parts.labels.size();
  const auto breaks = [&](std::span<const double> norms, double test) {
    const std::vector<double> left = parts.prices(parts.test ? test * test / parts.test_variance() : 0.0, true);
    std::vector<double> price(k);
    for (std::size_t j = 0; j < k; ++j) price[j] = norms[j] * norms[j] >= left[j] ? 0.0 : 1.0;
    return detail::least_price(sets, price, parts.failures) == 0.0;
  };
  const std::size_t patterned = draws.count(1, k);
  const double norm = statement.per_pattern(frontier, patterned) * inside;
  for (std::uint32_t set = 0; norm > 0.0 && set < (1U << k); ++set) {
    if (static_cast<std::size_t>(std::popcount(set)) != patterned) continue;
    std::vector<double> norms(k);
    for (std::size_t j = 0; j < k; ++j) norms[j] = (set >> j & 1U) != 0 ? norm : 0.0;
    found.violated = found.violated || breaks(norms, parts.test ? norm : 0.0);
  }
  for (int attack = 0; attack < 8; ++attack) {
    std::vector<double> norms = parts.prices(0.0, true);
    for (double& length : norms) length = draws.coin() ? 0.0 : std::sqrt(length) * draws.between(0.5, 1.5);
    const double test = parts.test ? std::sqrt(parts.test_variance()) * draws.scale(0.01, 1.0) : 0.0;
    const bool covered = statement.covers({.l2 = norms, .test_l2 = test}, false)[0];
    found.violated = found.violated || (covered && breaks(norms, test));
  }
  found.violated = found.violated || found.tightness < inside;
  return found;
}

/// Brief: smoothed parts in a mode, with false reports, and with `joint` where asked for.
template <class Mode, bool Joint>
[[nodiscard]] claim_outcome audit_smoothed_parts(const instance_draws& draws) {
  const half_space_parts parts = random_half_space_parts(draws, std::same_as<Mode, uniform_mode>, Joint);
  const stated_mode mode(detail::random_mode<Mode>(draws, training_scales(parts.scales)));
  return attack_parts(state_parts(parts, mode), parts, draws);
}

}  // namespace v1
}  // namespace certssb
