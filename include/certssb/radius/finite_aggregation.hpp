// SPDX-License-Identifier: MIT
#pragma once
// Brief: Finite Aggregation: parts that overlap, so that each row is spread over models in a pattern fixed beforehand.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/radius/parts.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: k d models, of which a row with hash h is seen by those at (h + shift) mod k d, one for each of d shifts.
/// Maths: power of hash h against c = sum over the models that h reaches of 1 + [it names y] - [it names c]: what a
/// change of all rows with that hash is worth at most. c needs more than gap(c), so y survives the largest r for which
/// the r largest powers are together at most gap(c), for every c. With d = 1 this is the vote of plain parts.
/// Requires: each model follows from its rows alone; hashes and shifts were fixed beforehand.
/// Reference: Wang, Levine and Feizi, Improved certified defenses against data poisoning with (deterministic) finite
/// aggregation (ICML 2022).
class finite_aggregation {
public:
  /// Throws: argument_error unless the number of models is a positive multiple of the number of shifts, and the shifts
  /// differ modulo the number of models.
  finite_aggregation(std::size_t models, std::vector<std::size_t> shifts)
      : models_(models), shifts_(std::move(shifts)) {
    expect(!shifts_.empty(), "finite_aggregation: needs at least 1 shift");
    expect(models_ > 0 && models_ % shifts_.size() == 0,
           "finite_aggregation: the number of models must be a multiple of ", shifts_.size(),
           ", the number of shifts, got ", models_);
    for (std::size_t& shift : shifts_) shift %= models_;
    std::vector<std::size_t> sorted(shifts_);
    std::ranges::sort(sorted);
    const auto repeated = std::ranges::adjacent_find(sorted);
    expect(repeated == sorted.end(), "finite_aggregation: shifts must differ modulo ", models_,
           ", the number of models");
  }

  [[nodiscard]] std::size_t models() const noexcept { return models_; }
  [[nodiscard]] std::size_t shifts() const noexcept { return shifts_.size(); }

  /// Brief: the models that see the rows with this hash.
  /// Requires: hash below models().
  [[nodiscard]] std::vector<std::size_t> reached(std::size_t hash) const {
    std::vector<std::size_t> all;
    for (const std::size_t shift : shifts_) all.push_back((hash + shift) % models_);
    return all;
  }

  /// Brief: the class that most models name, and how many rows may be changed in place, inserted or deleted at will.
  /// Shapes: labels [k d], no model abstains.
  /// Throws: argument_error unless there is one label in [0, K) for each model, and K >= 2.
  /// Cost: O(k d (d + K)) for K classes that some model names.
  [[nodiscard]] surviving_class certify(std::span<const label_type> labels, std::size_t classes) const {
    expect(labels.size() == models_, "finite_aggregation: there are ", models_, " models but ", labels.size(),
           " labels");
    const part_votes votes(labels, classes);
    expect(votes.abstaining() == 0, "finite_aggregation: a model must name a class, got -1 (it abstains)");
    const label_type leader = votes.leader();
    const std::vector<std::size_t> of_leader = count_reached(labels, leader);
    std::size_t least = models_;
    for (std::size_t c = 0; c < classes; ++c) {
      const auto rival = static_cast<label_type>(c);
      if (rival == leader) continue;
      std::vector<std::size_t> powers(2 * shifts_.size() + 1);  // how many hashes have each power
      if (votes.counts()[c] == 0) {
        for (const std::size_t gained : of_leader) ++powers[shifts_.size() + gained];
      } else {
        const std::vector<std::size_t> of_rival = count_reached(labels, rival);
        for (std::size_t h = 0; h < models_; ++h) ++powers[shifts_.size() + of_leader[h] - of_rival[h]];
      }
      least = std::min(least, survivors(powers, votes.gap(c)));
    }
    return {leader, least};
  }

private:
  /// Brief: for each hash, how many of the models that it reaches name the class.
  [[nodiscard]] std::vector<std::size_t> count_reached(std::span<const label_type> labels, label_type named) const {
    std::vector<std::size_t> counts(models_);
    for (const std::size_t shift : shifts_) {
      for (std::size_t h = 0; h < models_; ++h) {
        const std::size_t model = h + shift < models_ ? h + shift : h + shift - models_;
        if (labels[model] == named) ++counts[h];
      }
    }
    return counts;
  }

  /// Brief: how many of the largest powers are together at most `gap`; all, if what remains is worth nothing.
  [[nodiscard]] static std::size_t survivors(std::span<const std::size_t> powers, std::size_t gap) {
    std::size_t survived = 0;
    for (std::size_t power = powers.size() - 1; power > 0; --power) {
      const std::size_t affordable = std::min(powers[power], gap / power);
      survived += affordable;
      gap -= affordable * power;
      if (affordable < powers[power]) return survived;
    }
    return survived + powers[0];
  }

  std::size_t models_;
  std::vector<std::size_t> shifts_;
};

}  // namespace v1
}  // namespace certssb
