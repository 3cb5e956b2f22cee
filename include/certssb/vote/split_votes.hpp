// SPDX-License-Identifier: MIT
#pragma once
// Brief: split votes: the first members choose the class, and the others bound its probability.

#include "certssb/core/expect.hpp"
#include "certssb/vote/mean_score.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: one sample's statistic in both parts.
template <vote_statistic Statistic>
struct split_statistic {
  Statistic selection;
  Statistic certification;
};

template <vote_statistic Statistic>
split_statistic(Statistic, Statistic) -> split_statistic<Statistic>;

/// Brief: two tables over the same samples and disjoint members, split before any vote is seen. A vote_counts does not
/// keep its members apart, so hard votes are split by adding them to two tables.
template <vote_table Table>
class split_votes {
public:
  /// Throws: argument_error unless both have the same samples and classes.
  split_votes(Table selection, Table certification)
      : selection_(std::move(selection)), certification_(std::move(certification)) {
    expect(selection_.samples() == certification_.samples() && selection_.classes() == certification_.classes(),
           "split_votes: selection has ", selection_.samples(), " x ", selection_.classes(),
           " votes, certification has ", certification_.samples(), " x ", certification_.classes());
  }

  [[nodiscard]] std::size_t samples() const noexcept { return certification_.samples(); }
  [[nodiscard]] std::size_t classes() const noexcept { return certification_.classes(); }
  [[nodiscard]] auto operator[](std::size_t i) const { return split_statistic{selection_[i], certification_[i]}; }

private:
  Table selection_;
  Table certification_;
};

/// Brief: mean scores of the first `selection_members` members and of the rest.
/// Shapes: scores [M,n,K].
/// Throws: argument_error unless 0 < selection_members < M, and as score_table.
template <std::floating_point Scalar>
[[nodiscard]] split_votes<score_table> split_scores(std::span<const Scalar> scores, std::size_t members,
                                                    std::size_t samples, std::size_t classes,
                                                    std::size_t selection_members) {
  expect(selection_members > 0 && selection_members < members,
         "split_scores: selection_members must lie between 1 and ", members, " - 1, got ", selection_members);
  expect(scores.size() == members * samples * classes, "split_scores: expected ", members, " x ", samples, " x ",
         classes, " scores, got ", scores.size());
  const std::size_t first = selection_members * samples * classes;
  return {score_table(scores.first(first), selection_members, samples, classes),
          score_table(scores.subspan(first), members - selection_members, samples, classes)};
}

}  // namespace v1
}  // namespace certssb
