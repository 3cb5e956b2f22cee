// SPDX-License-Identifier: MIT
#pragma once
// Brief: Laplace noise, certified in L1.

#include "certssb/core/fixed_point.hpp"
#include "certssb/core/random.hpp"
#include "certssb/core/same_bits.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/release.hpp"
#include "certssb/noise/uniform.hpp"

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: the draws of laplace_noise, to as many places as are asked for (noise/release.hpp).
class laplace_source {
public:
  using chunk = std::array<double, 64>;

  explicit laplace_source(const random_key& key) : stream_(key), bits_(key), maths_(opaque_zero) {}

  void fill(std::size_t, chunk& out) {
    for (double& value : out) value = draw(stream_.uniform());
  }
  [[nodiscard]] double in_double(std::size_t at) const { return draw(bits_.in_double(at)); }
  [[nodiscard]] fixed_draw in_fixed(std::size_t at) const {
    const wide_word place = bits_[at];
    const wide_word twice = place << 1U | 1U;  // the middle of |2u - 1| or of 1 - |2u - 1|, counting 2^-128
    const bool negative = place >> 127U == 0;
    return {fixed_minus_log(negative ? twice : wide_word{0} - twice), negative};
  }

private:
  /// Brief: right to 2^-31; not a number where u is within 2^-21 of 0 or 1.
  [[nodiscard]] double draw(double uniform) const {
    const double u = 2.0 * uniform - 1.0;
    const double rest = 1.0 - std::abs(u);
    return rest < 0x1p-20 ? std::numeric_limits<double>::quiet_NaN() : std::copysign(maths_.log(rest), u);
  }

  random_stream stream_;
  uniform_bits bits_;
  same_bits<double> maths_;
};

}  // namespace detail

/// Brief: independent entries of density exp(-|z|)/2, variance 2.
/// Maths: -log(1 - |u|) with the sign of u, u uniform on (-1,1) with 1 - |u| exact.
/// Determinism: the k-th entry depends on the key and k alone; the same bits in every build.
/// Reference: Teng et al. (2020), l1 certificates by Laplace smoothing.
struct laplace_noise {
  using certified_norm = l1_norm;
  static constexpr double variance = 2.0;

  double step = usual_grid_step;  ///< as gaussian_noise::step

  template <std::floating_point Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    random_stream stream(key);
    const detail::same_bits<double> maths(detail::opaque_zero);
    for (Scalar& value : out) {
      const double u = 2.0 * stream.uniform() - 1.0;
      value = static_cast<Scalar>(std::copysign(maths.log(1.0 - std::abs(u)), u));
    }
  }

  /// Brief: as gaussian_noise::release.
  template <std::floating_point Scalar>
  void release(const random_key& key, double scale, std::span<Scalar> row) const {
    detail::release_on_grid(detail::laplace_source(key), scale, step, row);
  }
};

static_assert(noise_distribution<laplace_noise, float> && noise_distribution<laplace_noise, double>);

}  // namespace v1
}  // namespace certssb
