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
  run_off_parts(const hard_votes& preferences, std::vector<std::uint32_t> part_of, std::size_t parts_per_row = 1)
      : models_(preferences.members()), part_of_(std::move(part_of)), parts_per_row_(parts_per_row) {
    for (const std::uint32_t part : part_of_) {
      expect(part < models_, "parts: expected parts below ", models_, ", got ", part);
    }
    const std::size_t classes = preferences.classes();
    std::vector<label_type> orders(models_ * classes);
    for (std::size_t i = 0; i < preferences.samples() / classes; ++i) {
      for (std::size_t at = 0; at < orders.size(); ++at) {
        orders[at] = preferences(at / classes, i * classes + at % classes);
      }
      answers_.push_back(run_off(orders, classes));
    }
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

  /// Brief: whether the election withstands an attack that is known row by row: as many parts as it changes are survived.
  /// Shapes: result [n].
  /// Throws: argument_error if the attack has another number of rows.
  [[nodiscard]] std::vector<bool> covers(const attack_extent& attack) const {
    expect(attack.l2.size() == part_of_.size(), "parts: expected the change of ", part_of_.size(), " rows, got ",
           attack.l2.size());
    const std::vector<std::size_t> changed = rows_changed_by(attack);
    std::vector<bool> lost(models_);
    for (const std::size_t row : changed) lost[part_of_[row]] = true;
    const std::size_t touched = parts_per_row_ == 1 ? static_cast<std::size_t>(std::ranges::count(lost, true))
                                                    : changed.size() * parts_per_row_;
    std::vector<bool> covered;
    for (const surviving_class& answer : answers_) covered.push_back(touched <= answer.survives);
    return covered;
  }

private:
  std::size_t models_;
  std::vector<std::uint32_t> part_of_;
  std::size_t parts_per_row_;
  std::vector<surviving_class> answers_;
};

}  // namespace v1
}  // namespace certssb
