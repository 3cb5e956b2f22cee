// SPDX-License-Identifier: MIT
// Expect: this bound is for a number of members fixed beforehand
// Early stopping looks at the votes, which a bound for a fixed number of members does not pay for.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/stopped_votes.hpp"

using namespace certssb;

void certify_votes(const stopped_votes& votes);
void certify_votes(const stopped_votes& votes) {
  const auto mode = uniform_mode::from_parts(training_scales::constant(10, 0.5), gaussian_noise{});
#ifdef CERTSSB_CONTROL
  static_cast<void>(certify(votes, jeffreys_sequence{}, every_class{}, mode, 0.001));
#else
  static_cast<void>(certify(votes, clopper_pearson{}, every_class{}, mode, 0.001));
#endif
}
