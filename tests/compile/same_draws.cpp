// SPDX-License-Identifier: MIT
// Prints hashes of many draws; check_same_draws.sh compares them between builds, and with those of same_draws.py.
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"

#include <bit>
#include <cstdint>
#include <cstdio>
#include <span>
#include <type_traits>
#include <vector>

namespace {

using namespace certssb;

/// Brief: FNV-1a of the bits of 2^16 draws.
template <class Noise, class Scalar>
std::uint64_t hash_of() {
  using word = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
  std::vector<Scalar> draws(std::size_t{1} << 16U);
  Noise{}.fill(random_key{2024, stage::audit, 1, 2, 3}, std::span(draws));
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const Scalar draw : draws) {
    hash = (hash ^ std::bit_cast<word>(draw)) * 0x100000001b3U;
  }
  return hash;
}

template <class Noise>
void print(const char* name) {
  std::printf("%s float %016llx double %016llx\n", name, static_cast<unsigned long long>(hash_of<Noise, float>()),
              static_cast<unsigned long long>(hash_of<Noise, double>()));
}

}  // namespace

int main() {
  print<gaussian_noise>("gaussian");
  print<laplace_noise>("laplace");
  print<uniform_noise>("uniform");
}
