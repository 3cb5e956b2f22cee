// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a mode is: the statement a radius makes, what it assumes, and what it is conditional on.
//
//   uniform_mode       certified   one constant scale on all training rows       radius B sigma
//   given_scales_mode  certified   the training rows' own scales, held fixed     radius B min_i sigma_i
//   published_mode     NOT         reproduces the published radius               radius B sigma_x

#include "certssb/radius/concept.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace certssb::inline v1 {

/// Brief: names of assumptions and conditions, as written in results.
using name_list = std::span<const std::string_view>;

/// Brief: turns a budget into a radius and says what that radius means.
/// Members: name; certified, whether the radius is proved; assumptions, what the caller asserts; conditional_on(), what
/// is held fixed in the statement; radius_rule, whose budget it scales; scale(i), the noise scale for test sample i.
/// Optional: samples(), where the scales are those of so many test samples.
/// A key known before the data are fixed adds the caller's assumption `noise_key_unknown_to_attacker`.
template <class Mode>
concept certificate_mode = radius_rule<typename Mode::radius_rule> && requires(const Mode& mode, std::size_t sample) {
  { Mode::name } -> std::convertible_to<std::string_view>;
  { Mode::certified } -> std::convertible_to<bool>;
  { Mode::assumptions } -> std::convertible_to<name_list>;
  { mode.conditional_on() } -> std::convertible_to<name_list>;
  { mode.scale(sample) } -> std::convertible_to<double>;
};

}  // namespace certssb::inline v1
