// SPDX-License-Identifier: MIT
// Expect: deleted
// A radius is measured with the scales of the training rows, never with those of the test inputs.
#include "certssb/certificate/given_scales.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using scales_type = training_scales;
#else
using scales_type = test_scales;
#endif

given_scales_mode make(const scales_type& found);
given_scales_mode make(const scales_type& found) { return given_scales_mode::from_parts(found, gaussian_noise{}); }
