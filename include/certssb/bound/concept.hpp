// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a confidence bound is, and for which vote statistic.

#include "certssb/core/expect.hpp"
#include "certssb/vote/concept.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: a bound for a fixed number of members is not used on votes that chose their own number.
template <class Bound, class Statistic>
concept fits_design = Bound::design == sampling_design::any_time || Statistic::design == sampling_design::fixed_number;

/// Brief: one-sided bounds on the expected vote p_c of a class. Alpha covers one side of one class that was fixed
/// beforehand; choosing the class costs extra (selection.hpp).
/// Members: name; design: whether the number of members must have been fixed beforehand; lower(votes, c, alpha) with
/// P(lower > p_c) <= alpha; upper(votes, c, alpha) with P(upper < p_c) <= alpha; both in [0,1], rounded outward. A
/// bound accepts only the types of `votes` that it is valid for.
template <class Bound, class Statistic>
concept confidence_bound = vote_statistic<Statistic> && fits_design<Bound, Statistic> &&
    requires(const Bound& bound, const Statistic& votes, std::size_t c, double alpha) {
  { bound.name } -> std::convertible_to<std::string_view>;
  { bound.lower(votes, c, alpha) } -> std::same_as<double>;
  { bound.upper(votes, c, alpha) } -> std::same_as<double>;
};

/// Brief: a compile-time error that states the reason, if a bound is used with a statistic that it is not valid for.
template <class Bound, class Statistic>
constexpr void require_valid_bound() {
  static_assert(fits_design<Bound, Statistic>,
                "certssb: these votes decided when to stop (stopped_votes), and this bound is for a number of members "
                "fixed beforehand. Bounds valid at any time are jeffreys_sequence and mixture.");
  static_assert(
      confidence_bound<Bound, Statistic> || !fits_design<Bound, Statistic>,
      "certssb: this confidence bound is not valid for this vote statistic. Clopper-Pearson is for hard votes "
      "(vote_counts) alone; mean scores (score_table) need a bound for values in [0,1], such as mixture or hoeffding. "
      "betting needs the order of the scores, which hard vote counts have lost.");
}

namespace detail {

inline void expect_bound_arguments(std::string_view name, std::int64_t trials, double alpha) {
  expect(trials > 0, name, ": trials must be positive, got ", trials);
  expect(alpha > 0.0 && alpha < 1.0, name, ": alpha must lie in (0,1), got ", alpha);
}

}  // namespace detail

}  // namespace v1
}  // namespace certssb
