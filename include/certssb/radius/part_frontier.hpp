// SPDX-License-Identifier: MIT
#pragma once
// Brief: smoothing inside parts: which attacks the vote of the parts withstands, rows touched at will against the
// energy of changes elsewhere.

#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/radius/parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <ranges>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what one part says of a test input: the class that its smoothed members name, and the budget within which it
/// stays. A part that cannot tell has the label `abstain`; its budget is not read.
struct part_report {
  label_type label = abstain;
  double budget = 0.0;
};

/// Brief: the classes that the reports name.
/// Throws: argument_error as part_votes.
[[nodiscard]] inline part_votes votes_of(std::span<const part_report> reports, std::size_t classes) {
  std::vector<label_type> labels(reports.size());
  std::ranges::transform(reports, labels.begin(), &part_report::label);
  return part_votes(labels, classes);
}

/// Brief: the attacks that the class named by most reports withstands.
/// Maths: let `rows` parts be touched at will, and let up to `failures` reports be false. With free = rows + failures
/// and, for each class c but the leader y, need = gap(c) + 1 - A - 2 free: nothing is certified if need <= 0. Else
/// energy_c is the least, over a, of the a smallest B_j^2 of the parts that name y and the max(0, need - 2a) smallest
/// B_j^2 of those that name neither y nor c; energy = min_c energy_c. Every data set that differs in `rows` parts at
/// will, and elsewhere by sum_i |delta_i|^2 / sigma_i^2 < energy, leaves y: what is spent on one part is not spent on
/// another, a part that goes from y to c is worth 2, and one that goes from a third class to c is worth 1.
/// Units: energies and budgets have none; they are in noise scales.
/// Requires: the reports of different parts share no row and no draw.
/// Cost: O(k log k) to make, and O(k) more for each class that some part names; each energy is then O(log k) a class.
/// Determinism: energies are rounded down.
class part_frontier {
public:
  /// Shapes: reports [k].
  /// Throws: argument_error as part_votes; if failures exceed the parts; and unless the budget of each part that names
  /// a class is positive and below 1e100, so that sums of squares are finite.
  part_frontier(std::span<const part_report> reports, std::size_t classes, std::size_t failures)
      : votes_(votes_of(reports, classes)), failures_(failures) {
    expect(failures <= reports.size(), "part_frontier: failures must be at most the number of parts, ", reports.size(),
           ", got ", failures);
    for (const part_report& report : reports) {
      expect(report.label == abstain || (report.budget > 0.0 && report.budget < 1e100),
             "part_frontier: a budget must be positive and below 1e100, got ", report.budget);
    }
    if (votes_.survives(failures_)) make_rivals(reports);
  }

  [[nodiscard]] const part_votes& votes() const noexcept { return votes_; }
  [[nodiscard]] std::size_t failures() const noexcept { return failures_; }

  /// Brief: the class named by most parts, if it is certified against any attack at all; else `abstain`.
  [[nodiscard]] label_type label() const noexcept { return votes_.label(failures_); }

  /// Brief: the most parts that may be touched at will while anything is certified. Empty if nothing is.
  [[nodiscard]] std::optional<std::size_t> survives() const noexcept { return votes_.survives(failures_); }

  /// Brief: the energy that changes outside of `rows` touched parts must stay below; 0 if nothing is certified.
  /// `test_energy` is the energy of a move of the test input under noise, k_draws |delta_t|^2 / sigma_t^2. The test
  /// input is one more row of every part, so it is taken off every B_j^2.
  /// Throws: argument_error if `rows` exceeds the number of parts, or unless test_energy is finite and >= 0.
  [[nodiscard]] double energy(std::size_t rows, double test_energy = 0.0) const {
    expect(rows <= votes_.parts(), "part_frontier: rows touched must be at most the number of parts, ", votes_.parts(),
           ", got ", rows);
    expect(std::isfinite(test_energy) && test_energy >= 0.0,
           "part_frontier: the energy of a test input's move must be finite and >= 0, got ", test_energy);
    const auto most = survives();
    if (!most || rows > *most) return 0.0;
    double least = std::numeric_limits<double>::infinity();
    for (const rival& other : rivals_) {
      const std::size_t need = other.gap + 1 - votes_.abstaining() - 2 * (rows + failures_);
      least = std::min(least, cheapest(other.third, need, test_energy));
    }
    return least;
  }

