// SPDX-License-Identifier: MIT
#pragma once
// Brief: classifiers whose smoothed scores are known in closed form, for tests of everything that smooths.

#include "certssb/core/expect.hpp"
#include "certssb/core/normal.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: calls body(j, row) for the rows of x, each read to the host.
template <tensor Tensor, class Body>
void for_each_row(const Tensor& x, Body&& body) {
  using traits = tensor_traits<Tensor>;
  std::vector<scalar_of<Tensor>> row(traits::row_size(x));
  for (std::size_t j = 0; j < traits::rows(x); ++j) {
    traits::read(x, j, row);
    body(j, std::span<const scalar_of<Tensor>>(row));
  }
}

/// Throws: argument_error unless x has rows of `row_size` and every span of `outputs` holds two scores per row.
template <tensor Tensor, class... Outputs>
void expect_two_scores(const char* model, const Tensor& x, std::size_t row_size, const Outputs&... outputs) {
  using traits = tensor_traits<Tensor>;
  expect(traits::row_size(x) == row_size, model, ": expected rows of ", row_size, ", got ", traits::row_size(x));
  const std::size_t scores = 2 * traits::rows(x);
  (expect(outputs.size() == scores, model, ": expected room for ", scores, " scores, got ", outputs.size()), ...);
}

}  // namespace detail

/// Brief: two classes, a soft half-space: score of label 1 is Phi(w.x + b), of label 0 its complement.
/// Maths: under N(0, sigma^2 I) the score of label 1 is Phi(a / sqrt(1 + sigma^2 s^2)), a = w.x + b, s = |w|, so the
/// radius sigma/2 * gap = sigma |a| / sqrt(1 + sigma^2 s^2) rises to |a|/s, the distance to the boundary.
/// Shapes: inputs of w.size() scalars.
template <std::floating_point Scalar>
class probit_linear {
public:
  /// Throws: argument_error when w is empty or w or b are not finite.
  probit_linear(std::vector<Scalar> w, Scalar b) : w_(std::move(w)), b_(b) {
    expect(!w_.empty(), "probit_linear: w is empty");
    const auto finite = [](Scalar value) { return std::isfinite(value); };
    expect(std::ranges::all_of(w_, finite) && finite(b_), "probit_linear: w and b must be finite");
  }

  [[nodiscard]] static constexpr std::size_t classes() noexcept { return 2; }

  /// Throws: argument_error if extents do not fit.
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void scores(const Tensor& x, std::span<Scalar> out) const {
    detail::expect_two_scores("probit_linear", x, w_.size(), out);
    detail::for_each_row(x, [&](std::size_t j, std::span<const Scalar> row) { put(along(row) + b_, out, j); });
  }

  /// Throws: argument_error if extents do not fit.
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<Scalar> out,
                          std::span<Scalar> slopes) const {
    scores(x, out);
    detail::expect_two_scores("probit_linear: direction", direction, w_.size(), out, slopes);
    detail::for_each_row(x, [&](std::size_t j, std::span<const Scalar> row) { slopes[2 * j] = along(row) + b_; });
    detail::for_each_row(direction, [&](std::size_t j, std::span<const Scalar> row) {
      const double slope = normal_density(static_cast<double>(slopes[2 * j])) * static_cast<double>(along(row));
      slopes[2 * j] = static_cast<Scalar>(-slope);
      slopes[2 * j + 1] = static_cast<Scalar>(slope);
    });
  }

  /// Brief: the score of label 1 at `row` averaged over N(0, sigma^2 I), exactly.
  [[nodiscard]] double smoothed_score(std::span<const Scalar> row, double sigma) const {
    const double s2 = std::inner_product(w_.begin(), w_.end(), w_.begin(), 0.0);
    return normal_cdf(static_cast<double>(along(row) + b_) / std::sqrt(1.0 + sigma * sigma * s2));
  }

private:
  [[nodiscard]] Scalar along(std::span<const Scalar> row) const {
    return std::inner_product(w_.begin(), w_.end(), row.begin(), Scalar{0});
  }

  static void put(Scalar a, std::span<Scalar> out, std::size_t j) {
    out[2 * j] = static_cast<Scalar>(normal_cdf(-static_cast<double>(a)));
    out[2 * j + 1] = static_cast<Scalar>(normal_cdf(static_cast<double>(a)));
  }

  std::vector<Scalar> w_;
  Scalar b_;
};

/// Brief: two classes on the line, a slab with soft walls: score of label 1 is high for |z| < c.
/// Maths: f(z) = Phi((c - z)/tau) - Phi((-c - z)/tau). Under N(0, sigma^2) tau becomes sqrt(tau^2 + sigma^2), so at
/// z = 0 the radius sigma/2 * gap has an interior maximum: c = 1, tau = .25 gives sigma = .431996, radius .731855.
/// Shapes: inputs of one scalar.
template <std::floating_point Scalar>
class soft_slab {
public:
  /// Throws: argument_error unless c and tau are finite and positive.
  soft_slab(Scalar c, Scalar tau) : c_(static_cast<double>(c)), tau_(static_cast<double>(tau)) {
    expect(std::isfinite(c) && c > 0, "soft_slab: c must be finite and positive, got ", c);
    expect(std::isfinite(tau) && tau > 0, "soft_slab: tau must be finite and positive, got ", tau);
  }

  [[nodiscard]] static constexpr std::size_t classes() noexcept { return 2; }

  /// Throws: argument_error if extents do not fit.
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void scores(const Tensor& x, std::span<Scalar> out) const {
    detail::expect_two_scores("soft_slab", x, 1, out);
    detail::for_each_row(x, [&](std::size_t j, std::span<const Scalar> row) {
      const double z = static_cast<double>(row[0]);
      out[2 * j] = static_cast<Scalar>(normal_cdf((z - c_) / tau_) + normal_cdf((-c_ - z) / tau_));
      out[2 * j + 1] = static_cast<Scalar>(inside(z, tau_));
    });
  }

  /// Throws: argument_error if extents do not fit.
  template <tensor Tensor>
  requires std::same_as<scalar_of<Tensor>, Scalar>
  void directional_scores(const Tensor& x, const Tensor& direction, std::span<Scalar> out,
                          std::span<Scalar> slopes) const {
    scores(x, out);
    detail::expect_two_scores("soft_slab: direction", direction, 1, out, slopes);
    detail::for_each_row(x, [&](std::size_t j, std::span<const Scalar> row) {
      const double z = static_cast<double>(row[0]);
      slopes[2 * j] = static_cast<Scalar>((normal_density((-c_ - z) / tau_) - normal_density((c_ - z) / tau_)) / tau_);
    });
    detail::for_each_row(direction, [&](std::size_t j, std::span<const Scalar> row) {
      slopes[2 * j + 1] = slopes[2 * j] * row[0];
      slopes[2 * j] = -slopes[2 * j + 1];
    });
  }

  /// Brief: the score of label 1 at z averaged over N(0, sigma^2), exactly.
  [[nodiscard]] double smoothed_score(double z, double sigma) const { return inside(z, std::hypot(tau_, sigma)); }

private:
  [[nodiscard]] double inside(double z, double wall) const {
    return normal_cdf((c_ - z) / wall) - normal_cdf((-c_ - z) / wall);
  }

  double c_;
  double tau_;
};

}  // namespace v1
}  // namespace certssb
