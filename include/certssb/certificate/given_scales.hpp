// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `given_scales`: what sample-specific scales do certify, the scales held fixed.

#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: had the patterns not been in the training features, and had the same noise scales been used, the prediction
/// would be the same.
/// Maths: Frobenius radius B * min_i sigma_i over the TRAINING rows; the test sample's own scale never enters it.
/// Left open: the path through the scales, which the ascent would have chosen otherwise on other data.
class given_scales_mode : public gaussian_rows {
public:
  static constexpr std::string_view name = "given_scales";
  static constexpr bool certified = true;
  static constexpr auto assumptions =
      std::to_array<std::string_view>({"one_noise_draw_per_row_and_model", "members_never_read_raw_rows",
                                       "models_independent", "models_independent_of_ascent_draws"});

  /// Brief: of the scales the members were trained with, and the noise they were scales of.
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