  /// Brief: what takes the place of the budget B of one part in every radius: the square root of the energy.
  [[nodiscard]] double budget(std::size_t rows, double test_energy = 0.0) const {
    const double root = std::sqrt(energy(rows, test_energy));
    return root > 0.0 ? std::nextafter(root, 0.0) : 0.0;
  }

  /// Brief: whether the leader stays when exactly these parts are lost: part_votes::covers_lost with the failures. A
  /// part is lost if the energy spent on it reaches its B_j^2, or if it is touched at will.
  template <std::ranges::random_access_range Flags>
  [[nodiscard]] bool covers_lost(const Flags& lost) const {
    return votes_.covers_lost(lost, failures_);
  }

private:
  /// Brief: squared budgets of some parts, ascending, and their sums: sums[m] of the m smallest.
  struct price_list {
    std::vector<double> squares;
    std::vector<double> sums{0.0};

    void reserve(std::size_t parts) {
      squares.reserve(parts);
      sums.reserve(parts + 1);
    }
    void add(double square) {
      squares.push_back(square);
      sums.push_back(sums.back() + square);
    }
    /// Brief: what part number i costs once `paid` is taken off.
    [[nodiscard]] double price(std::size_t i, double paid) const { return std::max(0.0, squares[i] - paid); }

    /// Brief: the m lowest prices together, rounded down.
    [[nodiscard]] double lowest(std::size_t m, double paid) const {
      const auto first_priced = std::ranges::upper_bound(squares, paid) - squares.begin();
      const auto from = std::min(m, static_cast<std::size_t>(first_priced));
      const double sum = sums[m] - sums[from] - paid * static_cast<double>(m - from);
      return std::max(0.0, sum - sums[m] * (static_cast<double>(m) + 8.0) * 0x1p-52);
    }
  };

  /// Brief: a class that may overtake the leader, and the parts that name neither.
  struct rival {
    std::size_t gap;
    price_list third;
  };

  /// Brief: one rival for each class that some part names, and one for all others together: they differ only in how
  /// ties go, which is worst for the lowest.
  void make_rivals(std::span<const part_report> reports) {
    std::vector<std::pair<double, label_type>> sorted;
    sorted.reserve(reports.size());
    for (const part_report& report : reports) {
      if (report.label != abstain) sorted.emplace_back(report.budget * report.budget, report.label);
    }
    std::ranges::sort(sorted);
    leader_prices_.reserve(sorted.size());
    for (const auto& [square, label] : sorted) {
      if (label == votes_.leader()) leader_prices_.add(square);
    }
    bool unnamed_is_in = false;
    for (std::size_t c = 0; c < votes_.classes(); ++c) {
      const auto label = static_cast<label_type>(c);
      const bool unnamed = votes_.counts()[c] == 0;
      if (label == votes_.leader() || (unnamed && unnamed_is_in)) continue;
      unnamed_is_in = unnamed_is_in || unnamed;
      rival& other = rivals_.emplace_back(rival{votes_.gap(c), {}});
      for (const auto& [square, named] : sorted) {
        if (named != votes_.leader() && named != label) other.third.add(square);
      }
    }
  }

  /// Brief: the least energy that is worth `need` votes.
  /// Maths: taking one more part of the leader costs more with each, and saves less on the two third parts that it
  /// replaces, so the best number of them is found by bisection.
  [[nodiscard]] double cheapest(const price_list& third, std::size_t need, double paid) const {
    const std::size_t thirds = third.squares.size();
    std::size_t low = need > thirds ? (need - thirds + 1) / 2 : 0;
    std::size_t high = (need + 1) / 2;
    const auto one_more_pays = [&](std::size_t a) {
      const std::size_t left = need - 2 * a;
      const double saved = third.price(left - 1, paid) + (left > 1 ? third.price(left - 2, paid) : 0.0);
      return leader_prices_.price(a, paid) < saved;
    };
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (one_more_pays(middle)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const std::size_t left = need > 2 * low ? need - 2 * low : 0;
    return std::max(0.0, (leader_prices_.lowest(low, paid) + third.lowest(left, paid)) * (1.0 - 0x1p-52));
  }

  part_votes votes_;
  std::size_t failures_;
  price_list leader_prices_;
  std::vector<rival> rivals_;
};

}  // namespace v1
}  // namespace certssb
