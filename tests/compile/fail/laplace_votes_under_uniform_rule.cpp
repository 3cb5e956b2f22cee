// SPDX-License-Identifier: MIT
// Expect: this radius rule does not certify this noise
// Both noises certify in L1, by different formulas.
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/noise/laplace.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using noise_type = uniform_noise;
#else
using noise_type = laplace_noise;
#endif

uniform_l1_mode make();
uniform_l1_mode make() { return uniform_l1_mode::from_parts(training_scales::constant(10, 0.5), noise_type{}); }
