// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a defence leaves behind: votes, the scales they were taken at, and the law of the noise, as a type.

#include "certssb/noise/scales.hpp"
#include "certssb/sigma/ascent.hpp"
#include "certssb/vote/collect.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a defence's votes with everything that decides what they certify. Certificate modes are made from it
/// (certificate/), so that the noise and the scales of a radius are those that the votes were taken under.
/// Shapes: train_scales [N]; ballots, one per set of test inputs, in the order given.
template <class Noise, std::floating_point Scalar>
struct defence_outcome {
  using noise_type = Noise;  ///< of the noise on the training rows
  using scalar_type = Scalar;

  std::string name;
  training_scales train_scales;  ///< of one exposure of each row; of a ledger: of all its exposures together
  std::vector<ballot<Scalar>> ballots;
  std::size_t test_draws = 1;            ///< noise draws behind one vote; 0: votes on the input itself
  bool test_scales_from_data = false;    ///< a model trained on these very rows found the scales of the test inputs
  std::vector<ascent_point> trace = {};  ///< of the search for the training rows' scales; empty without one
  double train_seconds = 0.0;            ///< training and voting of all members
  double ascent_seconds = 0.0;           ///< base model not counted
};

}  // namespace v1
}  // namespace certssb
