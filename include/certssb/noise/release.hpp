// SPDX-License-Identifier: MIT
#pragma once
// Brief: a row plus noise, rounded to a fixed grid, so that what is released says no more about the row than the law of
// the noise in real numbers does.

#include "certssb/core/expect.hpp"
#include "certssb/core/fixed_point.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/value_ranges.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>

namespace certssb {
inline namespace v1 {

/// Brief: the step of the grid for inputs of which nothing else is said: for values in [0,1] a thousand steps.
inline constexpr double usual_grid_step = 0x1p-10;

/// Brief: the step of the grid for inputs in these ranges: the power of two that is a 1,024th to a 2,048th of the
/// narrowest; the usual step where no range ends.
/// Requires: ranges known beforehand; the step must not follow from the values of rows.
[[nodiscard]] inline double grid_step_of(const value_ranges& ranges) {
  double width = std::numeric_limits<double>::infinity();
  for (const value_range& range : ranges.values()) width = std::min(width, range.high - range.low);
  return std::isfinite(width) ? std::ldexp(1.0, std::ilogb(width) - 10) : usual_grid_step;
}

namespace detail {

/// Brief: an upper bound of |draw - exact draw| with all errors that grow with the scale, and one of those that grow
/// with the value, relative to it.
template <class Real>
struct draw_error {
  static constexpr Real of_scale = Real{sizeof(Real) == 4 ? 0x1p-18 : 0x1p-30};
  static constexpr Real of_value =
      Real{sizeof(Real) == 4 ? 0x1p-22 : 0x1p-27};                              ///< of double: for what is out of reach
  static constexpr Real magic = Real{sizeof(Real) == 4 ? 0x1.8p23 : 0x1.8p52};  ///< x + magic - magic is whole
};

/// Brief: the whole numbers nearest to places + scale * draws, and where they are not certain. A draw that is not a
/// number is not certain.
/// Maths: certain where |v - k| + |v| of_value < 1/2 - scale of_scale.
template <class Real, std::size_t N>
[[gnu::noinline]] bool all_settled(const std::array<Real, N>& places, const std::array<Real, N>& draws, Real scale,
                                   std::array<Real, N>& wholes, std::array<bool, N>& settled) {
  using error = draw_error<Real>;
  const Real limit = Real{0.5} - scale * error::of_scale;
  std::array<Real, N> off;
  int doubts = 0;
  for (std::size_t i = 0; i < N; ++i) {
    const Real v = places[i] + scale * draws[i];
    const Real k = (v + error::magic) - error::magic;
    wholes[i] = k;
    off[i] = std::abs(v - k) + std::abs(v) * error::of_value;
    doubts += off[i] < limit ? 0 : 1;
  }
  if (doubts == 0) return true;
  for (std::size_t i = 0; i < N; ++i) settled[i] = off[i] < limit;
  return false;
}

/// Brief: the whole number nearest to a + s times draw `at` of a source, which double or fixed-point arithmetic settles.
/// Throws: argument_error unless |a| <= 2^26.
template <class Source>
[[gnu::noinline]] std::int64_t settle(const Source& source, std::size_t at, double a, double s) {
  expect(std::abs(a) <= 0x1p26, "noise: an input must be finite, and at most 2^26 steps of the grid from 0, got ", a,
         " steps");
  const double v = a + s * source.in_double(at);
  const double k = std::rint(v);
  const double off = std::abs(v - k) + std::abs(v) * 0x1p-50;
  if (off < 0.5 - s * draw_error<double>::of_scale) return static_cast<std::int64_t>(k);
  return nearest_whole(a, s, source.in_fixed(at));
}

/// Brief: row[j] = the grid point nearest to row[j] + scale * draw j of the source.
/// Members of a source: chunk, an array of float or double; fill(first, chunk), draws first, first + 1, ..., each within
/// draw_error or not a number; in_double(at), the same for one; in_fixed(at), to 100 places or more.
/// Throws: argument_error unless the step is a power of two from 2^-60 to 2^60 and the scale lies in [step, 2^18 step],
/// and as settle.
template <class Source, std::floating_point Scalar>
void release_on_grid(Source source, double scale, double step, std::span<Scalar> row) {
  using chunk = typename Source::chunk;
  using real = typename chunk::value_type;
  int exponent = 0;
  expect(std::frexp(step, &exponent) == 0.5 && std::abs(exponent - 1) <= 60,
         "noise: the step of the grid must be a power of two from 2^-60 to 2^60, got ", step);
  expect(scale >= step && scale <= step * 0x1p18, "noise: a scale must lie in [", step, ", ", step * 0x1p18,
         "], 1 to 2^18 steps of the grid, got ", scale, "; give the noise a step that fits the units of the inputs");
  expect(row.size() < (std::size_t{1} << 30U), "noise: a row must have fewer than 2^30 entries, got ", row.size());
  const double inverse = 1.0 / step;
  const double s = scale * inverse;
  const auto steps = static_cast<real>(s);
  chunk draws;
  chunk places{};
  chunk wholes;
  std::array<bool, std::tuple_size_v<chunk>> settled;
  for (std::size_t first = 0; first < row.size(); first += draws.size()) {
    const std::span<Scalar> part = row.subspan(first, std::min(draws.size(), row.size() - first));
    for (std::size_t i = 0; i < part.size(); ++i) places[i] = static_cast<real>(part[i]) * static_cast<real>(inverse);
    source.fill(first, draws);
    if (!all_settled(places, draws, steps, wholes, settled)) {
      for (std::size_t i = 0; i < part.size(); ++i) {
        if (settled[i]) continue;
        wholes[i] = static_cast<real>(settle(source, first + i, static_cast<double>(part[i]) * inverse, s));
      }
    }
    for (std::size_t i = 0; i < part.size(); ++i) part[i] = static_cast<Scalar>(wholes[i] * static_cast<real>(step));
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
