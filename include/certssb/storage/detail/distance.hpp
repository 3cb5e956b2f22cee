// SPDX-License-Identifier: MIT
#pragma once
// Brief: distances between centres: an exact one that decides, and a rough one that proves that most pairs are too far
// apart.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: |x - c|^2 in double, relative error below (d + 4) 2^-53. Every decision uses this one. Not inlined, so that
/// each distance is rounded in one way throughout a build.
template <std::floating_point Scalar>
[[nodiscard, gnu::noinline]] double squared_distance(std::span<const Scalar> x, std::span<const Scalar> c) {
  constexpr std::size_t block = 128;
  constexpr std::size_t lanes = 16;
  double total = 0.0;
  for (std::size_t first = 0; first < x.size(); first += block) {
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

/// Brief: the sum of 2^k lanes, halved until one is left; overwrites the lanes.
template <std::floating_point Scalar, std::size_t Lanes, std::size_t Half = Lanes / 2>
[[nodiscard, gnu::always_inline]] inline Scalar sum_of(std::array<Scalar, Lanes>& lanes) {
  for (std::size_t lane = 0; lane < Half; ++lane) lanes[lane] += lanes[lane + Half];
  if constexpr (Half > 1) {
    return sum_of<Scalar, Lanes, Half / 2>(lanes);
  } else {
    return lanes[0];
  }
}

/// Brief: |x - c|^2 in the arithmetic of Scalar, or part of it once that exceeds `enough`.
/// Maths: at most |x - c|^2 (1 + e) + t with e and t of rough_distance: differences of floating-point numbers, unlike
/// the expansion into products, lose nothing for large norms.
template <std::floating_point Scalar>
[[nodiscard]] inline Scalar rough_squared_distance(std::span<const Scalar> x, std::span<const Scalar> c,
                                                   Scalar enough) {
  constexpr std::size_t lanes = 256 / sizeof(Scalar);
  constexpr std::size_t block = 4 * lanes;
  const auto add_lanes = [&]<std::size_t Lanes>(std::array<Scalar, Lanes>& sums, std::size_t first) {
    for (std::size_t lane = 0; lane < Lanes; ++lane) {
      const Scalar step = x[first + lane] - c[first + lane];
      sums[lane] += step * step;
    }
  };
  Scalar total{0};
  std::size_t i = 0;
  while (i + lanes <= x.size() && total <= enough) {
    const std::size_t last = std::min(x.size(), i + block);
    std::array<Scalar, lanes> sums{};
    for (; i + lanes <= last; i += lanes) add_lanes(sums, i);
    total += sum_of(sums);
  }
  if (!(total <= enough)) return total;
  std::array<Scalar, 16> sums{};
  for (; i + 16 <= x.size(); i += 16) add_lanes(sums, i);
  total += sum_of(sums);
  for (; i < x.size(); ++i) total += (x[i] - c[i]) * (x[i] - c[i]);
  return total;
}

/// Brief: how much rough_squared_distance can exceed the true square: value <= true (1 + error) + tiny, for d terms.
/// Maths: each term has at most 3 roundings, and summing adds at most d, in any order. If d is too large for the bound,
/// the error is infinite and nothing is proved. `tiny` is for terms that underflow, whether they are rounded or flushed
/// to 0.
template <std::floating_point Scalar>
struct rough_distance {
  double error;
  double tiny;

  explicit constexpr rough_distance(std::size_t d) noexcept
      : error((static_cast<double>(d) + 8.0) * unit <= 0.25 ? 2.0 * (static_cast<double>(d) + 8.0) * unit
                                                            : std::numeric_limits<double>::infinity()),
        tiny(static_cast<double>(d) * static_cast<double>(std::numeric_limits<Scalar>::min())) {}

  /// Brief: a rough square above this value proves that the distance is above `reach` >= 0.
  [[nodiscard]] constexpr Scalar enough(double reach) const noexcept {
    const double bound = (reach * reach * (1.0 + error) + tiny) * (1.0 + 4.0 * unit);
    return bound < static_cast<double>(std::numeric_limits<Scalar>::max()) ? static_cast<Scalar>(bound)
                                                                           : std::numeric_limits<Scalar>::infinity();
  }

private:
  static constexpr double unit = static_cast<double>(std::numeric_limits<Scalar>::epsilon()) / 2.0;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
