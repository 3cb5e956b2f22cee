// SPDX-License-Identifier: MIT
// Expect: this selection policy does not fit these votes
// The full alpha is only for votes whose class other members chose.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/vote_count.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using selection = no_split;
#else
using selection = split;
#endif

void certify_votes(const vote_counts& votes);
void certify_votes(const vote_counts& votes) {
  const auto mode = uniform_mode::from_parts(training_scales::constant(10, 0.5), gaussian_noise{});
  static_cast<void>(certify(votes, clopper_pearson{}, selection{}, mode, 0.001));
}
