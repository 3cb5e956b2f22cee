// SPDX-License-Identifier: MIT
// From votes to a certificate. Twenty models were trained, each on its own noise of scale .5; 20 of them call the first
// test input class 1, 15 the second, 11 the third.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"

#include <cstdio>

int main() {
  using namespace certssb;
  const vote_counts votes({0, 20, 5, 15, 9, 11}, 2, 20);                 // counts [n,K], K = 2, M = 20
  const auto scales = training_scales::constant(12000, 0.5);             // of the training rows
  const auto mode = uniform_mode::from_parts(scales, gaussian_noise{});  // RAB's statement
  for (const certificate& c : certify(votes, clopper_pearson{}, no_split{}, mode, 0.001)) {
    std::printf("predicted %d, p_A >= %.4f, budget %.3f, radius %.3f: %s\n", static_cast<int>(c.predicted), c.lower,
                c.budget, c.radius.value(), outcome_name(c.result).data());
  }
}
