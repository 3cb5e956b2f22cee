// SPDX-License-Identifier: MIT
// Expect: Clopper-Pearson is for hard votes
// Mean scores are not counts: the binomial bound says nothing of them.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/vote/mean_score.hpp"

using namespace certssb;

void certify_scores(const score_table& scores);
void certify_scores(const score_table& scores) {
  const auto mode = uniform_mode::from_parts(training_scales::constant(10, 0.5), gaussian_noise{});
#ifdef CERTSSB_CONTROL
  static_cast<void>(certify(scores, hoeffding{}, no_split{}, mode, 0.001));
#else
  static_cast<void>(certify(scores, clopper_pearson{}, no_split{}, mode, 0.001));
#endif
}
