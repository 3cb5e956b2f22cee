// SPDX-License-Identifier: MIT
#pragma once
// Brief: the rules of the modes under uniform and Laplace noise, of the exact nearest neighbour, and of the predictor
// that remembers.

#include "certssb/verify/gaussian_modes.hpp"
#include "certssb/verify/mode.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: noise that is certified in L1: an attack is covered if sum |delta_i|_1/lambda_i < budget.
inline void state_in_l1(mode& m, const mode_source& e) {
  m.norm = "l1";
  std::vector<double> weights;
  for (const double scale : e.sigma_train) weights.push_back(1.0 / scale);
  m.per_pattern = [weights](double b, std::size_t r) { return b / sum_of_largest(weights, r); };
  m.covers = [size = sum_of_ratios(e.attack.l1, e.sigma_train, 1)](double b) { return size < b; };
  m.assumptions = assumptions_of_constant_noise();
  expect_common(m, e);
}

/// Brief: budget p_A - p_B.
inline void state_uniform_l1(mode& m, const mode_source& e) {
  state_in_l1(m, e);
  m.budget = [](double lower, double upper) { return std::max(0.0, lower - upper); };
}

/// Brief: budget max(log(p_A/p_B)/2, -log(1 - p_A + p_B)).
inline void state_laplace_l1(mode& m, const mode_source& e) {
  state_in_l1(m, e);
  m.budget = [](double lower, double upper) {
    if (!(lower > upper)) return 0.0;
    const double a = inward(lower);
    const double b = inward(upper);
    return std::max(0.5 * (std::log(a) - std::log(b)), -std::log1p(b - a));
  };
}

inline void state_knn1_exact(mode& m, const mode_source& e) {
  m.assumptions = {"scales_independent_of_features", "smoothed_nearest_neighbour", "no_test_noise"};
  expect_common(m, e);
  m.demand(e.options().test_draws() == 0, "assumes no test noise, but test_noise is ", e.options().text("test_noise"));
  m.demand(e.defence.bound == "enclosure" && e.defence.alpha == 0.0 && e.defence.models == 0,
           "is of enclosures, without members or alpha, not of ", e.defence.bound, " on ", e.defence.models,
           " models at alpha ", e.defence.alpha);
}

/// Brief: storage-update is asked with the certificates of mode uniform.
inline void state_memory(mode& m, const mode_source& e) {
  m.remembers = true;
  m.norm = "l2_of_test_inputs";
  m.assumptions = {"one_stateful_predictor", "order_as_given"};
  m.conditional_on = {"store", "order_of_samples"};
  expect_common(m, e);
  m.per_pattern = [](double, std::size_t) { return 0.0; };
  m.covers = [](double) { return false; };
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
