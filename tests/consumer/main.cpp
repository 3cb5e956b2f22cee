// SPDX-License-Identifier: MIT
// What a project that only uses certssb writes: the normal gap of a certificate, from the core component alone.
#include <certssb/core/normal.hpp>
#include <certssb/version.hpp>

#include <cstdio>

int main() {
  const double radius = 0.25 * certssb::normal_gap(0.9, 0.1);
  std::printf("certssb %d.%d: radius %.3f\n", CERTSSB_VERSION_MAJOR, CERTSSB_VERSION_MINOR, radius);
  return radius > 0.64 && radius < 0.65 ? 0 : 1;  // sigma / 2 (PhiInv(.9) - PhiInv(.1)) at sigma = 1/2
}
