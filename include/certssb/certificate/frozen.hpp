// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `frozen`: scales that differ from row to row and do not depend on the features.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"

#include <array>
#include <concepts>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: the prediction would be the same without the patterns in the training features. This holds without a
/// condition: the scales would also be the same, since they were not computed from the features.
/// Maths: sum_i |delta_i|^2 / sigma_i^2 < B^2. Divide each row by its sigma_i; PhiInv of the vote's probability is then
/// 1-Lipschitz in the shift (docs/guarantee.md). Exact for the half-space learner.
class frozen_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "frozen";
  static constexpr bool certified = true;
  static constexpr bool takes_parts = true;
  static constexpr bool takes_joint = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales});
  static constexpr auto to_state = std::to_array<std::string_view>({assume::scales_independent_of_features::name});
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions =
      std::to_array<std::string_view>({assume::scales_independent_of_features::name, "one_noise_draw_per_row_and_model",
                                       "raw_rows_never_read", "models_independent", "keyed_words_as_random"});

  /// Brief: the mode for the votes of a defence, taken under Gaussian noise.
  /// Throws: argument_error if a model trained on these very rows found the training scales or the test scales.
  template <class Noise, std::floating_point Scalar>
  frozen_mode(const defence_outcome<Noise, Scalar>& outcome, assume::scales_independent_of_features)
      : gaussian_rows(scales_not_from_data(outcome, name)) {}

  /// Brief: for votes from elsewhere. Taken on trust: every member was trained at these scales under this noise, one
  /// draw per row, independently of the other members, and read no row without it.
  template <class Noise>
  [[nodiscard]] static frozen_mode from_parts(training_scales training, const Noise& noise,
                                              assume::scales_independent_of_features) {
    return frozen_mode(std::move(training), noise);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::fixed_scales,
            .meaning =
                "Without the patterns in the training features, the prediction would be the same, as long as all "
                "patterns together are shorter than the radius. The scales may differ from row to row. This rests "
                "on no scale having been computed from the training features.",
            .needs = needs,
            .to_state = to_state};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static frozen_mode from_evidence(const mode_evidence& e) {
    return from_parts(e.training_rows(name), gaussian_noise{}, assume::scales_independent_of_features{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }

private:
  template <class Noise>
  frozen_mode(training_scales training, const Noise& noise) : gaussian_rows(std::move(training), noise) {}
};

static_assert(certificate_mode<frozen_mode>);

}  // namespace v1
}  // namespace certssb
