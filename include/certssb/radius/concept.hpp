// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a radius rule is, and for which noise it is valid.

#include "certssb/noise/concept.hpp"

#include <concepts>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: turns bounds on p_A and p_B into a budget: how far, in noise scales, the training features may be changed.
/// Members: certified_norm, the norm of the changes; certified_law, the noise it is proved for; name; budget(lower,
/// upper) >= 0, which is 0 if lower <= upper, and rounded down.
template <class Radius>
concept radius_rule = requires(double lower, double upper) {
  typename Radius::certified_norm;
  typename Radius::certified_law;
  { Radius::name } -> std::convertible_to<std::string_view>;
  { Radius::budget(lower, upper) } -> std::same_as<double>;
};

namespace detail {

template <class Noise>
struct law_of_noise {
  using type = Noise;
};
template <class Noise>
requires requires { typename Noise::law; }
struct law_of_noise<Noise> {
  using type = typename Noise::law;
};

}  // namespace detail

/// Brief: the probability law of a noise type. It is the type itself, unless the type draws from the law of another one
/// by other means and says so: `using law = gaussian_noise;`.
template <class Noise>
using law_of = typename detail::law_of_noise<Noise>::type;

/// Brief: the rule is proved for this noise. The same norm is not enough: uniform and Laplace noise both certify in L1,
/// by different formulas.
template <class Radius, class Noise>
concept certifies = radius_rule<Radius> && std::same_as<typename Radius::certified_law, law_of<Noise>>;

/// Brief: a compile-time error that states the reason, if a rule is used with a noise of another law.
template <class Radius, class Noise>
constexpr void require_paired() {
  static_assert(certifies<Radius, Noise>,
                "certssb: this radius rule does not certify this noise: it is proved for another law. gaussian_l2 "
                "needs votes taken under gaussian_noise, uniform_l1 under uniform_noise, laplace_l1 under "
                "laplace_noise; a noise of the same law says so: `using law = gaussian_noise;`.");
}

}  // namespace v1
}  // namespace certssb
