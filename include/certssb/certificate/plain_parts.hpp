// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `parts`: one deterministic model for each part of the training set; the models vote.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/parts_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <cstddef>
#include <cstdint>
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
/// others still outvote them. Covers features and labels alike, with certainty.
/// Reference: Levine and Feizi, Deep Partition Aggregation (ICLR 2021).
class plain_parts {
public:
  static constexpr bool certified = true;

  /// Brief: `votes` holds the vote of every part's model on n samples, `part_of` the part of every training row, and
  /// `parts_per_row` how many parts one changed row touches (row_parts::parts_per_row).
  /// Shapes: votes [k,n]; part_of [rows].
  /// Throws: argument_error if a row is in a part without a vote.
  plain_parts(hard_votes votes, std::vector<std::uint32_t> part_of, std::size_t parts_per_row = 1)
      : votes_(std::move(votes)), part_of_(std::move(part_of)), parts_per_row_(parts_per_row) {
    for (const std::uint32_t part : part_of_) {
      expect(part < votes_.members(), "parts: expected parts below ", votes_.members(), ", got ", part);
    }
  }

  [[nodiscard]] part_votes of(std::size_t sample) const {
    std::vector<label_type> labels(votes_.members());
    for (std::size_t j = 0; j < labels.size(); ++j) labels[j] = votes_(j, sample);
    return part_votes(labels, votes_.classes());
  }

  /// Brief: the certificates: the class that most parts name, and the rows that it survives.
  /// Cost: n k.
  [[nodiscard]] std::vector<certificate> issue() const {
    std::vector<certificate> all;
    all.reserve(votes_.samples());
    for (std::size_t i = 0; i < votes_.samples(); ++i) all.push_back(certify_plain_parts(of(i), parts_per_row_));
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
    expect(attack.relabelled.empty() || attack.relabelled.size() == part_of_.size(), "parts: expected whether each of ",
           part_of_.size(), " labels changed, got ", attack.relabelled.size());
    std::vector<bool> lost(votes_.members());
    std::size_t changed = 0;
    for (std::size_t i = 0; i < part_of_.size(); ++i) {
      const bool relabelled = !attack.relabelled.empty() && attack.relabelled[i] != 0;
      if (attack.l2[i] == 0.0 && !relabelled) continue;
      lost[part_of_[i]] = true;
      ++changed;
    }
    std::vector<bool> covered(votes_.samples());
    for (std::size_t i = 0; i < covered.size(); ++i) {
      const part_votes parts = of(i);
      covered[i] = parts_per_row_ == 1 ? parts.covers_lost(lost)
                                       : parts.survives().has_value() && changed * parts_per_row_ <= *parts.survives();
    }
    return covered;
  }

private:
  hard_votes votes_;
  std::vector<std::uint32_t> part_of_;
  std::size_t parts_per_row_;
};

}  // namespace v1
}  // namespace certssb
