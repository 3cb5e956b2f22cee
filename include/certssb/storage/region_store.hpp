// SPDX-License-Identifier: MIT
#pragma once
// Brief: the regions stored so far, and the search for those that matter to a new centre.

#include "certssb/core/expect.hpp"
#include "certssb/storage/detail/distance.hpp"
#include "certssb/storage/detail/nearby_regions.hpp"
#include "certssb/storage/detail/region_group.hpp"
#include "certssb/storage/region.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a list of balls to which regions are only added; stored regions never change.
/// Maths: each region is in the group of its nearest pivot. A search rules out groups, then regions, then regions whose
/// distance is partly summed, by bounds that account for every rounding (detail/region_group.hpp, detail/distance.hpp).
/// What remains is decided by distances in double, of relative error below distance_error(). The results therefore
/// equal those of a search through all regions, to the bit.
/// Cost: d scalars, 18 floats and 4 words per region.
template <std::floating_point Scalar>
class region_store {
public:
  /// Brief: takes the pivots; without any, the first centre stored is the only pivot.
  /// Shapes: pivots [p * row_size], rows distributed like the centres.
  /// Throws: argument_error for row_size = 0.
  explicit region_store(std::size_t row_size, std::vector<Scalar> pivots = {})
      : row_size_(row_size), pivots_(std::move(pivots)), rough_(row_size) {
    expect(row_size > 0, "region_store: a centre needs at least 1 scalar");
    groups_.resize(pivots_.size() / row_size);
  }

  /// Brief: allocates memory for this many regions.
  void reserve(std::size_t regions) {
    centres_.reserve(regions * row_size_);
    regions_.reserve(regions);
  }

