// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a confidence bound is, and for which vote statistic.

#include "certssb/core/expect.hpp"
#include "certssb/vote/concept.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace certssb::inline v1 {

/// Brief: one-sided bounds on the expected vote p_c of a class.
/// Members: name; lower(votes, c, alpha) with P(lower > p_c) <= alpha; upper(votes, c, alpha) with
/// P(upper < p_c) <= alpha; both in [0,1], rounded outward. A bound states the statistics it is valid for by the types
/// of `votes` it accepts, and accepts no other.
/// Caveat: alpha covers one side of one class that was fixed beforehand; selection.hpp pays for choosing it.
template <class Bound, class Statistic>
concept confidence_bound = vote_statistic<Statistic> &&
    requires(const Bound& bound, const Statistic& votes, std::size_t c, double alpha) {
  { bound.name } -> std::convertible_to<std::string_view>;
  { bound.lower(votes, c, alpha) } -> std::same_as<double>;
  { bound.upper(votes, c, alpha) } -> std::same_as<double>;
};

/// Brief: stops the compiler, with the reason, where a bound is asked about a statistic it is not valid for.
template <class Bound, class Statistic>
constexpr void require_valid_bound() {
  static_assert(
      confidence_bound<Bound, Statistic>,
      "certssb: this confidence bound is not valid for this vote statistic. Clopper-Pearson is for hard votes "
      "(vote_counts) alone; mean scores (score_table) need a bound for values in [0,1], such as hoeffding.");
}

namespace detail {

inline void expect_bound_arguments(std::string_view name, std::int64_t trials, double alpha) {
  expect(trials > 0, name, ": trials must be positive, got ", trials);
  expect(alpha > 0.0 && alpha < 1.0, name, ": alpha must lie in (0,1), got ", alpha);
}

}  // namespace detail

}  // namespace certssb::inline v1
