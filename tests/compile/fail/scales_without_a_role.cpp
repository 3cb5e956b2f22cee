// SPDX-License-Identifier: MIT
// Expect: from_parts
// Scales say whose they are before a mode takes them.
#include "certssb/certificate/uniform.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using scales_type = training_scales;
#else
using scales_type = noise_scales;
#endif

uniform_mode make(const scales_type& scales);
uniform_mode make(const scales_type& scales) { return uniform_mode::from_parts(scales, gaussian_noise{}); }
