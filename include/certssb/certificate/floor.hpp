// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `floor`: noise first, then adaptation.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/expect.hpp"

#include <array>
#include <concepts>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: every member read each row in one release at the constant scale sigma_floor; the sample-specific scales and
/// extra noise were found and added on the released row. This is mode `ledger` with caps 1/sigma_floor^2.
/// Maths: Frobenius radius B * sigma_floor: what is done to a released row is part of the member.
class floor_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "floor";
  static constexpr bool certified = true;
  static constexpr bool takes_parts = true;
  static constexpr bool takes_joint = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales});
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {"one_release_per_row_and_model", "adapts_on_released_rows_only", "models_independent", "keyed_words_as_random"});

  /// Brief: the mode for the votes of a defence (run_floor), with releases under Gaussian noise.
  /// Throws: argument_error unless the scales of the releases are all the same, as from_parts does, or if a model
  /// trained on these very rows found them or the test scales.
  template <class Noise, std::floating_point Scalar>
  explicit floor_mode(const defence_outcome<Noise, Scalar>& outcome)
      : gaussian_rows(scales_not_from_data(outcome, name)) {
    expect_one_scale();
  }

  /// Brief: for votes from elsewhere, with the scales of the releases, one per row, and their noise. Taken on trust:
  /// every member read each row in one release of this noise at this scale, independently of the other members, and in
  /// no other way.
  template <class Noise>
  [[nodiscard]] static floor_mode from_parts(training_scales released, const Noise& noise) {
    return floor_mode(std::move(released), noise);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::floor,
            .meaning =
                "Without the patterns in the training features, the prediction would be the same, as long as all "
                "patterns together are shorter than the radius. The radius is measured with the scale of the one "
                "noisy release of each row to each member. Each member found scales of its own afterwards, on its "
                "released rows.",
            .scale = "the scale of the one noisy release of every training row",
            .needs = needs};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static floor_mode from_evidence(const mode_evidence& e) {
    return from_parts(e.training_rows(name), gaussian_noise{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }

private:
  template <class Noise>
  floor_mode(training_scales released, const Noise& noise) : gaussian_rows(std::move(released), noise) {
    expect_one_scale();
  }

  void expect_one_scale() const {
    expect(scales().smallest() == scales().largest(), "floor_mode: rows must all be released at the same scale, got ",
           scales().smallest(), " to ", scales().largest(), "; mode ledger allows them to differ");
  }
};

static_assert(certificate_mode<floor_mode>);

}  // namespace v1
}  // namespace certssb
