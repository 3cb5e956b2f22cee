// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `ledger`: scales chosen adaptively, under a cap on everything that training learns about a row.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/noise/exposure.hpp"

#include <array>
#include <concepts>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: training read row i only through releases x_i + sigma_{i,t} eps_{i,t}, each with fresh noise and a scale that
/// may depend on all earlier releases, with sum_t 1/sigma_{i,t}^2 <= P_i; the prediction would then be the same without
/// the patterns in the training features. This is not conditional on the scales.
/// Maths: sum_i P_i |delta_i|^2 < B^2: row i counts as one release at the effective scale 1/sqrt(P_i). Releases are
/// increments of a Brownian motion with drift x_i, stopped before P_i; its end point is sufficient (docs/guarantee.md).
/// E exposures at sigma have the effective scale sigma/sqrt(E).
class ledger_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "ledger";
  static constexpr bool certified = true;
  static constexpr bool takes_parts = true;
  static constexpr bool takes_joint = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales});
  static constexpr auto to_state_foreign =
      std::to_array<std::string_view>({assume::rows_read_only_through_the_ledger::name});
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions =
      std::to_array<std::string_view>({assume::rows_read_only_through_the_ledger::name, "caps_fixed_beforehand",
                                       "models_independent", "keyed_words_as_random"});

  /// Brief: the mode for the votes of a defence (run_ledger), whose scales are the effective ones of its caps.
  /// Throws: argument_error if a model trained on these very rows found the training scales or the test scales.
  template <class Noise, std::floating_point Scalar>
  ledger_mode(const defence_outcome<Noise, Scalar>& outcome, assume::rows_read_only_through_the_ledger)
      : gaussian_rows(scales_not_from_data(outcome, name)) {}

  /// Brief: for votes from elsewhere, with the effective scales: for row i, the scale of one exposure that uses up its
  /// cap. Taken on trust: every member read each row only through releases of this noise, whose precisions add up to at
  /// most 1/sigma_i^2, independently of the other members.
  template <class Noise>
  [[nodiscard]] static ledger_mode from_parts(training_scales effective, const Noise& noise,
                                              assume::rows_read_only_through_the_ledger) {
    return ledger_mode(std::move(effective), noise);
  }

  /// Brief: the same, with the caps P_i.
  template <class Noise>
  [[nodiscard]] static ledger_mode of_caps(const exposure_caps<l2_norm>& caps, const Noise& noise,
                                           assume::rows_read_only_through_the_ledger) {
    return ledger_mode(caps.effective_scales(), noise);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::ledger,
            .meaning =
                "Without the patterns in the training features, the prediction would be the same, as long as all "
                "patterns together are shorter than the radius. The scales were chosen adaptively. This rests on "
                "training having read each row only through noisy releases whose precisions add up to no more "
                "than a cap fixed beforehand. The cap sets the radius.",
            .scale = "the effective scale of all looks at a row together: 1 / sqrt(cap of the row)",
            .needs = needs,
            .to_state_foreign = to_state_foreign};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static ledger_mode from_evidence(const mode_evidence& e) {
    return from_parts(e.training_rows(name), gaussian_noise{}, assume::rows_read_only_through_the_ledger{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }

private:
  template <class Noise>
  ledger_mode(training_scales effective, const Noise& noise) : gaussian_rows(std::move(effective), noise) {}
};

static_assert(certificate_mode<ledger_mode>);

}  // namespace v1
}  // namespace certssb
