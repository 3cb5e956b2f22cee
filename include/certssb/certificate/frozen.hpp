// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `frozen`: scales that differ from row to row and do not depend on the features.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"

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
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions =
      std::to_array<std::string_view>({assume::scales_independent_of_features::name, "one_noise_draw_per_row_and_model",
                                       "raw_rows_never_read", "models_independent"});

  /// Brief: the mode for the votes of a defence, taken under Gaussian noise.
  template <class Noise, std::floating_point Scalar>
  frozen_mode(const defence_outcome<Noise, Scalar>& outcome, assume::scales_independent_of_features)
      : gaussian_rows(outcome) {}

  /// Brief: for votes from elsewhere. Taken on trust: every member was trained at these scales under this noise, one
  /// draw per row, independently of the other members, and read no row without it.
  template <class Noise>
  [[nodiscard]] static frozen_mode from_parts(training_scales training, const Noise& noise,
                                              assume::scales_independent_of_features) {
    return frozen_mode(std::move(training), noise);
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }

private:
  template <class Noise>
  frozen_mode(training_scales training, const Noise& noise) : gaussian_rows(std::move(training), noise) {}
};

static_assert(certificate_mode<frozen_mode>);

}  // namespace v1
}  // namespace certssb
