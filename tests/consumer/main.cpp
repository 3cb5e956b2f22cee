// SPDX-License-Identifier: MIT
// What a project that only certifies votes writes, from the core component alone: 99 of 100 models, trained under noise
// of scale 1/2 on every training row, agree on one test sample.
#include <certssb/bound/clopper_pearson.hpp>
#include <certssb/bound/selection.hpp>
#include <certssb/certificate/certify.hpp>
#include <certssb/certificate/uniform.hpp>
#include <certssb/noise/gaussian.hpp>
#include <certssb/vote/vote_count.hpp>

#include <cmath>
#include <cstdio>

int main() {
  const certssb::vote_counts votes({1, 99}, 2, 100);
  const auto mode =
      certssb::uniform_mode::from_parts(certssb::training_scales::constant(10, 0.5), certssb::gaussian_noise{});
  const auto certificates = certssb::certify(votes, certssb::clopper_pearson{}, certssb::no_split{}, mode, 0.001);

  const certssb::certificate& first = certificates.front();
  std::printf("label %d, lower bound %.4f, radius %.4f\n", static_cast<int>(first.label), first.lower,
              first.radius.value());
  // P(Bin(100, p) >= 99) = 0.001 / 2 at p = 0.90438989, and PhiInv(p) / 2 = 0.65348894.
  return first.label == 1 && std::abs(first.radius.value() - 0.65348894) < 1e-8 ? 0 : 1;
}
