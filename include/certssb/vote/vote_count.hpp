// SPDX-License-Identifier: MIT
#pragma once
// Brief: hard votes: how many of the M members name each class.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/top_two.hpp"
#include "certssb/vote/concept.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one sample's counts, which sum to at most `trials`, a number that was fixed before any vote was seen.
struct vote_count {
  std::span<const std::int64_t> counts;  ///< [K]
  std::int64_t trials;                   ///< M
  static constexpr bool exclusive = true;
  static constexpr sampling_design design = sampling_design::fixed_number;

  [[nodiscard]] std::size_t classes() const noexcept { return counts.size(); }
  [[nodiscard]] std::size_t top() const noexcept { return find_top(counts); }
};

static_assert(hard_vote_statistic<vote_count>);

/// Brief: the class that a row of scores votes for: the largest, ties to the lowest index. A score that is not a number
/// loses to every number, so that a diverged member also votes, always in the same way.
template <std::floating_point Scalar>
[[nodiscard]] std::size_t hard_vote(std::span<const Scalar> scores) noexcept {
  std::size_t top = 0;
  for (std::size_t c = 1; c < scores.size(); ++c) {
    if (std::isnan(scores[top]) ? !std::isnan(scores[c]) : scores[c] > scores[top]) top = c;
  }
  return top;
}

/// Brief: the counts of n samples over K classes, added up member by member.
/// Determinism: counts are whole numbers, so neither the order of members nor of merges matters.
class vote_counts {
public:
  /// Brief: no votes yet.
  /// Throws: argument_error for no samples or fewer than 2 classes.
  vote_counts(std::size_t samples, std::size_t classes)
      : classes_(checked_classes(samples, classes)), values_(samples * classes) {}

  /// Brief: counts that were made elsewhere.
  /// Shapes: values [n,K], row-major.
  /// Throws: argument_error unless K >= 2 divides the length, trials > 0, counts >= 0 and each row sums to at most
  /// `trials`.
  vote_counts(std::vector<std::int64_t> values, std::size_t classes, std::int64_t trials)
      : classes_(classes), trials_(trials), values_(std::move(values)) {
    expect(classes >= 2, "vote_counts: needs at least 2 classes, got ", classes);
    expect(!values_.empty() && values_.size() % classes == 0, "vote_counts: ", values_.size(),
           " counts do not make whole rows of ", classes, " classes");
    expect(trials > 0, "vote_counts: trials must be positive, got ", trials);
    for (std::size_t i = 0; i < samples(); ++i) {
      std::int64_t left = trials;
      for (const std::int64_t count : (*this)[i].counts) {
        expect(count >= 0, "vote_counts: sample ", i, " has a negative count, ", count);
        expect(count <= left, "vote_counts: the counts of sample ", i, " sum to more than ", trials, " trials");
        left -= count;
      }
    }
  }

  /// Brief: adds one member's hard votes on all samples.
  /// Shapes: scores [n,K].
  /// Throws: argument_error for another length.
  template <std::floating_point Scalar>
  void add(std::span<const Scalar> scores) {
    expect(scores.size() == values_.size(), "vote_counts::add: expected ", samples(), " x ", classes_, " scores, got ",
           scores.size());
    for (std::size_t i = 0; i < samples(); ++i) {
      ++values_[i * classes_ + hard_vote(scores.subspan(i * classes_, classes_))];
    }
    ++trials_;
  }

  /// Brief: adds the hard votes of one member on all samples.
  /// Shapes: votes [n].
  /// Throws: argument_error for another length or a vote outside [0, K).
  void add_votes(std::span<const label_type> votes) {
    expect(votes.size() == samples(), "vote_counts::add_votes: expected ", samples(), " votes, got ", votes.size());
    for (const label_type vote : votes) {
      expect(vote >= 0 && std::cmp_less(vote, classes_), "vote_counts::add_votes: a vote must lie in [0, ", classes_,
             "), got ", vote);
    }
    for (std::size_t i = 0; i < votes.size(); ++i) ++values_[i * classes_ + static_cast<std::size_t>(votes[i])];
    ++trials_;
  }

  /// Brief: adds the votes of other members.
  /// Throws: argument_error for another shape.
  void merge(const vote_counts& other) {
    expect(other.classes_ == classes_ && other.values_.size() == values_.size(), "vote_counts::merge: expected ",
           samples(), " x ", classes_, " counts, got ", other.samples(), " x ", other.classes_);
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
    trials_ += other.trials_;
  }

  [[nodiscard]] std::int64_t trials() const noexcept { return trials_; }
  [[nodiscard]] std::size_t samples() const noexcept { return values_.size() / classes_; }
  [[nodiscard]] std::size_t classes() const noexcept { return classes_; }
  [[nodiscard]] std::span<const std::int64_t> values() const noexcept { return values_; }
  [[nodiscard]] vote_count operator[](std::size_t i) const noexcept {
    return {values().subspan(i * classes_, classes_), trials_};
  }

private:
  static std::size_t checked_classes(std::size_t samples, std::size_t classes) {
    expect(samples > 0, "vote_counts: needs at least 1 sample");
    expect(classes >= 2, "vote_counts: needs at least 2 classes, got ", classes);
    return classes;
  }

  std::size_t classes_;
  std::int64_t trials_ = 0;
  std::vector<std::int64_t> values_;
};

static_assert(vote_table<vote_counts>);

}  // namespace v1
}  // namespace certssb
