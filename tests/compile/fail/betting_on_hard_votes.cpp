// SPDX-License-Identifier: MIT
// Expect: betting needs the order of the scores
// Counts have lost the order of the members, which this bound depends on.
#include "certssb/bound/betting.hpp"
#include "certssb/bound/mixture.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/vote_count.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using chosen_bound = mixture;
#else
using chosen_bound = betting;
#endif

void certify_votes(const vote_counts& votes);
void certify_votes(const vote_counts& votes) {
  const auto mode = uniform_mode::from_parts(training_scales::constant(10, 0.5), gaussian_noise{});
  static_cast<void>(certify(votes, chosen_bound{}, no_split{}, mode, 0.001));
}
