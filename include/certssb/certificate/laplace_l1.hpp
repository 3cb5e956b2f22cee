// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `laplace_l1`: Laplace noise, certified in L1.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/l1_rows.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/laplace_l1.hpp"

#include <array>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: as `uniform`, with Laplace noise of scale b on each entry: the prediction would be the same without the
/// patterns in the training features.
/// Maths: sum_{i,j} |delta_ij| < B b, B = max(log(p_A/p_B)/2, -log(1 - p_A + p_B)).
/// Reference: Teng et al. (2020).
class laplace_l1_mode : public l1_rows<laplace_l1> {
public:
  static constexpr std::string_view name = "laplace_l1";
  static constexpr bool certified = true;
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {"constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read", "models_independent"});

  /// Brief: takes the scales b the members were trained with, all the same, and the noise they were scales of.
  /// Throws: argument_error unless the scales are all the same.
  template <class Noise>
  laplace_l1_mode(const noise_scales& training, const Noise& noise) : l1_rows(training, noise) {
    expect(training.smallest() == training.largest(), "laplace_l1_mode: training scales must all be the same, got ",
           training.smallest(), " to ", training.largest());
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }
};

static_assert(certificate_mode<laplace_l1_mode>);

}  // namespace v1
}  // namespace certssb
