// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `quantised`: scales found from the features by a function that is constant around each row.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"
#include "certssb/core/expect.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: sigma_i = s(x_i), where s was fixed independently of the data and s(x') = s(x_i) for all |x' - x_i| < rho_i.
/// The scales, and therefore the prediction, would be the same without the patterns in the training features.
/// Maths: sum_i |delta_i|^2 / sigma_i^2 < B^2 and |delta_i| < rho_i for every row: there the scales coincide, and the
/// proof of `frozen` applies. Radius min(B min_i sigma_i, min_i rho_i), rounded down.
class quantised_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "quantised";
  static constexpr bool certified = true;
  static constexpr bool takes_joint = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales, evidence_kind::constant_radii});
  static constexpr auto to_state =
      std::to_array<std::string_view>({assume::selector_fixed_independently_of_data::name});
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {assume::selector_fixed_independently_of_data::name, "selector_constant_within_the_stated_radius",
       "one_noise_draw_per_row_and_model", "raw_rows_never_read_but_by_the_selector", "models_independent",
       "keyed_words_as_random"});

  /// Brief: the mode for the votes of a defence, taken under Gaussian noise, with the radii rho_i within which the
  /// selector is constant.
  /// Throws: argument_error unless there is one positive radius per row (infinite where the scale never changes), as
  /// from_parts does, or if a model trained on these very rows found the training scales or the test scales.
  template <class Noise, std::floating_point Scalar>
  quantised_mode(const defence_outcome<Noise, Scalar>& outcome, std::vector<double> constant_within,
                 assume::selector_fixed_independently_of_data)
      : gaussian_rows(scales_not_from_data(outcome, name)),
        within_(std::move(constant_within)),
        least_(least_within()) {}

  /// Brief: for votes from elsewhere. Taken on trust: every member was trained at these scales under this noise, one
  /// draw per row, independently of the other members, and only the selector read rows without noise.
  template <class Noise>
  [[nodiscard]] static quantised_mode from_parts(training_scales training, std::vector<double> constant_within,
                                                 const Noise& noise, assume::selector_fixed_independently_of_data) {
    return quantised_mode(std::move(training), std::move(constant_within), noise);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {
        .training = member_training::selector,
        .meaning =
            "Without the patterns in the training features, the prediction would be the same, as long as all "
            "patterns together are shorter than the radius. A selector found the scales from the rows. This "
            "rests on the selector being fixed independently of the data, and giving the same scale within a "
            "stated distance of each row, which bounds the radius too.",
        .limit =
            "the selector is known to give the same scales only within a distance of each row, and no radius exceeds "
            "the smallest of these",
        .needs = needs,
        .to_state = to_state};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static quantised_mode from_evidence(const mode_evidence& e) {
    expect(!e.constant_within.empty(), "mode ", name, " needs how far each row may move at the same scale");
    return from_parts(e.training_rows(name), e.constant_within, gaussian_noise{},
                      assume::selector_fixed_independently_of_data{});
  }

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }
  [[nodiscard]] double radius(double budget, std::size_t sample) const {
    return std::min(gaussian_rows::radius(budget, sample), least_);
  }
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const {
    return std::min(gaussian_rows::per_pattern(budget, rows), least_);
  }
  [[nodiscard]] bool covers(double budget, const attack_extent& attack) const {
    if (!gaussian_rows::covers(budget, attack)) return false;
    for (std::size_t i = 0; i < within_.size(); ++i) {
      if (!(attack.l2[i] < within_[i])) return false;
    }
    return true;
  }

private:
  template <class Noise>
  quantised_mode(training_scales training, std::vector<double> constant_within, const Noise& noise)
      : gaussian_rows(std::move(training), noise), within_(std::move(constant_within)), least_(least_within()) {}

  [[nodiscard]] double least_within() const {
    expect(within_.size() == rows(), "quantised_mode: ", rows(), " scales but ", within_.size(), " selector radii");
    for (const double rho : within_) {
      expect(rho > 0.0, "quantised_mode: a selector radius must be positive, got ", rho);
    }
    return std::ranges::min(within_);
  }

  std::vector<double> within_;
  double least_;
};

static_assert(certificate_mode<quantised_mode>);

}  // namespace v1
}  // namespace certssb
