// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `published`: the radius of the published method. It certifies nothing.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/vote/defence_outcome.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: the scale of the test sample in place of those of the training rows.
/// Maths: sigma_x / 2 * (PhiInv(p_A) - PhiInv(p_B)). For the half-space learner the true radius is exactly that of mode
/// `uniform`. If sigma_x exceeds the training scale, the published radius is therefore refuted, and not only unproved.
/// Reference: Cert-SSB, the certified radius.
class published_mode {
public:
  using radius_rule = gaussian_l2;
  static constexpr std::string_view name = "published";
  static constexpr std::string_view norm = l2_norm::name;
  static constexpr bool certified = false;
  static constexpr auto needs = std::to_array({evidence_kind::input_scales});
  static constexpr std::array<std::string_view, 0> assumptions{};

  /// Brief: the mode for the votes of a defence on its set `which` of test inputs.
  /// Throws: argument_error if there is no such set.
  template <class Noise, std::floating_point Scalar>
  published_mode(const defence_outcome<Noise, Scalar>& outcome, std::size_t which)
      : test_(scales_of_ballot(outcome.ballots, which)) {
    require_paired<radius_rule, Noise>();
  }

  /// Brief: for votes from elsewhere, with the scales of the test inputs and the noise that they are scales of.
  template <class Noise>
  [[nodiscard]] static published_mode from_parts(test_scales test, const Noise&) {
    require_paired<radius_rule, Noise>();
    return published_mode(std::move(test));
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {
        .training = member_training::sample_specific,
        .meaning =
            "Not certified. The radius as published is the test sample's own scale times the margin of the "
            "votes, and is shown for comparison. What holds is decided by the noise on the training rows, not "
            "by the noise on the test sample.",
        .scale = "the noise scale of the test sample, which is not a scale of the training rows that a poison changes",
        .needs = needs};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static published_mode from_evidence(const mode_evidence& e) {
    expect(e.test.has_value(), "mode ", name, " needs the noise scales of the test inputs");
    return from_parts(*e.test, gaussian_noise{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }
  [[nodiscard]] std::size_t samples() const noexcept { return test_.size(); }
  [[nodiscard]] static double budget(double lower, double upper) { return gaussian_l2::budget(lower, upper); }
  [[nodiscard]] double radius(double budget, std::size_t sample) const {
    return gaussian_l2::scaled(budget, test_[sample]);
  }
  [[nodiscard]] double scale(std::size_t sample) const noexcept { return test_[sample]; }
  [[nodiscard]] static std::size_t rows() noexcept { return 0; }
  [[nodiscard]] static double per_pattern(double, std::size_t) noexcept { return 0.0; }
  [[nodiscard]] static bool covers(double, const attack_extent&) noexcept { return false; }

private:
  explicit published_mode(test_scales test) : test_(std::move(test)) {}

  template <class Ballots>
  static const test_scales& scales_of_ballot(const Ballots& ballots, std::size_t which) {
    expect(which < ballots.size(), "published_mode: there are ", ballots.size(), " sets of test inputs, got number ",
           which);
    return ballots[which].scales;
  }

  test_scales test_;
};

static_assert(certificate_mode<published_mode>);

}  // namespace v1
}  // namespace certssb
