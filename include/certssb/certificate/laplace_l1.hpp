// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `laplace_l1`: Laplace noise, certified in L1.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/l1_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/laplace_l1.hpp"

#include <array>
#include <concepts>
#include <string_view>
#include <utility>

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
  static constexpr auto needs = std::to_array({evidence_kind::row_scales});
  static constexpr auto assumptions =
      std::to_array<std::string_view>({"constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read",
                                       "models_independent", "keyed_words_as_random"});

  /// Brief: the mode for the votes of a defence, taken under Laplace noise.
  /// Throws: argument_error unless the training scales are all the same, as from_parts does, or if a model trained on
  /// these very rows found them or the test scales.
  template <class Noise, std::floating_point Scalar>
  explicit laplace_l1_mode(const defence_outcome<Noise, Scalar>& outcome)
      : l1_rows(scales_not_from_data(outcome, name)) {
    expect_one_scale();
  }

  /// Brief: for votes from elsewhere. Taken on trust: every member was trained at these scales under this noise, one
  /// draw per row, independently of the other members, and read no row without it.
  template <class Noise>
  [[nodiscard]] static laplace_l1_mode from_parts(training_scales training, const Noise& noise) {
    return laplace_l1_mode(std::move(training), noise);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {.meaning =
                "Without the patterns in the training features, the prediction would be the same, as long as the "
                "absolute changes of all entries (L1) add up to less than the radius. This rests on Laplace noise "
                "of one common scale, one draw per row and model, and on no model reading a row without noise.",
            .budget = "max(log(p_A / p_B) / 2, -log(1 - p_A + p_B))",
            .needs = needs};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static laplace_l1_mode from_evidence(const mode_evidence& e) {
    return from_parts(e.training_rows(name), laplace_noise{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }

private:
  template <class Noise>
  laplace_l1_mode(training_scales training, const Noise& noise) : l1_rows(std::move(training), noise) {
    expect_one_scale();
  }

  void expect_one_scale() const {
    expect(scales().smallest() == scales().largest(), "laplace_l1_mode: training scales must all be the same, got ",
           scales().smallest(), " to ", scales().largest());
  }
};

static_assert(certificate_mode<laplace_l1_mode>);

}  // namespace v1
}  // namespace certssb
