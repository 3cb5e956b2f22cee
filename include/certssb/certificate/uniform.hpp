// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `uniform`: the certificate of RAB.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/core/expect.hpp"

#include <array>
#include <string_view>

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
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {"constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read", "models_independent"});

  /// Brief: takes the scales the members were trained with, and the noise they were scales of.
  /// Throws: argument_error unless the scales are all the same.
  template <class Noise>
  uniform_mode(const noise_scales& training, const Noise& noise) : gaussian_rows(training, noise) {
    expect(training.smallest() == training.largest(), "uniform_mode: training scales must all be the same, got ",
           training.smallest(), " to ", training.largest(), "; mode given_scales allows them to differ");
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }
};

static_assert(certificate_mode<uniform_mode>);

}  // namespace v1
}  // namespace certssb
