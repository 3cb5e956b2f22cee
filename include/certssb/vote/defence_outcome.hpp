// SPDX-License-Identifier: MIT
#pragma once
// Brief: the result of a defence: votes, the scales under which they were taken, and the law of the noise, as a type.

#include "certssb/core/expect.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/vote/collect.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the votes of a defence with everything that decides what they certify. Certificate modes are made from it
/// (certificate/), so that the noise and the scales of a radius are those under which the votes were taken.
/// Shapes: train_scales [N]; ballots, one per set of test inputs, in the order given.
template <class Noise, std::floating_point Scalar>
struct defence_outcome {
  using noise_type = Noise;  ///< the noise on the training rows
  using scalar_type = Scalar;

  std::string name;
  training_scales train_scales;  ///< scales of one exposure per row; with a ledger, of all exposures together
  std::vector<ballot<Scalar>> ballots;
  std::size_t test_draws = 1;            ///< noise draws per vote; 0: votes on the input itself
  bool test_scales_from_data = false;    ///< whether a model trained on these rows found the test scales
  bool train_scales_from_data = false;   ///< whether a model trained on these rows found the training scales
  std::vector<ascent_point> trace = {};  ///< of the search for the training scales; empty without one
  double train_seconds = 0.0;            ///< training and voting of all members
  double ascent_seconds = 0.0;           ///< without the base model
};

/// Brief: the outcome itself, for a mode whose statement holds no scales fixed.
/// Throws: argument_error if a model trained on these very rows found the scales of the rows or of the test inputs.
template <class Noise, std::floating_point Scalar>
[[nodiscard]] const defence_outcome<Noise, Scalar>& scales_not_from_data(const defence_outcome<Noise, Scalar>& outcome,
                                                                         std::string_view mode) {
  expect(!outcome.train_scales_from_data && !outcome.test_scales_from_data, "mode ", mode,
         ": a model trained on these very rows found the scales of the ",
         outcome.train_scales_from_data ? "training rows" : "test inputs", "; mode given_scales holds them fixed");
  return outcome;
}

}  // namespace v1
}  // namespace certssb
