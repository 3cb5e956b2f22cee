// SPDX-License-Identifier: MIT
// Expect: no_split is for a number of members fixed beforehand
// That alpha/2 pays for the choice of the class holds for one number of members, not for all at once.
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/stopped_votes.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using selection = every_class;
#else
using selection = no_split;
#endif

void certify_votes(const stopped_votes& votes);
void certify_votes(const stopped_votes& votes) {
  const auto mode = uniform_mode::from_parts(training_scales::constant(10, 0.5), gaussian_noise{});
  static_cast<void>(certify(votes, jeffreys_sequence{}, selection{}, mode, 0.001));
}
