// SPDX-License-Identifier: MIT
#pragma once
// Brief: turns votes into certificates.

#include "certssb/bound/memoised.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/concept.hpp"
#include "certssb/vote/defence_outcome.hpp"
#include "certssb/vote/split_votes.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

template <vote_statistic Statistic>
const Statistic& certifying_part(const Statistic& votes) {
  return votes;
}
template <vote_statistic Statistic>
const Statistic& certifying_part(const split_statistic<Statistic>& votes) {
  return votes.certification;
}

}  // namespace detail

namespace detail {

/// Brief: bounds that pay for the distance tau between the law of the released rows and the one that the radii are
/// proved for: a unit of 2^-53, which is more than 3 tau for tau < 2^-55 (docs/exact_noise.md).
[[nodiscard]] inline bounded_top pay_for_releases(bounded_top top) {
  constexpr double unit = 0x1p-53;
  const bool sums_to_one = top.upper == 1.0 - top.lower;
  top.lower = std::max(0.0, top.lower - unit);
  top.upper = sums_to_one ? 1.0 - top.lower : std::min(1.0, top.upper + unit);
  return top;
}

}  // namespace detail

/// Brief: the bounds of one sample, from which every mode makes its statement.
struct bounded_sample {
  bounded_top top;
  std::int64_t models;  ///< behind the bounds
};

/// Brief: the bounds of all samples, and how they were computed.
struct bounded_votes {
  std::vector<bounded_sample> samples;
  std::size_t classes;
  std::string_view bound;
  std::string_view selection;
  double alpha;
};

/// Brief: bounds the leading class of every sample of a vote table.
/// Shapes: votes over n samples; result [n].
/// Requires: the bound is valid for the votes, and the selection fits them: no_split or two_sided for vote_counts or a
/// score_table, split or two_sided for split_votes, every_class or two_sided for stopped_votes.
/// Throws: argument_error unless 0 < alpha < 1 and the votes hold at least one trial.
/// Cost: n bounds; for hard votes, one bound per different count.
template <class Table, class Bound, class Selection>
[[nodiscard]] bounded_votes bound_votes(const Table& votes, const Bound& bound, const Selection& selection,
                                        double alpha) {
  expect(alpha > 0.0 && alpha < 1.0, "certify: alpha must lie in (0,1), got ", alpha);
  using statistic = std::remove_cvref_t<decltype(detail::certifying_part(votes[0]))>;
  require_valid_bound<Bound, statistic>();
  static_assert(selection_policy<Selection, decltype(votes[0]), Bound>,
                "certssb: this selection policy does not fit these votes: no_split and two_sided take a vote_counts or "
                "score_table, split and two_sided a split_votes.");
  bounded_votes result{{}, 0, bound.name, selection.name, alpha};
  result.samples.reserve(votes.samples());
  const auto all = [&](const auto& quick) {
    for (std::size_t i = 0; i < votes.samples(); ++i) {
      const auto sample = votes[i];
      result.classes = detail::certifying_part(sample).classes();
      result.samples.push_back({detail::pay_for_releases(selection.bound_top(sample, quick, alpha)),
                                detail::certifying_part(sample).trials});
    }
  };
  if constexpr (hard_vote_statistic<statistic>) {
    all(memoised_bound(bound));
  } else {
    all(bound);
  }
  return result;
}

