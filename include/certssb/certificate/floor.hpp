// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `floor`: noise first, then adaptation.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/core/expect.hpp"

#include <array>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: every member read each row in one release at the constant scale sigma_floor; the sample-specific scales and
/// extra noise were found and added on the released row. This is mode `ledger` with caps 1/sigma_floor^2.
/// Maths: Frobenius radius B * sigma_floor: what is done to a released row is part of the member.
class floor_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "floor";
  static constexpr bool certified = true;
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {"one_release_per_row_and_model", "adapts_on_released_rows_only", "models_independent"});

  /// Brief: takes the scales of the releases, one per row, all the same; and their noise.
  /// Throws: argument_error unless the scales are all the same.
  template <class Noise>
  floor_mode(const noise_scales& released, const Noise& noise) : gaussian_rows(released, noise) {
    expect(released.smallest() == released.largest(), "floor_mode: rows must all be released at the same scale, got ",
           released.smallest(), " to ", released.largest(), "; mode ledger allows them to differ");
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }
};

static_assert(certificate_mode<floor_mode>);

}  // namespace v1
}  // namespace certssb
