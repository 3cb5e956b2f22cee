// SPDX-License-Identifier: MIT
// Your own noise: the norm it certifies, and `fill`. A radius rule for that norm turns votes into radii; a rule for
// another norm does not compile. The library's own noises also have `release`, which rounds the noisy row to a grid, so
// that the lowest bits of a sum in floating point cannot give the row away (docs/exact_noise.md).
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/concept.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/radius/concept.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

using namespace certssb;

// ---- required members ---------------------------------------------------------------------------

// Laplace noise of scale 1: density exp(-|z|)/2. It certifies the L1 norm over all training entries.
struct my_laplace_noise {
  using certified_norm = l1_norm;

  template <std::floating_point Scalar>
  void fill(const random_key& key, std::span<Scalar> out) const {
    random_stream stream(key);
    for (Scalar& value : out) {
      const double u = stream.uniform() - 0.5;
      value = static_cast<Scalar>(std::copysign(std::log1p(-2.0 * std::abs(u)), -u));
    }
  }
};

static_assert(noise_distribution<my_laplace_noise, float>);
static_assert(!certifies<gaussian_l2, my_laplace_noise>, "an L2 rule must not be used with noise for L1");

// ---- the result, checked ------------------------------------------------------------------------

int main() {
  std::vector<double> draws(100000);
  my_laplace_noise{}.fill(random_key{1, stage::train_noise}, std::span(draws));
  double absolute = 0.0;
  double square = 0.0;
  for (const double z : draws) {
    absolute += std::abs(z) / static_cast<double>(draws.size());
    square += z * z / static_cast<double>(draws.size());
  }
  std::printf("mean |z| %.1f, variance %.1f (Laplace: 1 and 2)\n", absolute, square);

  host_array<float> batch(std::vector<float>(6, 0.5F), 3);
  const std::uint32_t ids[] = {0, 1};
  const double scales[] = {0.0, 0.1};
  perturb(batch, ids, std::span<const double>(scales), my_laplace_noise{}, random_key{1, stage::train_noise});
  std::printf("row 0 %s, row 1 %s\n", batch.values[0] == 0.5F ? "as it was" : "changed",
              batch.values[3] == 0.5F ? "as it was" : "changed");
}
