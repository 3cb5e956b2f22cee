// SPDX-License-Identifier: MIT
#pragma once
// Brief: run-off election: the parts vote, then choose between the two classes with most votes.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/radius/parts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the classes in the order in which a model scores them, the highest first; ties go to the lower label.
/// Shapes: scores [K], order [K].
/// Throws: argument_error if lengths differ.
template <class Scalar>
void order_classes(std::span<const Scalar> scores, std::span<label_type> order) {
  expect(scores.size() == order.size(), "order_classes: ", scores.size(), " scores but room for ", order.size());
  std::iota(order.begin(), order.end(), label_type{0});
  std::ranges::stable_sort(order, [&](label_type a, label_type b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
}

namespace detail {

/// Brief: the parts that must change before a gap of `gap` votes is lost, each worth 2.
[[nodiscard]] constexpr std::int64_t parts_for_gap(std::int64_t gap) noexcept { return gap > 0 ? (gap + 1) / 2 : 0; }

/// Brief: the parts that must change before two gaps are both lost. A changed part is worth 2 of one gap and 1 of the
/// other.
/// Maths: the closed form of the recursion dp(i,j) = 1 + min(dp(i-2,j-1), dp(i-1,j-2)), which is parts_for_gap of the
/// larger gap where the smaller is below 2.
[[nodiscard]] constexpr std::int64_t parts_for_gaps(std::int64_t one, std::int64_t other) noexcept {
  const std::int64_t i = std::max(one, std::int64_t{0});
  const std::int64_t j = std::max(other, std::int64_t{0});
  return std::max({parts_for_gap(i), parts_for_gap(j), (i + j + 2) / 3});
}

/// Brief: the preferences of the models, counted.
class preference_votes {
public:
  preference_votes(std::span<const label_type> preferences, std::size_t classes)
      : preferences_(preferences), classes_(classes) {
    expect(classes >= 2, "run_off: needs at least 2 classes, got ", classes);
    expect(!preferences.empty() && preferences.size() % classes == 0, "run_off: ", preferences.size(),
           " preferences do not make models of ", classes, " classes each");
    models_ = preferences.size() / classes;
    std::vector<std::size_t> seen_by(classes, models_);
    std::vector<std::size_t> counts(classes);
    for (std::size_t m = 0; m < models_; ++m) {
      for (const label_type label : order_of(m)) {
        expect(label >= 0 && label < static_cast<label_type>(classes) && seen_by[static_cast<std::size_t>(label)] != m,
               "run_off: the preferences of model ", m, " are no permutation of the ", classes, " classes: label ",
               label, " is repeated or out of range");
        seen_by[static_cast<std::size_t>(label)] = m;
      }
      ++counts[static_cast<std::size_t>(order_of(m).front())];
    }
    first_choices_.assign(counts.begin(), counts.end());
    const top_two finalists = find_top_two(std::span<const std::int64_t>(first_choices_));
    const std::size_t low = std::min(finalists.first, finalists.second);
    const std::size_t high = std::max(finalists.first, finalists.second);
    const bool low_wins = 2 * preferred_over(low)[high] >= static_cast<std::int64_t>(models_);
    winner_ = low_wins ? low : high;
    loser_ = low_wins ? high : low;
  }

  [[nodiscard]] std::size_t winner() const noexcept { return winner_; }
  [[nodiscard]] std::size_t loser() const noexcept { return loser_; }

  /// Brief: the lead of p over q in the first round, ties counted.
  [[nodiscard]] std::int64_t lead(std::size_t p, std::size_t q) const noexcept {
    return first_choices_[p] - first_choices_[q] + (q > p ? 1 : 0);
  }

  /// Brief: the lead of the winner over every class in a second round.
  [[nodiscard]] std::vector<std::int64_t> final_leads() const {
    std::vector<std::int64_t> leads = preferred_over(winner_);
    for (std::size_t c = 0; c < classes_; ++c) {
      leads[c] = 2 * leads[c] - static_cast<std::int64_t>(models_) + (c > winner_ ? 1 : 0);
    }
    return leads;
  }

private:
  [[nodiscard]] std::span<const label_type> order_of(std::size_t model) const {
    return preferences_.subspan(model * classes_, classes_);
  }

  /// Brief: for every class, how many models prefer p to it.
  [[nodiscard]] std::vector<std::int64_t> preferred_over(std::size_t p) const {
    std::vector<std::int64_t> behind(classes_);
    for (std::size_t m = 0; m < models_; ++m) {
      bool after = false;
      for (const label_type label : order_of(m)) {
        const auto c = static_cast<std::size_t>(label);
        if (after) ++behind[c];
        after = after || c == p;
      }
    }
    return behind;
  }

  std::span<const label_type> preferences_;
  std::size_t classes_;
  std::size_t models_ = 0;
  std::vector<std::int64_t> first_choices_;
  std::size_t winner_ = 0;
  std::size_t loser_ = 0;
};

}  // namespace detail

/// Brief: the winner of the run-off election of one model per part, and how many parts may change at will. Round 1: each
/// model votes for its first choice, and the two classes with most votes go on. Round 2: each model votes for the one of
/// them that it prefers. Ties go to the lower label.
/// Maths: y wins, s is the other finalist, G(p,q) = N_p - N_q + [q > p], half(z) = ceil(max(z, 0) / 2), and G2(c) is
/// twice the number of models that prefer y to c, less the number of models, + [c > y]. y leaves the final after R1 =
/// min over p, q != y of the parts for G(y,p) and G(y,q) together; it loses the final to c after R2 = min over c of
/// max(half(G(s,c)) if c != s else 0, half(G2(c))). min(R1, R2) - 1 parts are survived. For K = 2 it is the vote of plain
/// parts.
/// Shapes: preferences [k, K], each model's classes from the highest score to the lowest.
/// Requires: each model follows from the rows of its part alone.
/// Throws: argument_error for fewer than 2 classes, lengths that disagree, and preferences that are no permutation.
/// Cost: O(k K + K^2).
/// Reference: Rezaei et al., Run-off election: improved provable defense against data poisoning attacks (ICML 2023).
[[nodiscard]] inline surviving_class run_off(std::span<const label_type> preferences, std::size_t classes) {
  const detail::preference_votes votes(preferences, classes);
  const std::size_t y = votes.winner();
  const std::vector<std::int64_t> final_leads = votes.final_leads();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t p = 0; p < classes; ++p) {
    if (p == y) continue;
    for (std::size_t q = p + 1; q < classes; ++q) {
      if (q != y) least = std::min(least, detail::parts_for_gaps(votes.lead(y, p), votes.lead(y, q)));
    }
    const std::int64_t to_final = p == votes.loser() ? 0 : detail::parts_for_gap(votes.lead(votes.loser(), p));
    least = std::min(least, std::max(to_final, detail::parts_for_gap(final_leads[p])));
  }
  return {static_cast<label_type>(y), static_cast<std::size_t>(least - 1)};
}

/// Brief: whether y, the winner of the run-off, stays whatever the lost models prefer: the exact test of one attack whose
/// rows are known.
/// Maths: N_c counts the first choices of the models that are left, W_c those of them that prefer y to c; l are lost. y
/// misses the final if, for some p and q, max(0, N_y - N_p + [p > y]) and the same of q are together at most l. c takes
/// the final if N_c + l >= N_t + [t < c] for every third class t, and 2 W_c + [c > y] is at most the number of all models.
/// Shapes: preferences [k, K] as for run_off; lost [k].
/// Throws: argument_error if lengths disagree.
/// Cost: O(k K + K^2).
[[nodiscard]] inline bool run_off_withstands(std::span<const label_type> preferences, std::size_t classes, label_type y,
                                             const std::vector<bool>& lost) {
  expect(preferences.size() == lost.size() * classes, "run_off: there are ", preferences.size(), " preferences, but ",
         lost.size(), " models of ", classes, " classes");
  std::vector<std::int64_t> first(classes);
  std::vector<std::int64_t> behind(classes);  // models left that prefer y
  const std::int64_t gone = std::ranges::count(lost, true);
  for (std::size_t m = 0; m < lost.size(); ++m) {
    if (lost[m]) continue;
    const auto order = preferences.subspan(m * classes, classes);
    ++first[static_cast<std::size_t>(order.front())];
    for (auto after = std::ranges::find(order, y); after != order.end(); ++after) {
      ++behind[static_cast<std::size_t>(*after)];
    }
  }
  const auto mine = static_cast<std::size_t>(y);
  for (std::size_t c = 0; c < classes; ++c) {
    if (c == mine) continue;
    const auto to_pass = [&](std::size_t p) {
      return std::max<std::int64_t>(0, first[mine] - first[p] + (p > mine ? 1 : 0));
    };
    bool reaches = true;
    for (std::size_t t = 0; t < classes; ++t) {
      if (t == mine || t == c) continue;
      if (to_pass(c) + to_pass(t) <= gone) return false;
      reaches = reaches && first[c] + gone >= first[t] + (t < c ? 1 : 0);
    }
    if (reaches && 2 * behind[c] + (c > mine ? 1 : 0) <= static_cast<std::int64_t>(lost.size())) return false;
  }
  return true;
}

}  // namespace v1
}  // namespace certssb
