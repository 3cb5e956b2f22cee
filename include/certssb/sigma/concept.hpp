// SPDX-License-Identifier: MIT
#pragma once
// Brief: what the ascent needs of an estimator of the radius's derivative in sigma.

#include "certssb/sigma/proxy.hpp"

#include <concepts>

namespace certssb {
inline namespace v1 {

/// Brief: turns the mean scores of one sample's draws, and their slopes, into dR/dsigma.
/// Members: `name`; `needs_slopes`, whether the base model must be a directional_classifier;
/// `gradient(proxy, moments, sigma)`.
template <class Estimator>
concept gradient_estimator = requires(const Estimator& estimator, const radius_proxy& proxy,
                                      const score_moments& moments, double sigma) {
  { Estimator::name } -> std::convertible_to<const char*>;
  { Estimator::needs_slopes } -> std::convertible_to<bool>;
  { estimator.gradient(proxy, moments, sigma) } -> std::convertible_to<double>;
};

}  // namespace v1
}  // namespace certssb
