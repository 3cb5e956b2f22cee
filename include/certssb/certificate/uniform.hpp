// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `uniform`: the certificate of RAB.

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

/// Brief: every training row had the same constant scale. The prediction would be the same without the patterns in the
/// training features.
/// Maths: Frobenius radius B * sigma.
/// Reference: Weber et al., RAB (S&P 2023), corollary 1. Exact for the half-space learner.
class uniform_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "uniform";
  static constexpr bool certified = true;
  static constexpr bool takes_parts = true;
  static constexpr bool takes_joint = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales});
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions =
      std::to_array<std::string_view>({"constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read",
                                       "models_independent", "keyed_words_as_random"});

  /// Brief: the mode for the votes of a defence, taken under Gaussian noise.
  /// Throws: argument_error unless the training scales are all the same, as from_parts does, or if a model trained on
  /// these very rows found them or the test scales.
  template <class Noise, std::floating_point Scalar>
  explicit uniform_mode(const defence_outcome<Noise, Scalar>& outcome)
      : gaussian_rows(scales_not_from_data(outcome, name)) {
    expect_one_scale();
  }

  /// Brief: for votes from elsewhere. Taken on trust: every member was trained at these scales under this noise, one
  /// draw per row, independently of the other members, and read no row without it.
  template <class Noise>
  [[nodiscard]] static uniform_mode from_parts(training_scales training, const Noise& noise) {
    return uniform_mode(std::move(training), noise);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {.meaning =
                "Without the patterns in the training features, the prediction would be the same, as long as all "
                "patterns together are shorter than the radius. This rests on one common noise scale, one noise "
                "draw per row and model, and on no model reading a row without noise.",
            .needs = needs};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static uniform_mode from_evidence(const mode_evidence& e) {
    return from_parts(e.training_rows(name), gaussian_noise{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }

private:
  template <class Noise>
  uniform_mode(training_scales training, const Noise& noise) : gaussian_rows(std::move(training), noise) {
    expect_one_scale();
  }

  void expect_one_scale() const {
    expect(scales().smallest() == scales().largest(), "uniform_mode: training scales must all be the same, got ",
           scales().smallest(), " to ", scales().largest(), "; mode given_scales allows them to differ");
  }
};

static_assert(certificate_mode<uniform_mode>);

}  // namespace v1
}  // namespace certssb
