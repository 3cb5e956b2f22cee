// SPDX-License-Identifier: MIT
// Expect: frozen_mode
// What only the caller can know stands in the caller's code.
#include "certssb/certificate/frozen.hpp"

using namespace certssb;

frozen_mode make();
frozen_mode make() {
#ifdef CERTSSB_CONTROL
  return frozen_mode::from_parts(training_scales({0.5, 0.7}), gaussian_noise{},
                                 assume::scales_independent_of_features{});
#else
  return frozen_mode::from_parts(training_scales({0.5, 0.7}), gaussian_noise{});
#endif
}
