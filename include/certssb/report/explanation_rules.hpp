// SPDX-License-Identifier: MIT
#pragma once
// Brief: the votes of one sample and the mode that certifies them, with their types erased, to compute what other votes
// would give.

#include "certssb/bound/concept.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/certificate/stated_mode.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/vote/concept.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the votes on one sample, and the bounds of other votes.
/// Shapes: tally [K]: counts, or mean scores.
struct vote_rule {
  std::vector<double> tally;
  std::int64_t models = 0;                                  ///< M
  bool hard = true;                                         ///< counts of votes, not mean scores
  double parts = 1.0;                                       ///< the number of bounds that share alpha
  std::int64_t most = 0;                                    ///< the largest number of models considered
  std::function<bounded_top(std::int64_t)> repeated = {};   ///< bounds if each model were n that vote alike
  std::function<bounded_top(std::int64_t)> unanimous = {};  ///< bounds if n models voted, all for the leading class

  [[nodiscard]] bool empty() const { return tally.empty(); }

  /// Brief: the leading class.
  [[nodiscard]] std::size_t top() const { return find_top(std::span<const double>(tally)); }

  /// Brief: the leading class's share of the votes, or its mean score.
  [[nodiscard]] double share() const { return hard ? tally[top()] / static_cast<double>(models) : tally[top()]; }
};

/// Brief: the rule of given votes under a bound and a selection, at total error alpha.
/// Requires: votes fit bound and selection, as for certify.
template <class Selection, vote_statistic Statistic, class Bound>
[[nodiscard]] vote_rule rule_of_votes(const Statistic& votes, const Bound& bound, double alpha) {
  vote_rule rule;
  rule.models = votes.trials;
  rule.hard = hard_vote_statistic<Statistic>;
  rule.parts = Selection::template parts<Statistic>(votes.classes());
  const std::size_t classes = votes.classes();
  const std::size_t top = votes.top();
  if constexpr (hard_vote_statistic<Statistic>) {
    rule.most = std::int64_t{1} << 40U;
    const std::vector<std::int64_t> counts(votes.counts.begin(), votes.counts.end());
    rule.tally.assign(counts.begin(), counts.end());
    rule.repeated = [=, trials = votes.trials](std::int64_t times) {
      std::vector<std::int64_t> more = counts;
      for (std::int64_t& count : more) count *= times;
      return Selection{}.bound_top(Statistic{more, trials * times}, bound, alpha);
    };
    rule.unanimous = [=](std::int64_t models) {
      std::vector<std::int64_t> all(classes);
      all[top] = models;
      return Selection{}.bound_top(Statistic{all, models}, bound, alpha);
    };
  } else {
    rule.most = 10'000;  // whose scores are kept one by one
    rule.tally.assign(votes.means.begin(), votes.means.end());
    const std::vector<double> scores(votes.scores.begin(), votes.scores.end());
    const auto members = static_cast<std::size_t>(votes.trials);
    rule.repeated = [=, means = rule.tally, exclusive = votes.exclusive](std::int64_t times) {
      std::vector<double> more;
      for (std::size_t c = 0; c < classes; ++c) {
        const auto from = scores.begin() + static_cast<std::ptrdiff_t>(c * members);
        for (std::int64_t t = 0; t < times; ++t) {
          more.insert(more.end(), from, from + static_cast<std::ptrdiff_t>(members));
        }
      }
      const std::int64_t trials = static_cast<std::int64_t>(members) * times;
      return Selection{}.bound_top(Statistic{means, more, trials, exclusive}, bound, alpha);
    };
    rule.unanimous = [=](std::int64_t models) {
      std::vector<double> means(classes);
      std::vector<double> all(classes * static_cast<std::size_t>(models));
      means[top] = 1.0;
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(top) * models;
      std::fill(from, from + models, 1.0);
      return Selection{}.bound_top(Statistic{means, all, models}, bound, alpha);
    };
  }
  return rule;
}

/// Brief: the budget and the radius that a mode gives for bounds on one test sample.
struct sample_rule {
  double scale = 0.0;     ///< the scale that the radius is measured with
  mode_facts facts = {};  ///< of the mode, with its flags
  std::function<double(double, double)> budget = {};
  std::function<double(double)> radius = {};
  std::function<double(double, double)> uncharged = {};  ///< the radius if the mode paid for its scale only
  std::function<double(double, std::size_t)> per_pattern = {};
  std::function<std::size_t(double, double)> max_rows = {};
  std::function<bool(double, const attack_extent&)> covers = {};

  [[nodiscard]] double radius_of(const bounded_top& bounds) const {
    const double b = budget(bounds.lower, bounds.upper);
    return b > 0.0 ? radius(b) : 0.0;
  }
};

/// Brief: the rule of a mode, or of a stated_mode, for one of its samples.
template <attack_statement Mode>
[[nodiscard]] sample_rule rule_of_mode(const Mode& mode, std::size_t sample) {
  const auto kept = std::make_shared<const Mode>(mode);
  sample_rule rule{.scale = mode.scale(sample)};
  if constexpr (std::same_as<Mode, stated_mode>) {
    rule.facts = mode.facts;
  } else {
    rule.facts = facts_of_type<Mode>();
  }
  rule.budget = [kept](double lower, double upper) { return kept->budget(lower, upper); };
  rule.radius = [kept, sample](double budget) { return kept->radius(budget, sample); };
  rule.uncharged = [kept, sample, scale = rule.scale](double lower, double upper) {
    if (std::string_view(kept->norm) != l2_norm::name) return kept->radius(kept->budget(lower, upper), sample);
    return gaussian_l2::scaled(gaussian_l2::budget(lower, upper), scale);
  };
  rule.per_pattern = [kept](double budget, std::size_t rows) { return kept->per_pattern(budget, rows); };
  rule.max_rows = [kept](double budget, double norm) { return max_rows(*kept, budget, norm); };
  rule.covers = [kept](double budget, const attack_extent& attack) { return kept->covers(budget, attack); };
  return rule;
}

}  // namespace v1
}  // namespace certssb
