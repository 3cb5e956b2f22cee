// SPDX-License-Identifier: MIT
#pragma once
// Brief: the modes of a finished run, made again from its folder.

#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/settings.hpp"
#include "mode_request.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: what a mode is made again from.
struct mode_evidence {
  const run_results& run;
  const defence_result& defence;
  std::filesystem::path folder;    ///< of the defence
  std::vector<double> sigma_test;  ///< of the samples that are to be issued

  [[nodiscard]] std::string setting(const std::string& name) const { return defence_options(run, defence).text(name); }
  [[nodiscard]] double number(const std::string& name) const { return defence_options(run, defence).number(name); }
};

/// Brief: calls visit(mode), or visit of the mode with label noise, where that is wanted and the mode takes it.
template <class Mode, class Visit>
void visit_with_labels(const mode_evidence& m, const mode_request& wanted, const Mode& mode, Visit&& visit) {
  if constexpr (label_noise_base<Mode>) {
    if (wanted.label_noise) {
      const label_flips flips(m.number("flip_probability"), static_cast<std::uint32_t>(m.number("flipped_labels")));
      return visit(
          label_noise(mode, flips, assume::labels_flipped_in_every_member{}, assume::scales_independent_of_labels{}));
    }
  }
  visit(mode);
}

/// Brief: the same with the flag joint before it.
template <class Mode, class Visit>
void visit_with_flags(const mode_evidence& m, const mode_request& wanted, const Mode& mode, Visit&& visit) {
  if constexpr (std::derived_from<Mode, gaussian_rows>) {
    if (wanted.joint) {
      const test_noise test{m.sigma_test.front(), defence_options(m.run, m.defence).test_draws()};
      return visit_with_labels(m, wanted, joint(mode, test, gaussian_noise{}, assume::test_scale_fixed_beforehand{}),
                               visit);
    }
  }
  visit_with_labels(m, wanted, mode, visit);
}

/// Brief: calls visit(mode) with the mode of this name, over training rows of these scales.
/// Throws: data_error for a mode that says nothing of training rows (memory), and argument_error for an unknown one.
template <class Visit>
void visit_mode(const std::string& name, const mode_evidence& m, const noise_scales& scales, Visit&& visit) {
  const gaussian_noise noise;
  if (name == published_mode::name) return visit(published_mode(noise_scales(m.sigma_test), noise));
  const mode_request wanted = mode_request::parse(name);
  const auto with_flags = [&](const auto& mode) { visit_with_flags(m, wanted, mode, visit); };
  const std::string& base = wanted.base;
  if (base == "uniform") return with_flags(uniform_mode(scales, noise));
  if (base == "frozen") return with_flags(frozen_mode(scales, noise, assume::scales_independent_of_features{}));
  if (base == "floor") return with_flags(floor_mode(scales, noise));
  if (base == "ledger") {
    std::vector<double> caps;
    for (const double sigma : scales.values()) caps.push_back(1.0 / (sigma * sigma));
    return with_flags(ledger_mode(caps, noise, assume::rows_read_only_through_the_ledger{}));
  }
  if (base == "quantised") {
    return with_flags(quantised_mode(scales, read_vector(m.folder / "rho_train.npy"), noise,
                                     assume::selector_fixed_independently_of_data{}));
  }
  if (base == "semi_elastic") {
    const elasticity selector{m.number("semi_elasticity"), m.run.data.row_size,
                              m.setting("rows_changed") == "one" ? changed_rows::one : changed_rows::many};
    return visit(semi_elastic_mode(scales, selector, noise, assume::selector_fixed_independently_of_data{}));
  }
  if (base == "uniform_l1") return visit(uniform_l1_mode(scales, uniform_noise{}));
  if (base == "laplace_l1") return visit(laplace_l1_mode(scales, laplace_noise{}));
  if (base == "knn1_exact") return visit(knn1_exact_mode(scales));
  if (base == "given_scales") {
    const bool own = m.setting("test_noise_scale") == "own" && m.setting("test_noise") != "none";
    return visit(given_scales_mode(scales, noise, own));
  }
  throw data_error(concatenate("mode ", name, " says nothing of the training rows"));
}

}  // namespace certssb::cli
