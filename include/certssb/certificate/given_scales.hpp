// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `given_scales`: what sample-specific scales certify, with the scales held fixed.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the prediction would be the same without the patterns in the training features, if the same noise scales were
/// used.
/// Maths: Frobenius radius B * min_i sigma_i over the TRAINING rows; the test sample's own scale never enters it.
/// Not covered: the influence of the patterns on the scales, which the ascent would choose differently on other data.
class given_scales_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "given_scales";
  static constexpr bool certified = true;
  static constexpr auto assumptions =
      std::to_array<std::string_view>({"one_noise_draw_per_row_and_model", "members_never_read_raw_rows",
                                       "models_independent", "models_independent_of_ascent_draws"});

  /// Brief: takes the scales the members were trained with, and the noise they were scales of.
  /// `test_scale_from_data`: the votes were taken at a test scale found with a model trained on the same data.
  template <class Noise>
  given_scales_mode(const noise_scales& training, const Noise& noise, bool test_scale_from_data)
      : gaussian_rows(training, noise), conditions_(test_scale_from_data ? 2 : 1) {}

  [[nodiscard]] name_list conditional_on() const noexcept { return name_list(conditions).first(conditions_); }

private:
  static constexpr auto conditions = std::to_array<std::string_view>({"train_scales", "test_scale"});

  std::size_t conditions_;
};

static_assert(certificate_mode<given_scales_mode>);

}  // namespace v1
}  // namespace certssb
