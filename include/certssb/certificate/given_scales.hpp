// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `given_scales`: what sample-specific scales certify, with the scales held fixed.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/certificate/mode_facts.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: the origin of the test scales of votes from elsewhere: constants or found by each member; or found by a model
/// trained on the same training rows. The statement is then conditional on these scales.
enum class test_scale_origin { fixed_or_of_each_member, found_from_training_data };

/// Brief: the prediction would be the same without the patterns in the training features, if the same noise scales were
/// used.
/// Maths: Frobenius radius B * min_i sigma_i over the TRAINING rows; the test sample's own scale never enters it.
/// Not covered: the influence of the patterns on the scales, which the ascent would choose differently on other data.
class given_scales_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "given_scales";
  static constexpr bool certified = true;
  static constexpr bool takes_parts = true;
  static constexpr auto needs = std::to_array({evidence_kind::row_scales});
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {"one_noise_draw_per_row_and_model", "members_never_read_raw_rows", "models_independent", "keyed_words_as_random",
       "models_independent_of_ascent_draws"});

  /// Brief: the mode for the votes of a defence, taken under Gaussian noise.
  template <class Noise, std::floating_point Scalar>
  explicit given_scales_mode(const defence_outcome<Noise, Scalar>& outcome)
      : gaussian_rows(outcome), conditions_(outcome.test_scales_from_data ? 2 : 1) {}

  /// Brief: for votes from elsewhere. Taken on trust: every member was trained at these scales of the TRAINING rows
  /// under this noise, one draw per row, independently of the other members and of the draws that found the scales; and
  /// the stated origin of the test scales.
  template <class Noise>
  [[nodiscard]] static given_scales_mode from_parts(
      training_scales training, const Noise& noise,
      test_scale_origin test = test_scale_origin::found_from_training_data) {
    return given_scales_mode(std::move(training), noise, test);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() {
    return {.training = member_training::sample_specific,
            .meaning =
                "Without the patterns in the training features, and with the same noise scales of the training "
                "rows, the prediction would be the same, as long as all patterns together are shorter than the "
                "radius. The scales are held fixed: the statement leaves open that a training set without the "
                "patterns would have led to other scales.",
            .needs = needs};
  }
  /// Brief: makes the mode from evidence.
  /// Throws: argument_error if some evidence is missing, and as from_parts.
  [[nodiscard]] static given_scales_mode from_evidence(const mode_evidence& e) {
    return from_parts(e.training_rows(name), gaussian_noise{},
                      e.test_scales_from_data ? test_scale_origin::found_from_training_data
                                              : test_scale_origin::fixed_or_of_each_member);
  }

  [[nodiscard]] name_list conditional_on() const noexcept { return name_list(conditions).first(conditions_); }

private:
  template <class Noise>
  given_scales_mode(training_scales training, const Noise& noise, test_scale_origin test)
      : gaussian_rows(std::move(training), noise),
        conditions_(test == test_scale_origin::found_from_training_data ? 2 : 1) {}

  static constexpr auto conditions = std::to_array<std::string_view>({"train_scales", "test_scale"});

  std::size_t conditions_;
};

static_assert(certificate_mode<given_scales_mode>);

}  // namespace v1
}  // namespace certssb
