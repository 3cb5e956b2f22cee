// SPDX-License-Identifier: MIT
#pragma once
// Brief: flag `joint`: a trigger on the test input is also covered.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/detail/names.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/expect.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: a certified mode of Gaussian noise that also holds with the test input as one more row, and says so
/// (`takes_joint`). A statement that holds the scales fixed (given_scales) or is about votes without test noise
/// (knn1_exact) does not.
template <class Mode>
concept joint_base = certificate_mode<Mode> && std::derived_from<Mode, gaussian_rows> && requires {
  requires Mode::certified && Mode::takes_joint;
};

namespace detail {
struct joint_flag {
  static constexpr std::string_view flag = "+joint";
};
}  // namespace detail

/// Brief: the scale that all noise draws of a vote on the test input have together, rounded down.
/// Maths: sigma / sqrt(draws).
/// Throws: argument_error without draws, or unless the scale is finite and positive.
[[nodiscard]] inline double joint_scale(const test_noise& test) {
  expect(test.draws >= 1, "joint: votes without test noise say nothing of another test input, got ", test.draws,
         " draws");
  expect(std::isfinite(test.sigma) && test.sigma > 0.0, "joint: the test scale must be finite and positive, got ",
         test.sigma);
  return test.sigma / std::sqrt(static_cast<double>(test.draws)) * (1.0 - 0x1p-51);
}

/// Brief: a mode of Gaussian noise on the training rows, plus the test input as one more row: the prediction for
/// x + delta_t on these training rows is the one for x on the rows without their patterns.
/// Maths: k |delta_t|^2 / sigma_t^2 + sum_i |delta_i|^2 / sigma_i^2 < B^2, where k draws per vote are k exposures of x.
/// The radius bounds the training features and the test input together; per_pattern is one norm for the patterns on
/// the rows and on the test input.
template <joint_base Mode>
class joint {
public:
  using radius_rule = typename Mode::radius_rule;
  static constexpr std::string_view name = detail::joined_name<Mode, detail::joint_flag>::value;
  static constexpr std::string_view norm = Mode::norm;
  static constexpr bool certified = true;
  static constexpr bool scales_fixed_beforehand = requires { requires Mode::scales_fixed_beforehand; };
  static constexpr auto assumptions = detail::joined_list(
      Mode::assumptions, std::to_array<std::string_view>({assume::test_scale_fixed_beforehand::name}));

  /// Brief: takes a mode for the votes of a defence on its set `which` of test inputs, all perturbed at one common
  /// scale.
  /// Throws: argument_error if there is no such set, if its scales differ, or if each member found its own; and as
  /// below.
  template <class Noise, std::floating_point Scalar>
  joint(Mode mode, const defence_outcome<Noise, Scalar>& outcome, std::size_t which,
        assume::test_scale_fixed_beforehand fixed)
      : joint(std::move(mode), test_noise_of(outcome, which), fixed) {
    require_paired<gaussian_l2, Noise>();
  }

  /// Brief: for votes from elsewhere, with the test noise under which they were taken.
  /// Throws: argument_error if the votes were taken without test noise, or its scale is not finite and positive.
  template <class Noise>
  joint(Mode mode, const test_noise& test, const Noise&, assume::test_scale_fixed_beforehand fixed)
      : joint(std::move(mode), test, fixed) {
    require_paired<gaussian_l2, Noise>();
  }

  /// Brief: those of the mode under the flag.
  [[nodiscard]] static mode_facts facts() {
    mode_facts facts = facts_of_type<Mode>();
    facts.covers_test_input = true;
    return facts;
  }

  [[nodiscard]] name_list conditional_on() const noexcept { return mode_.conditional_on(); }
  [[nodiscard]] double budget(double lower, double upper) const { return mode_.budget(lower, upper); }
  [[nodiscard]] double radius(double budget, std::size_t sample) const {
    return std::min(mode_.radius(budget, sample), gaussian_l2::scaled(budget, sigma_));
  }
  [[nodiscard]] double scale(std::size_t sample) const noexcept { return std::min(mode_.scale(sample), sigma_); }
  [[nodiscard]] std::size_t rows() const noexcept { return mode_.rows(); }
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const {
    const double precision = (mode_.precisions().sum(rows) + 1.0 / (sigma_ * sigma_)) * (1.0 + 0x1p-51);
    return std::min(mode_.per_pattern(budget, rows), gaussian_l2::per_pattern(budget, precision));
  }
  /// Throws: argument_error unless the change of the test input is finite and >= 0, and as the mode.
  [[nodiscard]] bool covers(double budget, const attack_extent& attack) const {
    expect(std::isfinite(attack.test_l2) && attack.test_l2 >= 0.0,
           "joint: the change of the test input must be finite and >= 0, got ", attack.test_l2);
    const double used = attack.test_l2 / sigma_ * (1.0 + 0x1p-51);
    if (!(used < budget)) return false;
    return mode_.covers(std::sqrt((budget - used) * (budget + used)) * (1.0 - 0x1p-50), attack);
  }

  [[nodiscard]] const training_scales& scales() const noexcept { return mode_.scales(); }

private:
  joint(Mode mode, const test_noise& test, assume::test_scale_fixed_beforehand)
      : mode_(std::move(mode)), sigma_(joint_scale(test)) {}

  template <class Outcome>
  static test_noise test_noise_of(const Outcome& outcome, std::size_t which) {
    expect(which < outcome.ballots.size(), "joint: there are ", outcome.ballots.size(),
           " sets of test inputs, got number ", which);
    const auto& votes = outcome.ballots[which];
    expect(votes.own_scales.empty(),
           "joint: the test scale must be a constant fixed beforehand, not one of each member");
    expect(votes.scales.smallest() == votes.scales.largest(), "joint: test inputs must all have the same scale, got ",
           votes.scales.smallest(), " to ", votes.scales.largest());
    return {votes.scales.smallest(), outcome.test_draws};
  }

  Mode mode_;
  double sigma_;  ///< effective scale of all draws together
};

}  // namespace v1
}  // namespace certssb
