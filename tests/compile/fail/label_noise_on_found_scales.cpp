// SPDX-License-Identifier: MIT
// Expect: label_noise needs a certified mode of Gaussian noise whose scales were fixed beforehand
// Scales that the ascent found would move with the changed labels.
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/uniform.hpp"

using namespace certssb;

#ifdef CERTSSB_CONTROL
using inner = uniform_mode;
#else
using inner = given_scales_mode;
#endif

label_noise<inner> make(const inner& mode);
label_noise<inner> make(const inner& mode) {
  return {mode, label_flips(0.4, 1), assume::labels_flipped_in_every_member{}};
}
