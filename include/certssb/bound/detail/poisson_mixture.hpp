// SPDX-License-Identifier: MIT
#pragma once
// Brief: the law of a squared distance under Gaussian noise, as a Poisson mixture of central laws.

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: the relative error of everything computed here is below this: Boost states 1e-13 for its gamma functions, and
/// the recurrences have positive terms only and lose less than 2^-52 per step over at most 2^20 steps.
inline constexpr double mixture_slack = 0x1p-30;

/// Brief: weights of the numbers first, first + 1, ...; the weights left out sum to less than 1e-17.
struct poisson_weights {
  std::size_t first = 0;
  std::vector<double> weights;

  [[nodiscard]] std::size_t last() const noexcept { return first + weights.size(); }

  /// Brief: the law with this mean.
  /// Maths: from the mode outward, until the geometric bound of what remains is below 5e-18.
  [[nodiscard]] static poisson_weights of_mean(double mean) {
    constexpr double negligible = 5e-18;
    const double mode = std::floor(mean);
    const double peak = mean > 0.0 ? boost::math::gamma_p_derivative(mode + 1.0, mean) : 1.0;
    poisson_weights result;
    double weight = peak;
    double k = mode;
    for (; k > 0.0 && weight * k > negligible * (mean - k); k -= 1.0) {
      result.weights.push_back(weight);
      weight *= k / mean;
    }
    result.weights.push_back(weight);
    result.first = static_cast<std::size_t>(k);
    std::ranges::reverse(result.weights);
    weight = peak;
    for (k = mode + 1.0;; k += 1.0) {
      weight *= mean / k;
      result.weights.push_back(weight);
      if (weight * mean <= negligible * (k + 1.0 - mean)) return result;
    }
  }

  /// Brief: adds another row's weights.
  void merge(const poisson_weights& other) {
    if (weights.empty()) {
      *this = other;
      return;
    }
    const std::size_t from = std::min(first, other.first);
    std::vector<double> sum(std::max(last(), other.last()) - from);
    for (std::size_t k = 0; k < weights.size(); ++k) sum[first - from + k] += weights[k];
    for (std::size_t k = 0; k < other.weights.size(); ++k) sum[other.first - from + k] += other.weights[k];
    first = from;
    weights = std::move(sum);
  }
};

/// Brief: P(chi^2 with d + 2k degrees of freedom <= 2x) for every k in a range, from which each row's law is one inner
/// product.
/// Maths: P(a, x) = P(a + 1, x) + x^a e^-x / Gamma(a + 1), downward, so that nothing cancels.
class central_table {
public:
  /// Brief: of k in [first, last).
  void fill(std::size_t row_size, double x, std::size_t first, std::size_t last) {
    first_ = first;
    values_.resize(last - first);
    const double a = 0.5 * static_cast<double>(row_size) + static_cast<double>(first);
    const std::size_t n = values_.size();
    const double most = std::clamp(std::floor(x - a), 0.0, static_cast<double>(n - 1));
    const auto middle = static_cast<std::size_t>(most);
    const double peak = boost::math::gamma_p_derivative(a + most + 1.0, x);
    values_[middle] = peak;
    for (std::size_t k = middle + 1; k < n; ++k) values_[k] = values_[k - 1] * x / (a + static_cast<double>(k));
    for (std::size_t k = middle; k-- > 0;) values_[k] = values_[k + 1] * (a + static_cast<double>(k) + 1.0) / x;
    double sum = boost::math::gamma_p(a + static_cast<double>(n), x);
    for (std::size_t k = n; k-- > 0;) {
      sum += values_[k];
      values_[k] = std::min(sum, 1.0);
    }
  }

  /// Brief: the probability of the mixture; for merged weights, the sum of the probabilities of the rows.
  [[nodiscard]] double probability(const poisson_weights& of) const {
    const double* central = values_.data() + (of.first - first_);
    double sums[4] = {};
    std::size_t k = 0;
    for (; k + 4 <= of.weights.size(); k += 4) {
      for (std::size_t j = 0; j < 4; ++j) sums[j] += of.weights[k + j] * central[k + j];
    }
    for (; k < of.weights.size(); ++k) sums[0] += of.weights[k] * central[k];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }

private:
  std::size_t first_ = 0;
  std::vector<double> values_;
};

}  // namespace detail
}  // namespace v1
}  // namespace certssb
