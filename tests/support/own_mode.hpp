// SPDX-License-Identifier: MIT
#pragma once
// Brief: a user's own mode, for certificates of a given radius: what certificate_mode asks for, and no more.

#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/concept.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace certssb::test {

struct own_mode {
  static constexpr std::string_view name = "own";
  static constexpr std::string_view norm = "l2";
  static constexpr bool certified = true;
  static constexpr auto assumptions = std::to_array<std::string_view>({"whatever_the_test_says"});
  static certssb::name_list conditional_on() { return {}; }
  static double budget(double lower, double upper) { return lower > upper ? lower - upper : 0.0; }
  static double radius(double budget, std::size_t) { return 0.5 * budget; }
  static double scale(std::size_t) { return 0.5; }
  static std::size_t rows() { return 100; }
  static double per_pattern(double budget, std::size_t rows) { return 0.5 * budget / static_cast<double>(rows); }
  static bool covers(double budget, const certssb::attack_extent& attack) { return attack.test_l2 < budget; }
};

static_assert(certssb::certificate_mode<own_mode>);

/// A certificate of this label and radius; its budget is twice the radius.
inline certssb::certificate issued(certssb::label_type label, double radius,
                                   certssb::outcome result = certssb::outcome::certified) {
  using namespace certssb;
  certificate c{.label = label, .predicted = label, .budget = 2.0 * radius, .scale = 0.5, .result = result};
  if (result == outcome::certified) c.radius = certified_radius::issue(own_mode{}, 2.0 * radius, 0);
  if (result == outcome::published) c.candidate = candidate_radius(radius);
  return c;
}

}  // namespace certssb::test