/// Brief: the certificates that a mode issues on these bounds.
/// Throws: argument_error if a mode has scales for another number of test samples, or is for another number of classes.
/// Cost: one budget for each pair of bounds, one radius for each budget and scale.
template <certificate_mode Mode>
[[nodiscard]] std::vector<certificate> issue(const bounded_votes& votes, const Mode& mode) {
  if constexpr (requires { mode.samples(); }) {
    expect(mode.samples() == votes.samples.size(), "certify: votes on ", votes.samples.size(),
           " samples but test scales of ", mode.samples());
  }
  if constexpr (requires { mode.classes(); }) {
    expect(mode.classes() == votes.classes, "certify: mode ", std::string_view(mode.name), " is for ", mode.classes(),
           " classes, got ", votes.classes);
  }
  std::map<std::pair<double, double>, double> budgets;
  std::map<std::pair<double, double>, certificate> radii;
  std::vector<certificate> certificates;
  certificates.reserve(votes.samples.size());
  for (std::size_t i = 0; i < votes.samples.size(); ++i) {
    const auto& [top, models] = votes.samples[i];
    const auto [found, unknown] = budgets.try_emplace({top.lower, top.upper});
    if (unknown) found->second = mode.budget(top.lower, top.upper);
    certificate c{.predicted = top.label,
                  .lower = top.lower,
                  .upper = top.upper,
                  .scale = mode.scale(i),
                  .mode = mode.name,
                  .norm = mode.norm,
                  .bound = votes.bound,
                  .selection = votes.selection,
                  .alpha = votes.alpha,
                  .models = models};
    if (const double budget = found->second; budget > 0.0) {
      c.label = top.label;
      c.budget = budget;
      const auto [radius, first] = radii.try_emplace({budget, c.scale});
      if constexpr (Mode::certified) {
        if (first) radius->second.radius = certified_radius::issue(mode, budget, i);
        c.radius = radius->second.radius;
        c.rows = 0;
        c.result = outcome::certified;
      } else {
        if (first) radius->second.candidate = candidate_radius(mode.radius(budget, i));
        c.candidate = radius->second.candidate;
        c.result = outcome::published;
      }
    } else if (top.lower > top.upper) {
      c.result = outcome::nothing_left;
    } else {
      c.result = top.upper == 1.0 - top.lower ? outcome::bound_not_above_half : outcome::bounds_overlap;
    }
    certificates.push_back(c);
  }
  return certificates;
}

/// Brief: a compile-time error that states the reason, if a mode is used with votes that were taken under another
/// noise.
template <class Mode, class Noise>
constexpr void require_mode_of() {
  static_assert(
      requires { typename Mode::radius_rule; },
      "certssb: a mode for the votes of a defence names the radius rule it rests on, whose noise is then "
      "checked: `using radius_rule = gaussian_l2;`.");
  if constexpr (requires { typename Mode::radius_rule; }) require_paired<typename Mode::radius_rule, Noise>();
}

/// Brief: checks that a mode is for the training rows of this outcome, if it is for training rows.
/// Throws: argument_error if it has another number of them, or a larger scale for one of them.
template <class Noise, std::floating_point Scalar, certificate_mode Mode>
void expect_same_rows(const defence_outcome<Noise, Scalar>& outcome, const Mode& mode) {
  const training_scales& trained = outcome.train_scales;
  expect(mode.rows() == 0 || mode.rows() == trained.size(), "certify: mode ", std::string_view(mode.name), " is for ",
         mode.rows(), " training rows, the members were trained on ", trained.size());
  if constexpr (requires { mode.scales(); }) {
    for (std::size_t i = 0; i < trained.size(); ++i) {
      expect(mode.scales()[i] <= trained[i], "certify: mode ", std::string_view(mode.name), " has the scale ",
             mode.scales()[i], " for training row ", i, ", the members were trained at ", trained[i]);
    }
  }
}

/// Brief: the certificate of every sample of a vote table: bound_votes, then issue.
/// Determinism: a function of the arguments. Each certificate fails with probability at most alpha; for all n at once
/// pass alpha / n.
template <class Table, class Bound, class Selection, certificate_mode Mode>
[[nodiscard]] std::vector<certificate> certify(const Table& votes, const Bound& bound, const Selection& selection,
                                               const Mode& mode, double alpha) {
  return issue(bound_votes(votes, bound, selection, alpha), mode);
}

/// Brief: the same for the votes of a defence on its set `which` of test inputs, in a mode made from the same defence.
/// Throws: argument_error if there is no such set, or if the mode is for another number of training rows or for a
/// larger scale than a row was trained at; and as certify.
template <class Noise, std::floating_point Scalar, class Bound, class Selection, certificate_mode Mode>
[[nodiscard]] std::vector<certificate> certify(const defence_outcome<Noise, Scalar>& outcome, std::size_t which,
                                               const Bound& bound, const Selection& selection, const Mode& mode,
                                               double alpha) {
  require_mode_of<Mode, Noise>();
  expect(which < outcome.ballots.size(), "certify: there are ", outcome.ballots.size(),
         " sets of test inputs, got number ", which);
  expect_same_rows(outcome, mode);
  return certify(outcome.ballots[which].votes, bound, selection, mode, alpha);
}

}  // namespace v1
}  // namespace certssb
