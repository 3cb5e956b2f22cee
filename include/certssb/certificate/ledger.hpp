// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `ledger`: scales chosen adaptively, under a cap on everything that training learns about a row.

#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/gaussian_rows.hpp"
#include "certssb/core/expect.hpp"

#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

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
  static constexpr bool scales_fixed_beforehand = true;
  static constexpr auto assumptions = std::to_array<std::string_view>(
      {assume::rows_read_only_through_the_ledger::name, "caps_fixed_beforehand", "models_independent"});

  /// Brief: takes the caps P_i, and the noise of the releases.
  /// Throws: argument_error unless every cap is finite and positive.
  template <class Noise>
  ledger_mode(std::span<const double> caps, const Noise& noise, assume::rows_read_only_through_the_ledger)
      : gaussian_rows(effective_scales(caps), noise) {}

  [[nodiscard]] static name_list conditional_on() noexcept { return {}; }

private:
  static noise_scales effective_scales(std::span<const double> caps) {
    std::vector<double> scales;
    scales.reserve(caps.size());
    for (const double cap : caps) {
      expect(std::isfinite(cap) && cap > 0.0, "ledger_mode: a precision cap must be finite and positive, got ", cap);
      scales.push_back(std::nextafter(1.0 / std::sqrt(cap), 0.0));
    }
    return noise_scales(std::move(scales));
  }
};

static_assert(certificate_mode<ledger_mode>);

}  // namespace v1
}  // namespace certssb
