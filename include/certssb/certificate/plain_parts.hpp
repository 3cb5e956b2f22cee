// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `parts`: one deterministic model for each part of the training set; the models vote.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/parts_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/radius/finite_aggregation.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the certificate of one deterministic model per part on one sample; a changed row touches `parts_per_row` parts.
[[nodiscard]] inline certificate certify_plain_parts(const part_votes& parts, std::size_t parts_per_row = 1) {
  certificate c{.predicted = parts.leader(),
                .result = outcome::bounds_overlap,
                .mode = parts_facts::name,
                .norm = parts_facts::norm,
                .bound = "none",
                .selection = "none",
                .models = 1};
  if (const auto survives = parts.survives()) {
    c.label = parts.leader();
    c.rows = *survives / parts_per_row;
    c.result = outcome::certified;
  }
  return c;
}

/// Brief: the vote of one deterministic model per part: whatever happens to the rows of at most `survives` parts, the
/// others still outvote them. Covers features and labels alike, with certainty. With shifts, parts overlap: a row of hash
/// h is seen by the models at (h + shift) mod k (finite_aggregation).
/// Reference: Levine and Feizi, Deep Partition Aggregation (ICLR 2021); Wang, Levine and Feizi, Finite Aggregation (ICML
/// 2022).
class plain_parts {
public:
  static constexpr bool certified = true;

  /// Brief: `votes` holds the vote of every part's model on n samples, `part_of` the part of every training row (its
  /// hash, with shifts), and `parts_per_row` how many of these one changed row touches (row_parts::parts_per_row).
  /// Shapes: votes [k,n]; part_of [rows].
  /// Throws: argument_error if a row is in a part without a vote, and as finite_aggregation.
  plain_parts(hard_votes votes, std::vector<std::uint32_t> part_of, std::size_t parts_per_row = 1,
              std::vector<std::size_t> shifts = {})
      : votes_(std::move(votes)), part_of_(std::move(part_of)), parts_per_row_(parts_per_row) {
    if (!shifts.empty()) overlap_.emplace(votes_.members(), std::move(shifts));
    for (const std::uint32_t part : part_of_) {
      expect(part < votes_.members(), "parts: expected parts below ", votes_.members(), ", got ", part);
    }
  }

  [[nodiscard]] part_votes of(std::size_t sample) const {
    std::vector<label_type> labels(votes_.members());
    for (std::size_t j = 0; j < labels.size(); ++j) labels[j] = votes_(j, sample);
    return part_votes(labels, votes_.classes());
  }

  /// Brief: how many parts, or hashes, may change at will.
  [[nodiscard]] std::optional<std::size_t> survives(const part_votes& parts) const {
    return overlap_ ? overlap_->certify(parts.labels(), parts.classes()).survives : parts.survives();
  }

  /// Brief: the certificates: the class that most parts name, and the rows that it survives.
  /// Cost: n k; with d shifts as finite_aggregation.
  [[nodiscard]] std::vector<certificate> issue() const {
    std::vector<certificate> all;
    all.reserve(votes_.samples());
    for (std::size_t i = 0; i < votes_.samples(); ++i) {
      const part_votes parts = of(i);
      all.push_back(certify_plain_parts(parts, parts_per_row_));
      if (overlap_) all.back().rows = *survives(parts) / parts_per_row_;
    }
    return all;
  }

  /// Brief: whether the vote withstands an attack that is known row by row: every part with a changed row is lost.
  /// Where a change moves the row to another part, the changed rows are counted instead.
  /// Shapes: result [n].
  /// Throws: argument_error if the attack has another number of rows.
  /// Cost: n k.
  [[nodiscard]] std::vector<bool> covers(const attack_extent& attack) const {
    expect(attack.l2.size() == part_of_.size(), "parts: expected the change of ", part_of_.size(), " rows, got ",
           attack.l2.size());
    const std::vector<std::size_t> changed = rows_changed_by(attack);
    std::vector<bool> lost(votes_.members());
    for (const std::size_t row : changed) {
      if (overlap_) {
        for (const std::size_t model : overlap_->reached(part_of_[row])) lost[model] = true;
      } else {
        lost[part_of_[row]] = true;
      }
    }
    std::vector<bool> covered(votes_.samples());
    for (std::size_t i = 0; i < covered.size(); ++i) {
      const part_votes parts = of(i);
      if (parts_per_row_ == 1) {
        covered[i] = parts.covers_lost(lost);
      } else {
        const auto survived = survives(parts);
        covered[i] = survived.has_value() && changed.size() * parts_per_row_ <= *survived;
      }
    }
    return covered;
  }

private:
  hard_votes votes_;
  std::vector<std::uint32_t> part_of_;
  std::size_t parts_per_row_;
  std::optional<finite_aggregation> overlap_ = {};
};

}  // namespace v1
}  // namespace certssb
