// SPDX-License-Identifier: MIT
// Expect: deleted
// Not even a conversion that the caller writes turns the scales of one role into those of the other.
#include "certssb/noise/scales.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using scales_type = noise_scales;
#else
using scales_type = training_scales;
#endif

test_scales convert(const scales_type& scales);
test_scales convert(const scales_type& scales) { return test_scales(scales); }
