// SPDX-License-Identifier: MIT
#pragma once
// Brief: votes in, certificates out.

#include "certssb/bound/memoised.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/vote/split_votes.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace certssb::inline v1 {

namespace detail {

template <vote_statistic Statistic>
const Statistic& certifying_part(const Statistic& votes) {
  return votes;
}
template <vote_statistic Statistic>
const Statistic& certifying_part(const split_statistic<Statistic>& votes) {
  return votes.certification;
}

template <class Statistic, class Bound, class Selection, certificate_mode Mode>
certificate certify_one(const Statistic& votes, const Bound& bound, const Selection& selection, const Mode& mode,
                        double alpha, std::size_t sample) {
  using rule = typename Mode::radius_rule;
  const bounded_top top = selection.bound_top(votes, bound, alpha);
  const double budget = rule::budget(top.lower, top.upper);
  certificate result{.predicted = top.label,
                     .lower = top.lower,
                     .upper = top.upper,
                     .scale = mode.scale(sample),
                     .mode = Mode::name,
                     .bound = bound.name,
                     .selection = selection.name,
                     .alpha = alpha,
                     .models = certifying_part(votes).trials};
  if (budget > 0.0) {
    result.label = top.label;
    result.budget = budget;
    result.radius = rule::scaled(budget, result.scale);
    result.result = Mode::certified ? outcome::certified : outcome::published;
  } else {
    result.result = top.upper == 1.0 - top.lower ? outcome::bound_not_above_half : outcome::bounds_overlap;
  }
  return result;
}

}  // namespace detail

/// Brief: the certificate of every sample of a vote table.
/// Shapes: votes over n samples; result [n].
/// Requires: the bound is valid for the votes, and the selection fits them (no_split or two_sided for a vote_counts or
/// score_table; split or two_sided for a split_votes).
/// Throws: argument_error unless 0 < alpha < 1, the votes hold at least one trial, and a mode with scales of test
/// samples has n of them.
/// Cost: n budgets; of hard votes each count is bounded once.
/// Determinism: a function of the arguments. Each certificate fails with probability at most alpha; for all n at once
/// pass alpha / n.
template <class Table, class Bound, class Selection, certificate_mode Mode>
[[nodiscard]] std::vector<certificate> certify(const Table& votes, const Bound& bound, const Selection& selection,
                                               const Mode& mode, double alpha) {
  expect(alpha > 0.0 && alpha < 1.0, "certify: alpha must lie in (0,1), got ", alpha);
  if constexpr (requires { mode.samples(); }) {
    expect(mode.samples() == votes.samples(), "certify: votes on ", votes.samples(), " samples but test scales of ",
           mode.samples());
  }
  using statistic = std::remove_cvref_t<decltype(detail::certifying_part(votes[0]))>;
  require_valid_bound<Bound, statistic>();
  static_assert(selection_policy<Selection, decltype(votes[0]), Bound>,
                "certssb: this selection policy does not fit these votes: no_split and two_sided take a vote_counts or "
                "score_table, split and two_sided a split_votes.");
  const auto all = [&](const auto& quick) {
    std::vector<certificate> certificates;
    certificates.reserve(votes.samples());
    for (std::size_t i = 0; i < votes.samples(); ++i) {
      certificates.push_back(detail::certify_one(votes[i], quick, selection, mode, alpha, i));
    }
    return certificates;
  };
  if constexpr (hard_vote_statistic<statistic>) {
    return all(memoised_bound(bound));
  } else {
    return all(bound);
  }
}

}  // namespace certssb::inline v1
