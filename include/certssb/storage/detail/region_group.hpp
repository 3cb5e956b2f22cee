// SPDX-License-Identifier: MIT
#pragma once
// Brief: the stored regions nearest to one pivot, and which of them are out of reach of a centre.

#include "certssb/storage/detail/distance.hpp"

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: the distances of 16 parts of a centre from those of a pivot, and the whole distance; rounded.
struct sketch {
  static constexpr std::size_t parts = 16;
  std::array<float, parts> part{};
  float whole = 0.0F;
};

template <std::floating_point Scalar>
[[nodiscard]] sketch sketch_of(std::span<const Scalar> centre, std::span<const Scalar> pivot) {
  constexpr Scalar all = std::numeric_limits<Scalar>::infinity();
  const std::size_t d = centre.size();
  sketch made;
  Scalar total{0};
  for (std::size_t p = 0; p < sketch::parts; ++p) {
    const std::size_t first = p * d / sketch::parts;
    const std::size_t count = (p + 1) * d / sketch::parts - first;
    const Scalar square = rough_squared_distance(centre.subspan(first, count), pivot.subspan(first, count), all);
    made.part[p] = static_cast<float>(std::sqrt(square));
    total += square;
  }
  made.whole = static_cast<float>(std::sqrt(total));
  return made;
}

/// Brief: the distance from a centre up to which regions of a group must be looked at. Each number is rounded up so far
/// that (sum of two of them)^2 in float is never below the exact value.
/// Maths: |x - c| >= | |x - q| - |c - q| |, for the whole and for the vector of parts. A sketch's entry is right to a
/// relative error e and an absolute one far below 1e-17 sqrt(d), so that d - R > bar where the sketches' distance
/// exceeds (bar + e |x - q|) + (R + e |c - q|), each of these enlarged by about a relative 2^-18 for the roundings.
class sketch_error {
public:
  template <std::floating_point Scalar>
  static sketch_error of(std::size_t d) noexcept {
    return sketch_error(rough_distance<Scalar>(d).error + 0x1p-22, 1e-17 * std::sqrt(static_cast<double>(d)));
  }

  /// Brief: the rounded-up length of a bar or a radius, at this distance from the pivot.
  [[nodiscard]] float allowance(double length, float from_pivot) const noexcept {
    const double sum =
        length + 0x1p-18 * std::abs(length) + error_ * (1.0 + 0x1p-18) * static_cast<double>(from_pivot) + tiny_;
    return sum < static_cast<double>(std::numeric_limits<float>::max()) ? static_cast<float>(sum)
                                                                        : std::numeric_limits<float>::infinity();
  }

private:
  sketch_error(double error, double tiny) noexcept : error_(error), tiny_(tiny) {}
  double error_;
  double tiny_;
};

/// Brief: sketches of regions, laid out so that 64 of them are compared at once.
/// Cost: 18 floats and an index per region.
class region_group {
public:
  static constexpr std::size_t tile = 64;

  void add(std::size_t index, const sketch& made, float allowance) {
    if (members_.size() % tile == 0) {
      parts_.resize(parts_.size() + sketch::parts * tile);
      allowances_.resize(allowances_.size() + tile, -std::numeric_limits<float>::infinity());
    }
    const std::size_t at = members_.size();
    for (std::size_t p = 0; p < sketch::parts; ++p) {
      parts_[(at / tile * sketch::parts + p) * tile + at % tile] = made.part[p];
    }
    allowances_[at] = allowance;
    members_.push_back(index);
    cover_ = std::max(cover_, (made.whole + allowance) * (1.0F + 0x1p-20F));
  }

  [[nodiscard]] std::size_t tiles() const noexcept { return allowances_.size() / tile; }

  /// Brief: true if no member matters to a centre with this sketch and allowance.
  [[nodiscard]] bool is_out_of_reach(const sketch& asked, float allowance) const noexcept {
    return members_.empty() || asked.whole > allowance + cover_;
  }

  /// Brief: calls `visit(index)` on the members of a tile that the sketches cannot rule out.
  template <class Visit>
  void for_each_near(std::size_t t, const sketch& asked, float allowance, Visit&& visit) const {
    const float* parts = parts_.data() + t * sketch::parts * tile;
    const float* allowances = allowances_.data() + t * tile;
    std::array<float, tile> squares{};
    for (std::size_t p = 0; p < sketch::parts; ++p) {
      for (std::size_t m = 0; m < tile; ++m) {
        const float gap = asked.part[p] - parts[p * tile + m];
        squares[m] += gap * gap;
      }
    }
    std::array<std::uint32_t, tile> near;
    std::uint32_t any = 0;
    for (std::size_t m = 0; m < tile; ++m) {
      const float reach = allowance + allowances[m];
      near[m] = static_cast<std::uint32_t>(reach > 0.0F) & static_cast<std::uint32_t>(!(squares[m] > reach * reach));
      any |= near[m];
    }
    if (any == 0) return;
    for (std::size_t m = 0; m < tile; ++m) {
      if (near[m] != 0) visit(members_[t * tile + m]);
    }
  }

private:
  std::vector<std::size_t> members_;
  std::vector<float> parts_;
  std::vector<float> allowances_;
  float cover_ = 0.0F;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
