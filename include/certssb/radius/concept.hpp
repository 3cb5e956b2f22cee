// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a radius rule is, and which noise it may be used with.

#include "certssb/noise/concept.hpp"

#include <concepts>
#include <string_view>

namespace certssb::inline v1 {

/// Brief: turns bounds on p_A and p_B into a budget: how far, in noise scales, the training features may be moved.
/// Members: certified_norm, the norm of the moves; name; budget(lower, upper) >= 0, 0 where lower <= upper, rounded
/// down.
template <class Radius>
concept radius_rule = requires(double lower, double upper) {
  typename Radius::certified_norm;
  { Radius::name } -> std::convertible_to<std::string_view>;
  { Radius::budget(lower, upper) } -> std::same_as<double>;
};

/// Brief: the rule and the noise speak of the same norm.
template <class Radius, class Noise>
concept certifies =
    radius_rule<Radius> && std::same_as<typename Radius::certified_norm, typename Noise::certified_norm>;

/// Brief: stops the compiler, with the reason, where a rule is asked about a noise of another norm.
template <class Radius, class Noise>
constexpr void require_paired() {
  static_assert(certifies<Radius, Noise>,
                "certssb: this radius rule does not certify this noise: their certified_norm differ. gaussian_l2 needs "
                "votes taken under Gaussian noise.");
}

}  // namespace certssb::inline v1