  /// Throws: argument_error for a centre of another size or not finite, or a label or radius that a region cannot have.
  void add(std::span<const Scalar> centre, const region& ball) {
    expect_centre(centre);
    if (groups_.empty()) {
      pivots_.assign(centre.begin(), centre.end());
      groups_.resize(1);
    }
    std::size_t nearest = 0;
    Scalar least = std::numeric_limits<Scalar>::infinity();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const Scalar square = detail::rough_squared_distance(centre, pivot(g), least);
      if (square < least) {
        least = square;
        nearest = g;
      }
    }
    add(centre, ball, nearest);
  }

  /// Brief: the same, in the group of a pivot that is already known.
  void add(std::span<const Scalar> centre, const region& ball, std::size_t group) {
    expect_region(ball);
    const detail::sketch made = detail::sketch_of(centre, pivot(group));
    groups_[group].add(size(), made, sketch_error_.allowance(ball.radius, made.whole));
    centres_.insert(centres_.end(), centre.begin(), centre.end());
    regions_.push_back(ball);
    largest_radius_ = std::max(largest_radius_, ball.radius);
  }

  [[nodiscard]] std::size_t size() const noexcept { return regions_.size(); }
  [[nodiscard]] std::size_t row_size() const noexcept { return row_size_; }
  [[nodiscard]] const region& operator[](std::size_t k) const noexcept { return regions_[k]; }
  [[nodiscard]] std::span<const Scalar> centre(std::size_t k) const noexcept {
    return std::span(centres_).subspan(k * row_size_, row_size_);
  }
  /// Brief: the largest radius stored, 0 if there are no regions.
  [[nodiscard]] double largest_radius() const noexcept { return largest_radius_; }

  /// Brief: g = (d + 8) 2^-53.
  [[nodiscard]] double distance_error() const noexcept { return (static_cast<double>(row_size_) + 8.0) * 0x1p-53; }

  /// Throws: argument_error for a centre of another size or not finite.
  void expect_centre(std::span<const Scalar> centre) const {
    expect(centre.size() == row_size_, "region_store: expected a centre of ", row_size_, " scalars, got ",
           centre.size());
    double total = 0.0;
    for (const Scalar value : centre) total += static_cast<double>(value) * static_cast<double>(value);
    expect(std::isfinite(total), "region_store: a centre must be finite, with a finite sum of squares");
  }

  /// Brief: offers each row every stored region that matters to it, and perhaps some others.
  /// Shapes: rows [m * row_size], found [m], with their reach.
  /// Requires: rows that pass expect_centre. Several threads may search at once.
  /// Cost: per row, distances to all pivots, 16 multiply-adds per region of the groups in reach, and at most d for each
  /// of those that remain.
  void search(std::span<const Scalar> rows, std::span<detail::nearby_regions> found) const {
    std::vector<detail::sketch> sketches(found.size());
    std::vector<float> nearest(found.size(), std::numeric_limits<float>::infinity());
    std::vector<std::size_t> in_reach;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      in_reach.clear();
      for (std::size_t i = 0; i < found.size(); ++i) {
        sketches[i] = detail::sketch_of(row(rows, i), pivot(g));
        if (sketches[i].whole < nearest[i]) {
          nearest[i] = sketches[i].whole;
          found[i].pivot = g;
        }
        if (!groups_[g].is_out_of_reach(sketches[i], allowance(found[i], sketches[i]))) in_reach.push_back(i);
      }
      for (std::size_t t = 0; t < groups_[g].tiles(); ++t) {
        for (const std::size_t i : in_reach) {
          groups_[g].for_each_near(t, sketches[i], allowance(found[i], sketches[i]),
                                   [&](std::size_t k) { offer(found[i], row(rows, i), k); });
        }
      }
    }
  }

  /// Brief: offers region k to a centre, unless it is proved not to matter.
  void offer(detail::nearby_regions& found, std::span<const Scalar> x, std::size_t k) const {
    const double reach = reach_of(found, k);
    if (reach <= 0.0) return;
    const Scalar enough = rough_.enough(reach);
    if (detail::rough_squared_distance(x, centre(k), enough) > enough) return;
    offer_exactly(found, x, k);
  }

  /// Brief: the same, where a rough square of the distance, or part of it, is known.
  void offer(detail::nearby_regions& found, std::span<const Scalar> x, std::size_t k, Scalar rough_square) const {
    const double reach = reach_of(found, k);
    if (reach > 0.0 && rough_square <= rough_.enough(reach)) offer_exactly(found, x, k);
  }

private:
  /// Brief: the distance beyond which region k changes nothing, with 1e-9 to spare for the roundings of d - R.
  [[nodiscard]] double reach_of(const detail::nearby_regions& found, std::size_t k) const noexcept {
    const double bar = found.bar(regions_[k].label);
    const double spare = 1e-9 + 4.0 * distance_error();
    return regions_[k].radius + bar + spare * (regions_[k].radius + std::abs(bar));
  }

  void offer_exactly(detail::nearby_regions& found, std::span<const Scalar> x, std::size_t k) const {
    found.offer(k, regions_[k], std::sqrt(detail::squared_distance(x, centre(k))), distance_error());
  }

  [[nodiscard]] float allowance(const detail::nearby_regions& found, const detail::sketch& asked) const noexcept {
    return sketch_error_.allowance(found.highest_bar(), asked.whole);
  }
  [[nodiscard]] std::span<const Scalar> pivot(std::size_t g) const noexcept { return row(pivots_, g); }
  [[nodiscard]] std::span<const Scalar> row(std::span<const Scalar> rows, std::size_t i) const noexcept {
    return rows.subspan(i * row_size_, row_size_);
  }

  std::size_t row_size_;
  std::vector<Scalar> pivots_;
  detail::rough_distance<Scalar> rough_;
  detail::sketch_error sketch_error_ = detail::sketch_error::of<Scalar>(row_size_);
  std::vector<detail::region_group> groups_;
  std::vector<Scalar> centres_;
  std::vector<region> regions_;
  double largest_radius_ = 0.0;
};

}  // namespace v1
}  // namespace certssb
