// SPDX-License-Identifier: MIT
#pragma once
// Brief: how the leading class is chosen, and how much of alpha it costs to choose it from the same votes.
//
//   no_split      plain votes    hard: alpha/2; soft: alpha/(2K)              p_B = 1 - p_A
//   split         split_votes    the selection members choose; alpha          p_B = 1 - p_A
//   two_sided     plain votes    every class both ways, each at alpha/(2K)    p_B = largest upper bound of the others
//   two_sided     split_votes    one lower, K - 1 upper bounds at alpha/K     the same
//   every_class   plain votes    a lower bound of every class at alpha/K      p_B = 1 - p_A
//
// Votes that decided when to stop (stopped_votes) take every_class or two_sided, since the lemma of no_split is for a
// number of members fixed beforehand. Each row holds with probability 1 - alpha for one test input fixed beforehand.

#include "certssb/bound/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/vote/concept.hpp"
#include "certssb/vote/split_votes.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace certssb {
inline namespace v1 {

/// Brief: the chosen class, a lower bound of its p_A, and an upper bound of every other class's p_B.
/// If `lower` <= `upper`, nothing is certified, and the bounds claim nothing else.
struct bounded_top {
  label_type label;
  double lower;
  double upper;
};

/// Brief: turns one sample's statistic into a bounded leading class, at total error alpha. Each bound gets an equal
/// share of alpha: parts<Statistic>(K) says how many shares there are.
template <class Selection, class Statistic, class Bound>
concept selection_policy = requires(const Selection& selection, const Statistic& votes, const Bound& bound) {
  { selection.name } -> std::convertible_to<std::string_view>;
  { Selection::template parts<std::remove_cvref_t<Statistic>>(std::size_t{2}) } -> std::convertible_to<double>;
  { selection.bound_top(votes, bound, 0.5) } -> std::same_as<bounded_top>;
};

namespace detail {

template <class Statistic, class Bound>
bounded_top bound_against_all(const Statistic& votes, std::size_t top, const Bound& bound, double level) {
  expect(votes.exclusive, "a member's scores sum to more than 1, so 1 - p_A does not bound p_B: use two_sided");
  const double lower = bound.lower(votes, top, level);
  return {static_cast<label_type>(top), lower, 1.0 - lower};
}

template <class Statistic, class Bound>
bounded_top bound_each(const Statistic& votes, std::size_t top, const Bound& bound, double level) {
  double upper = 0.0;
  for (std::size_t c = 0; c < votes.classes(); ++c) {
    if (c != top) upper = std::max(upper, bound.upper(votes, c, level));
  }
  return {static_cast<label_type>(top), bound.lower(votes, top, level), upper};
}

}  // namespace detail

/// Brief: all members choose and certify.
/// Maths: hard votes, any K: the lower bound is taken at alpha/2, and nothing is certified unless it exceeds 1/2. A
/// class with p <= 1/2 is certified only at k >= x > M/2; P(Bin(M,p) >= x) is convex on [0,1/2], 0 at 0 and at most
/// alpha/2 at 1/2, so at most p alpha; with the true leader's alpha/2 and at most half the mass elsewhere, total error
/// <= alpha. Soft votes: a union over every side of every class, alpha/(2K).
/// Requires: a number of members fixed beforehand; stopped_votes do not compile.
/// Throws: argument_error if votes are not exclusive.
struct no_split {
  static constexpr std::string_view name = "no-split";

  template <vote_statistic Statistic>
  [[nodiscard]] static constexpr double parts(std::size_t classes) {
    return hard_vote_statistic<Statistic> ? 2.0 : 2.0 * static_cast<double>(classes);
  }

  template <vote_statistic Statistic, class Bound>
  [[nodiscard]] static bounded_top bound_top(const Statistic& votes, const Bound& bound, double alpha) {
    require_valid_bound<Bound, Statistic>();
    static_assert(Statistic::design == sampling_design::fixed_number,
                  "certssb: no_split is for a number of members fixed beforehand. Votes that decided when to stop "
                  "(stopped_votes) take every_class or two_sided.");
    return detail::bound_against_all(votes, votes.top(), bound, alpha / parts<Statistic>(votes.classes()));
  }
};

/// Brief: the selection members choose, the others certify at the full alpha.
/// Throws: argument_error if votes are not exclusive.
struct split {
  static constexpr std::string_view name = "split";

  template <class Statistic>
  [[nodiscard]] static constexpr double parts(std::size_t /*classes*/) {
    return 1.0;
  }

  template <vote_statistic Statistic, class Bound>
  [[nodiscard]] static bounded_top bound_top(const split_statistic<Statistic>& votes, const Bound& bound,
                                             double alpha) {
    require_valid_bound<Bound, Statistic>();
    return detail::bound_against_all(votes.certification, votes.selection.top(), bound, alpha);
  }
};

/// Brief: p_A and p_B are bounded separately. This is better with three or more classes, if the votes against A are
/// scattered.
struct two_sided {
  static constexpr std::string_view name = "two-sided";

  template <class Statistic>
  [[nodiscard]] static constexpr double parts(std::size_t classes) {
    return (vote_statistic<Statistic> ? 2.0 : 1.0) * static_cast<double>(classes);
  }

  template <vote_statistic Statistic, class Bound>
  [[nodiscard]] static bounded_top bound_top(const Statistic& votes, const Bound& bound, double alpha) {
    require_valid_bound<Bound, Statistic>();
    return detail::bound_each(votes, votes.top(), bound, alpha / parts<Statistic>(votes.classes()));
  }

  template <vote_statistic Statistic, class Bound>
  [[nodiscard]] static bounded_top bound_top(const split_statistic<Statistic>& votes, const Bound& bound,
                                             double alpha) {
    require_valid_bound<Bound, Statistic>();
    const double level = alpha / parts<split_statistic<Statistic>>(votes.certification.classes());
    return detail::bound_each(votes.certification, votes.selection.top(), bound, level);
  }
};

/// Brief: a lower bound of every class, for votes that decided when to stop.
/// Maths: K bounds at alpha/K hold together, at all times if the bound does; the leader is one of the K classes.
/// Throws: argument_error if votes are not exclusive.
struct every_class {
  static constexpr std::string_view name = "every-class";

  template <class Statistic>
  [[nodiscard]] static constexpr double parts(std::size_t classes) {
    return static_cast<double>(classes);
  }

  template <vote_statistic Statistic, class Bound>
  [[nodiscard]] static bounded_top bound_top(const Statistic& votes, const Bound& bound, double alpha) {
    require_valid_bound<Bound, Statistic>();
    return detail::bound_against_all(votes, votes.top(), bound, alpha / parts<Statistic>(votes.classes()));
  }
};

}  // namespace v1
}  // namespace certssb
