// SPDX-License-Identifier: MIT
// Expect: this radius rule does not certify this noise
// Votes taken under a noise of another law have no Gaussian radius, even where both speak of the same norm.
#include "certssb/certificate/uniform.hpp"

#include <span>

using namespace certssb;

struct my_noise {
  using certified_norm = l2_norm;
#ifdef CERTSSB_CONTROL
  using law = gaussian_noise;
#endif
  template <class Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const;
};

uniform_mode make();
uniform_mode make() { return uniform_mode::from_parts(training_scales::constant(10, 0.5), my_noise{}); }
