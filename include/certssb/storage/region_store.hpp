// SPDX-License-Identifier: MIT
#pragma once
// Brief: the regions stored so far, and which of them a new ball can touch.

#include "certssb/core/expect.hpp"
#include "certssb/storage/region.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace certssb::inline v1 {

/// Brief: an append-only list of balls; what is stored never changes.
/// Requires: centres of at least one scalar.
/// Cost: d scalars and 17 doubles a region.
template <std::floating_point Scalar>
class region_store {
public:
  /// Brief: region `index` is closer to the asked centre than the two radii together.
  struct neighbour {
    std::size_t index;
    double distance;
  };

  /// Throws: argument_error for row_size = 0.
  explicit region_store(std::size_t row_size) : row_size_(row_size) {
    expect(row_size > 0, "region_store: a centre needs at least 1 scalar");
  }

  /// Throws: argument_error for a centre of another size or not finite, or a label or radius that make no region.
  void add(std::span<const Scalar> centre, const region& ball) {
    expect_region(ball);
    const sketch norms = sketch_of(centre);
    centres_.insert(centres_.end(), centre.begin(), centre.end());
    sketches_.push_back(norms);
    regions_.push_back(ball);
  }

  [[nodiscard]] std::size_t size() const noexcept { return regions_.size(); }
  [[nodiscard]] std::size_t row_size() const noexcept { return row_size_; }
  [[nodiscard]] const region& operator[](std::size_t k) const noexcept { return regions_[k]; }
  [[nodiscard]] std::span<const Scalar> centre(std::size_t k) const noexcept {
    return std::span(centres_).subspan(k * row_size_, row_size_);
  }

  /// Brief: every region with distance < reach + its radius, in the order stored, and perhaps some others.
  /// Maths: distances are accumulated in double; their relative error is below distance_error(). Regions are left out
  /// when the norms of 16 parts of the centres, or part of the sum of squares, prove them too far.
  /// Throws: argument_error for a centre of another size or not finite.
  /// Cost: 16 multiply-adds a region, and d for those that remain.
  [[nodiscard]] std::vector<neighbour> near(std::span<const Scalar> centre, double reach) const {
    const sketch asked = sketch_of(centre);
    std::vector<neighbour> found;
    for (std::size_t k = 0; k < size(); ++k) {
      const double touch = (reach + regions_[k].radius) * (1.0 + 1e-9);
      const double rounding = 4.0 * distance_error() * (asked.norm + sketches_[k].norm);
      if (asked.gap_squared(sketches_[k]) > (touch + rounding) * (touch + rounding)) continue;
      const double squared = squared_distance(centre, this->centre(k), touch * touch);
      if (squared <= touch * touch) found.push_back({k, std::sqrt(squared)});
    }
    return found;
  }

  /// Brief: g = (d + 8) 2^-53.
  [[nodiscard]] double distance_error() const noexcept { return (static_cast<double>(row_size_) + 8.0) * 0x1p-53; }

private:
  static constexpr std::size_t parts = 16;

  /// Brief: the norms of 16 consecutive parts of a centre; |x - c| is at least the distance of their norms.
  struct sketch {
    std::array<double, parts> norms{};
    double norm = 0.0;

    [[nodiscard]] double gap_squared(const sketch& other) const noexcept {
      double sum = 0.0;
      for (std::size_t p = 0; p < parts; ++p) sum += (norms[p] - other.norms[p]) * (norms[p] - other.norms[p]);
      return sum;
    }
  };

  [[nodiscard]] sketch sketch_of(std::span<const Scalar> centre) const {
    expect(centre.size() == row_size_, "region_store: expected a centre of ", row_size_, " scalars, got ",
           centre.size());
    sketch result;
    double total = 0.0;
    for (std::size_t p = 0; p < parts; ++p) {
      double sum = 0.0;
      for (std::size_t i = p * row_size_ / parts; i < (p + 1) * row_size_ / parts; ++i) {
        const auto value = static_cast<double>(centre[i]);
        sum += value * value;
      }
      result.norms[p] = std::sqrt(sum);
      total += sum;
    }
    expect(std::isfinite(total), "region_store: a centre must be finite, with a finite sum of squares");
    result.norm = std::sqrt(total);
    return result;
  }

  /// Brief: |x - c|^2, or part of it once that exceeds `enough`.
  static double squared_distance(std::span<const Scalar> x, std::span<const Scalar> c, double enough) {
    constexpr std::size_t block = 128;
    constexpr std::size_t lanes = 16;
    double total = 0.0;
    for (std::size_t first = 0; first < x.size() && total <= enough; first += block) {
      const std::size_t last = std::min(x.size(), first + block);
      std::array<double, lanes> sums{};
      std::size_t i = first;
      for (; i + lanes <= last; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          const double step = static_cast<double>(x[i + lane]) - static_cast<double>(c[i + lane]);
          sums[lane] += step * step;
        }
      }
      for (; i < last; ++i) {
        const double step = static_cast<double>(x[i]) - static_cast<double>(c[i]);
        total += step * step;
      }
      for (const double sum : sums) total += sum;
    }
    return total;
  }

  std::size_t row_size_;
  std::vector<Scalar> centres_;
  std::vector<sketch> sketches_;
  std::vector<region> regions_;
};

}  // namespace certssb::inline v1
