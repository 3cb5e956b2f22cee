// SPDX-License-Identifier: MIT
#pragma once
// Brief: initial parameters of a layer.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <cmath>
#include <cstddef>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: draws all parameters, weights and biases, uniformly from (-b, b), b = 1 / sqrt(fan_in).
/// Reference: LeCun et al., Efficient BackProp (1998); the default of PyTorch's linear and convolution layers.
template <class Scalar>
void initialise_uniform(std::span<Scalar> parameters, std::size_t fan_in, random_stream& stream) {
  expect(fan_in > 0, "initialise_uniform: fan_in must be positive");
  const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
  for (Scalar& parameter : parameters) parameter = static_cast<Scalar>(bound * (2.0 * stream.uniform() - 1.0));
}

}  // namespace v1
}  // namespace certssb
