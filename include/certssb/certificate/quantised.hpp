// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `quantised`: scales found from the features by a function that is constant around each row.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/core/expect.hpp"

#include <algorithm>
#include <array>
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
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {assume::selector_fixed_independently_of_data::name, "selector_constant_within_the_stated_radius",
       "one_noise_draw_per_row_and_model", "raw_rows_never_read_but_by_the_selector", "models_independent"});

  /// Brief: takes the scales the members were trained with, the radii rho_i within which the selector is constant, and
  /// the noise.
  /// Throws: argument_error unless there is one positive radius per row; it is infinite if the scale never changes.
  template <class Noise>
  quantised_mode(noise_scales training, std::vector<double> constant_within, const Noise& noise,
                 assume::selector_fixed_independently_of_data)
      : gaussian_rows(std::move(training), noise), within_(std::move(constant_within)) {
    expect(within_.size() == rows(), "quantised_mode: ", rows(), " scales but ", within_.size(), " selector radii");
    for (const double rho : within_) {
      expect(rho > 0.0, "quantised_mode: a selector radius must be positive, got ", rho);
    }
    least_ = std::ranges::min(within_);
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
  std::vector<double> within_;
  double least_ = 0.0;
};

static_assert(certificate_mode<quantised_mode>);

}  // namespace v1
}  // namespace certssb
