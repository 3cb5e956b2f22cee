// SPDX-License-Identifier: MIT
// Expect: takes_joint
// A statement that holds the scales fixed has none of the test input moved as well.
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/uniform.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using inner = uniform_mode;
#else
using inner = given_scales_mode;
#endif

joint<inner> make(const inner& mode);
joint<inner> make(const inner& mode) {
  return {mode, test_noise{0.5}, gaussian_noise{}, assume::test_scale_fixed_beforehand{}};
}
