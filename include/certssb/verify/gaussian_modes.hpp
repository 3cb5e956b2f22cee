// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rules of the modes under Gaussian noise on the training rows, whose scales do not depend on the patterns,
// or only by a function that is constant near each row.

#include "certssb/core/expect.hpp"
#include "certssb/verify/mode.hpp"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: the common part, from which all other rules begin.
/// Maths: budget (PhiInv(p_A) - PhiInv(p_B))/2; an attack is covered if sum |delta_i|^2/sigma_i^2 < budget^2.
[[nodiscard]] inline mode gaussian(const mode_source& e) {
  const auto quantile = [](double p) { return boost::math::quantile(boost::math::normal_distribution<>{}, inward(p)); };
  mode m;
  m.budget = [quantile](double lower, double upper) {
    return lower > upper ? std::max(0.0, 0.5 * (quantile(lower) - quantile(upper))) : 0.0;
  };
  m.radius = [sigma = smallest(e.sigma_train)](double budget, std::size_t) { return budget * sigma; };
  std::vector<double> precisions;
  for (const double sigma : e.sigma_train) precisions.push_back(1.0 / (sigma * sigma));
  m.precision = [precisions](std::size_t r) { return sum_of_largest(precisions, r); };
  m.per_pattern = [rows = m.precision](double budget, std::size_t r) { return budget / std::sqrt(rows(r)); };
  m.covers = [size = sum_of_ratios(e.attack.l2, e.sigma_train, 2)](double budget) { return size < budget * budget; };
  return m;
}

/// Brief: the assumptions of modes whose noise is the same on all rows.
[[nodiscard]] inline std::vector<std::string> assumptions_of_constant_noise() {
  return {"constant_scale", "one_noise_draw_per_row_and_model", "raw_rows_never_read", "models_independent",
          "keyed_words_as_random"};
}

inline void state_uniform(mode& m, const mode_source& e) {
  m.assumptions = assumptions_of_constant_noise();
  expect_common(m, e);
}

inline void state_given_scales(mode& m, const mode_source& e) {
  m.assumptions = {"one_noise_draw_per_row_and_model", "members_never_read_raw_rows", "models_independent",
                   "keyed_words_as_random", "models_independent_of_ascent_draws"};
  m.conditional_on = {"train_scales"};
  const bool shared_base = e.defence.name == "cert-ssb";
  if (shared_base && e.options().text("test_noise_scale") == "own" && e.options().test_draws() > 0) {
    m.conditional_on.emplace_back("test_scale");
  }
  expect_within(m, e, e.number("sigma_min"), e.number("sigma_max"));
}

inline void state_published(mode& m, const mode_source& e) {
  m.certified = false;
  m.radius = [scales = e.sigma_test](double budget, std::size_t i) { return budget * scales[i]; };
  m.per_pattern = [](double, std::size_t) { return 0.0; };
  m.covers = [](double) { return false; };
}

inline void state_frozen(mode& m, const mode_source& e) {
  m.assumptions = {"scales_independent_of_features", "one_noise_draw_per_row_and_model", "raw_rows_never_read",
                   "models_independent", "keyed_words_as_random"};
  expect_stated(m, e, "scales_independent_of_features");
}

/// Brief: sigma_train holds the scales of single exposures that use up the caps.
inline void state_ledger(mode& m, const mode_source& e) {
  m.assumptions = {"rows_read_only_through_the_ledger", "caps_fixed_beforehand", "models_independent",
                   "keyed_words_as_random"};
  expect_common(m, e);
  const double epochs = e.number("epochs");
  expect<data_error>(epochs >= 1.0, "config.epochs: expected at least 1, got ", epochs);
  const double first = e.number("sigma") * std::sqrt(epochs);
  const double largest_scale = e.number("sigma_max");
  m.demand(largest_scale >= first * (1.0 - 1e-12), "its exposures, one per epoch at ", first,
           " at least, do not fit below sigma_max ", largest_scale);
}

inline void state_floor(mode& m, const mode_source& e) {
  m.assumptions = {"one_release_per_row_and_model", "adapts_on_released_rows_only", "models_independent",
                   "keyed_words_as_random"};
  expect_common(m, e);
}

/// Brief: checks of scales from the selector by trusted rows.
inline void expect_selected(mode& m, const mode_source& e) {
  expect_stated(m, e, "selector_fixed_independently_of_data");
  expect_within(m, e, 0.5 * e.number("sigma"), 2.0 * e.number("sigma"));
}

/// Brief: the slope of the logarithm of the selector's scale.
[[nodiscard]] inline double slope_of_selector(const mode_source& e) {
  const double slope = e.number("semi_elasticity");
  expect<data_error>(slope >= 0.0, "config.semi_elasticity: expected a number >= 0, got ", slope);
  return slope;
}

/// Brief: rho_train.npy holds, per row, the distance within which its scale is constant.
/// Maths: the scales' logarithms are whole numbers of grid widths above that of sigma/2; a value half a width from its
/// cell's edge reaches the edge no nearer than at width/(2 slope). The first and the last cell have no outer edge.
inline void state_quantised(mode& m, const mode_source& e) {
  m.assumptions = {"selector_fixed_independently_of_data",
                   "selector_constant_within_the_stated_radius",
                   "one_noise_draw_per_row_and_model",
                   "raw_rows_never_read_but_by_the_selector",
                   "models_independent",
                   "keyed_words_as_random"};
  expect_selected(m, e);
  const std::vector<double> rho = read_vector(e.folder / "rho_train.npy");
  expect<data_error>(rho.size() == e.sigma_train.size(), "rho_train.npy: expected ", e.sigma_train.size(),
                     " radii, got ", rho.size());
  for (const double r : rho) expect<data_error>(r > 0.0, "rho_train.npy: expected radii above 0, got ", r);
  const double least = smallest(rho);
  const double width = e.number("grid_width");
  expect<data_error>(width > 0.0, "config.grid_width: expected a number above 0, got ", width);
  const double reach = 0.5 * width / slope_of_selector(e);
  const double low = std::log(0.5 * e.number("sigma"));
  const double cells = std::floor(std::log(4.0) / width);
  bool inside = true;
  for (std::size_t i = 0; i < rho.size(); ++i) {
    inside = inside && e.attack.l2[i] < rho[i];
    const double cell = (std::log(e.sigma_train[i]) - low) / width;
    const double whole = std::round(cell);
    const bool on_grid = std::abs(cell - whole) <= 1e-9;
    m.demand(on_grid, "row ", i, ": its scale ", e.sigma_train[i], " is not on the grid");
    const bool at_end = whole == 0.0 || whole == cells;
    m.demand(!on_grid || at_end || rho[i] <= reach, "row ", i, ": no scale is constant within ", rho[i]);
  }
  m.radius = [radius = m.radius, least](double b, std::size_t i) { return std::min(least, radius(b, i)); };
  m.per_pattern = [norm = m.per_pattern, least](double b, std::size_t r) { return std::min(least, norm(b, r)); };
  m.covers = [covers = m.covers, inside](double b) { return inside && covers(b); };
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
