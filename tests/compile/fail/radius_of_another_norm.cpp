// SPDX-License-Identifier: MIT
// Expect: this radius rule does not certify this noise
// Votes taken under Laplace noise, which certifies in L1, have no Gaussian radius.
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"

#include <span>

using namespace certssb;

struct laplace_noise {
#ifdef CERTSSB_CONTROL
  using certified_norm = l2_norm;
#else
  using certified_norm = l1_norm;
#endif
  template <class Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const;
};

uniform_mode make();
uniform_mode make() { return {noise_scales::constant(10, 0.5), laplace_noise{}}; }
