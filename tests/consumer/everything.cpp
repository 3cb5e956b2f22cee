// SPDX-License-Identifier: MIT
// A project that uses every component.
#include <certssb/backend/eigen.hpp>
#include <certssb/backend/tbb.hpp>
#include <certssb/backend/xtensor.hpp>
#include <certssb/certssb.hpp>

static_assert(certssb::tensor<xt::xarray<float>>);

int main() {
  int sum = 0;
  certssb::tbb_executor(1).for_each(3, [&](std::size_t i) { sum += static_cast<int>(i); });
  return sum == 3 ? 0 : 1;
}
