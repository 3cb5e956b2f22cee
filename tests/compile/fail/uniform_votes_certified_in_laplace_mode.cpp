// SPDX-License-Identifier: MIT
// Expect: this radius rule does not certify this noise
// Nor does a mode made elsewhere certify votes that were taken under another noise.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using noise_type = laplace_noise;
#else
using noise_type = uniform_noise;
#endif

void certify_votes(const defence_outcome<noise_type, float>& outcome, const laplace_l1_mode& mode);
void certify_votes(const defence_outcome<noise_type, float>& outcome, const laplace_l1_mode& mode) {
  static_cast<void>(certify(outcome, 0, clopper_pearson{}, no_split{}, mode, 0.001));
}
