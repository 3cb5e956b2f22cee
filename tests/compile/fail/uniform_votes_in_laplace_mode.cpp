// SPDX-License-Identifier: MIT
// Expect: this radius rule does not certify this noise
// The outcome knows the noise that its votes were taken under: a mode of another law is not made from it.
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/vote/defence_outcome.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using noise_type = laplace_noise;
#else
using noise_type = uniform_noise;
#endif

laplace_l1_mode make(const defence_outcome<noise_type, float>& outcome);
laplace_l1_mode make(const defence_outcome<noise_type, float>& outcome) { return laplace_l1_mode(outcome); }
