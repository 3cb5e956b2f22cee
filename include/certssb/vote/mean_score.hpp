// SPDX-License-Identifier: MIT
#pragma once
// Brief: soft votes: each class's scores in member order, and their mean over the M members.

#include "certssb/core/expect.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/vote/concept.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one sample's scores and their means, of a number of members fixed before any score was seen.
struct mean_score {
  std::span<const double> means;   ///< [K], each in [0,1]
  std::span<const double> scores;  ///< [K,M], row-major: the scores of a class are contiguous, in member order
  std::int64_t trials;             ///< M
  bool exclusive = true;           ///< each member's scores sum to at most 1
  static constexpr sampling_design design = sampling_design::fixed_number;

  /// Brief: class c's scores in member order.
  [[nodiscard]] std::span<const double> series(std::size_t c) const {
    const auto members = static_cast<std::size_t>(trials);
    return scores.subspan(c * members, members);
  }
  [[nodiscard]] std::size_t classes() const noexcept { return means.size(); }
  [[nodiscard]] std::size_t top() const noexcept { return find_top(means); }
};

static_assert(vote_statistic<mean_score> && !hard_vote_statistic<mean_score>);

/// Brief: scores of n samples by M members, and their means.
/// Cost: keeps 8 bytes per score: 16 MB for 1000 members, 1000 samples and 2 classes.
class score_table {
public:
  /// Brief: reads all scores and keeps them by sample, class and member. If the scores of one member and sample sum to
  /// more than 1 by at most 1e-3 (rounding), they are divided by their sum; if they sum to more, the statistic of the
  /// sample is not exclusive.
  /// Shapes: scores [M,n,K], row-major.
  /// Throws: argument_error unless M, n >= 1, K >= 2, the length is their product and every score lies in [0,1].
  template <std::floating_point Scalar>
  score_table(std::span<const Scalar> scores, std::size_t members, std::size_t samples, std::size_t classes)
      : members_(members), classes_(classes), exclusive_(samples, true) {
    expect(members > 0 && samples > 0, "score_table: needs at least 1 member and 1 sample, got ", members, " and ",
           samples);
    expect(classes >= 2, "score_table: needs at least 2 classes, got ", classes);
    expect(scores.size() % samples == 0 && scores.size() / samples % classes == 0 &&
               scores.size() / samples / classes == members,
           "score_table: expected ", members, " x ", samples, " x ", classes, " scores, got ", scores.size());
    means_.resize(samples * classes);
    scores_.resize(scores.size());
    for (std::size_t row = 0; row < members * samples; ++row) {
      add_row(scores.subspan(row * classes, classes), row / samples, row % samples);
    }
    for (double& mean : means_) {
      mean /= static_cast<double>(members);
      if (mean > 1.0) mean = 1.0;
    }
  }

  [[nodiscard]] std::int64_t trials() const noexcept { return static_cast<std::int64_t>(members_); }
  [[nodiscard]] std::size_t samples() const noexcept { return exclusive_.size(); }
  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }
  [[nodiscard]] std::span<const double> values() const noexcept { return means_; }  ///< the means, [n,K]
  [[nodiscard]] mean_score operator[](std::size_t i) const {
    const std::size_t row = classes_ * members_;
    return {values().subspan(i * classes_, classes_), std::span(scores_).subspan(i * row, row), trials(),
            exclusive_[i]};
  }

private:
  template <class Scalar>
  void add_row(std::span<const Scalar> scores, std::size_t member, std::size_t sample) {
    double sum = 0.0;
    for (const Scalar score : scores) {
      expect(score >= Scalar(0) && score <= Scalar(1), "score_table: scores must lie in [0,1], got ", score,
             " from member ", member, " on sample ", sample);
      sum += static_cast<double>(score);
    }
    if (sum > 1.0 + 1e-3) exclusive_[sample] = false;
    const double divisor = sum > 1.0 && sum <= 1.0 + 1e-3 ? sum : 1.0;
    for (std::size_t c = 0; c < classes_; ++c) {
      const double score = static_cast<double>(scores[c]) / divisor;
      means_[sample * classes_ + c] += score;
      scores_[(sample * classes_ + c) * members_ + member] = score;
    }
  }

  std::size_t members_;
  std::size_t classes_;
  std::vector<bool> exclusive_;
  std::vector<double> means_;
  std::vector<double> scores_;
};

static_assert(vote_table<score_table>);

}  // namespace v1
}  // namespace certssb
