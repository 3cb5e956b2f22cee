// SPDX-License-Identifier: MIT
#pragma once
// Brief: the vote of the parts of a training set: how many parts may change at will without a change of its winner.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/top_two.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a class that is named, and how many changes it survives: of rows or of parts, as its maker says. It holds for
/// every number up to `survives` (closed).
struct surviving_class {
  label_type label;
  std::size_t survives;
};

/// Brief: the winner of votes of which the numbers are known, and how many of those that voted may change at will; none
/// of them abstains. Ties go to the lower label.
/// Shapes: counts [K].
/// Throws: argument_error for fewer than 2 classes.
[[nodiscard]] inline surviving_class survive_by_counts(std::span<const std::int64_t> counts) {
  expect(counts.size() >= 2, "survive_by_counts: needs at least 2 classes, got ", counts.size());
  const std::size_t y = find_top(counts);
  std::int64_t least = counts[y];  // what another class lacks at most
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (c != y) least = std::min(least, counts[y] - counts[c] - (c < y ? 1 : 0));
  }
  return {static_cast<label_type>(y), static_cast<std::size_t>(least / 2)};
}

/// Brief: the votes of k parts for one test input, each a class or `abstain`.
/// Maths: y is the class that most parts name; ties go to the lower label. gap(c) = N_y - N_c - [c < y]: y stays as
/// long as the votes that it loses and those that c gains are together at most gap(c). A parts abstain; they are
/// counted for c at once, since a change of their rows may make them vote. A changed part is worth 2 if it named y.
/// Requires: each part's vote follows from the part's rows alone (the training seed is a function of the part's
/// index), and a row belongs to one part, which was fixed beforehand.
/// Cost: one pass over the parts.
/// Reference: Levine and Feizi, Deep Partition Aggregation (ICLR 2021).
class part_votes {
public:
  /// Shapes: labels [k].
  /// Throws: argument_error for no parts, fewer than 2 classes, or a label that is neither `abstain` nor in [0, K).
  part_votes(std::span<const label_type> labels, std::size_t classes)
      : labels_(labels.begin(), labels.end()), counts_(classes) {
    expect(!labels.empty(), "part_votes: needs at least 1 part");
    expect(classes >= 2, "part_votes: needs at least 2 classes, got ", classes);
    for (const label_type label : labels) {
      expect(label >= abstain && label < static_cast<label_type>(classes),
             "part_votes: a part's label must be -1 (it abstains) or lie in [0, ", classes, "), got ", label);
      ++(label == abstain ? abstaining_ : counts_[static_cast<std::size_t>(label)]);
    }
    if (abstaining_ < labels.size()) leader_ = static_cast<label_type>(find_top(std::span<const std::size_t>(counts_)));
  }

  [[nodiscard]] std::size_t parts() const noexcept { return labels_.size(); }
  [[nodiscard]] std::size_t classes() const noexcept { return counts_.size(); }
  [[nodiscard]] std::span<const label_type> labels() const noexcept { return labels_; }

  /// Brief: N_c of every class.
  [[nodiscard]] std::span<const std::size_t> counts() const noexcept { return counts_; }
  /// Brief: A, how many parts abstain.
  [[nodiscard]] std::size_t abstaining() const noexcept { return abstaining_; }
  /// Brief: y; `abstain` if all parts abstain.
  [[nodiscard]] label_type leader() const noexcept { return leader_; }

  /// Brief: gap(c), at least 0.
  /// Requires: a leader, and c another class.
  [[nodiscard]] std::size_t gap(std::size_t c) const noexcept {
    const auto y = static_cast<std::size_t>(leader_);
    return counts_[y] - counts_[c] - (c < y ? 1 : 0);
  }

  /// Brief: the largest number of parts that may change at will, `failures` of them spent on reports that may be false
  /// already. Empty if nothing is certified: not even the data at hand, whose abstainers might vote.
  /// Maths: floor(min_c (gap(c) - A) / 2) - failures.
  [[nodiscard]] std::optional<std::size_t> survives(std::size_t failures = 0) const noexcept {
    if (leader_ == abstain) return std::nullopt;
    std::size_t least = parts();
    for_each_rival([&](std::size_t c) { least = std::min(least, gap(c)); });
    if (least < abstaining_ + 2 * failures) return std::nullopt;
    return (least - abstaining_) / 2 - failures;
  }

  /// Brief: the leader, if it is certified; else `abstain`.
  [[nodiscard]] label_type label(std::size_t failures = 0) const noexcept {
    return survives(failures) ? leader_ : abstain;
  }

  /// Brief: whether the leader stays when exactly these parts change at will: the test of one attack whose rows are
  /// known. It is sharper than survives(), since it knows what the lost parts named.
  /// Maths: for every c, 2 (lost parts that name y) + lost parts that name a third class + A + 2 failures <= gap(c).
  /// Shapes: lost [k], one truth value per part, in any range: std::vector<bool>, say.
  /// Throws: argument_error unless there is one value per part.
  template <std::ranges::random_access_range Flags>
  requires std::ranges::sized_range<Flags> && std::convertible_to < std::ranges::range_reference_t<Flags>,
  bool > [[nodiscard]] bool covers_lost(const Flags& lost, std::size_t failures = 0) const {
    const auto given = static_cast<std::size_t>(std::ranges::size(lost));
    expect(given == parts(), "part_votes: there are ", parts(), " parts but ", given,
           " values that say which are lost");
    if (leader_ == abstain) return false;
    std::vector<std::size_t> lost_of(classes());
    std::size_t all = 0;
    auto flag = std::ranges::begin(lost);
    for (const label_type label : labels_) {
      if (static_cast<bool>(*flag++) && label != abstain) {
        ++lost_of[static_cast<std::size_t>(label)];
        ++all;
      }
    }
    const std::size_t lost_leader = lost_of[static_cast<std::size_t>(leader_)];
    bool stays = true;
    for_each_rival([&](std::size_t c) {
      const std::size_t worth = 2 * lost_leader + (all - lost_leader - lost_of[c]);
      stays = stays && worth + abstaining_ + 2 * failures <= gap(c);
    });
    return stays;
  }

private:
  template <class Visit>
  void for_each_rival(Visit&& visit) const {
    for (std::size_t c = 0; c < classes(); ++c) {
      if (static_cast<label_type>(c) != leader_) visit(c);
    }
  }

  std::vector<label_type> labels_;
  std::vector<std::size_t> counts_;
  std::size_t abstaining_ = 0;
  label_type leader_ = abstain;
};

}  // namespace v1
}  // namespace certssb
