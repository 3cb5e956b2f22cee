// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `parts` under a run-off election: the parts vote, then choose between the two classes with most votes.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/parts_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/radius/run_off.hpp"
#include "certssb/vote/hard_votes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the run-off election of one deterministic model per part.
/// Reference: Rezaei et al., Run-off election: improved provable defense against data poisoning attacks (ICML 2023).
class run_off_parts {
public:
  static constexpr bool certified = true;

  /// Brief: `preferences` holds every model's order of the K classes on n samples, `part_of` the part of every training
  /// row, and `parts_per_row` how many parts one changed row touches.
  /// Shapes: preferences [k, n K]; part_of [rows].
  /// Throws: argument_error if a row is in a part without a model, or the preferences are no permutations.
  run_off_parts(hard_votes preferences, std::vector<std::uint32_t> part_of, std::size_t parts_per_row = 1)
      : preferences_(std::move(preferences)), part_of_(std::move(part_of)), parts_per_row_(parts_per_row) {
    for (const std::uint32_t part : part_of_) {
      expect(part < preferences_.members(), "parts: expected parts below ", preferences_.members(), ", got ", part);
    }
    const std::size_t classes = preferences_.classes();
    for (std::size_t i = 0; i < preferences_.samples() / classes; ++i) answers_.push_back(run_off(orders(i), classes));
  }

  /// Brief: the certificates: the class that is elected, and the rows that it survives.
  [[nodiscard]] std::vector<certificate> issue() const {
    std::vector<certificate> all;
    all.reserve(answers_.size());
    for (const surviving_class& answer : answers_) {
      all.push_back({.label = answer.label,
                     .predicted = answer.label,
                     .rows = answer.survives / parts_per_row_,
                     .result = outcome::certified,
                     .mode = parts_facts::name,
                     .norm = parts_facts::norm,
                     .bound = "none",
                     .selection = "none",
                     .models = 1});
    }
    return all;
  }

  /// Brief: whether the election withstands an attack that is known row by row: every part with a changed row is lost.
  /// Where a change moves the row to another part, the changed rows are counted instead.
  /// Shapes: result [n].
  /// Throws: argument_error if the attack has another number of rows.
  /// Cost: n k K.
  [[nodiscard]] std::vector<bool> covers(const attack_extent& attack) const {
    expect(attack.l2.size() == part_of_.size(), "parts: expected the change of ", part_of_.size(), " rows, got ",
           attack.l2.size());
    const std::vector<std::size_t> changed = rows_changed_by(attack);
    std::vector<bool> lost(preferences_.members());
    for (const std::size_t row : changed) lost[part_of_[row]] = true;
    std::vector<bool> covered(answers_.size());
    for (std::size_t i = 0; i < covered.size(); ++i) {
      covered[i] = parts_per_row_ == 1 ? run_off_withstands(orders(i), preferences_.classes(), answers_[i].label, lost)
                                       : changed.size() * parts_per_row_ <= answers_[i].survives;
    }
    return covered;
  }

private:
  /// Brief: the orders of all models on one sample, [k,K].
  [[nodiscard]] std::vector<label_type> orders(std::size_t sample) const {
    const std::size_t classes = preferences_.classes();
    std::vector<label_type> all(preferences_.members() * classes);
    for (std::size_t at = 0; at < all.size(); ++at) {
      all[at] = preferences_(at / classes, sample * classes + at % classes);
    }
    return all;
  }

  hard_votes preferences_;
  std::vector<std::uint32_t> part_of_;
  std::size_t parts_per_row_;
  std::vector<surviving_class> answers_;
};

}  // namespace v1
}  // namespace certssb
