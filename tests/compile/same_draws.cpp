// SPDX-License-Identifier: MIT
// Prints hashes of many draws and of noisy rows; check_same_draws.sh compares them between builds, and with those of
// same_draws.py.
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

constexpr random_key key{2024, stage::audit, 1, 2, 3};

/// Brief: FNV-1a of the bits.
template <class Scalar>
unsigned long long hash_of(const std::vector<Scalar>& values) {
  using word = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const Scalar value : values) hash = (hash ^ std::bit_cast<word>(value)) * 0x100000001b3U;
  return hash;
}

/// Brief: 2^16 draws.
template <class Noise, class Scalar>
std::vector<Scalar> draws() {
  std::vector<Scalar> values(std::size_t{1} << 16U);
  Noise{}.fill(key, std::span(values));
  return values;
}

/// Brief: a row of 2^14 equally spaced values in [0,1), released.
template <class Noise, class Scalar>
std::vector<Scalar> released() {
  std::vector<Scalar> row(std::size_t{1} << 14U);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<Scalar>(i) * Scalar{0x1p-14};
  Noise{}.release(key, 0.3, std::span(row));
  return row;
}

/// Brief: the first 88 places of 128 draws after the point, and those before it.
template <class Source>
std::vector<double> digits() {
  const Source source(key);
  std::vector<double> parts;
  for (std::size_t at = 0; at < 128; ++at) {
    const detail::fixed_draw draw = source.in_fixed(at);
    parts.push_back(draw.negative ? -1.0 : 1.0);
    for (unsigned part = 0; part < 3; ++part) {
      parts.push_back(static_cast<double>(static_cast<std::uint32_t>(draw.size >> (32 + 32 * part))));
    }
  }
  return parts;
}

template <class Noise>
void print(const char* name) {
  std::printf("%s float %016llx double %016llx\n", name, hash_of(draws<Noise, float>()),
              hash_of(draws<Noise, double>()));
  std::printf("%s released float %016llx double %016llx\n", name, hash_of(released<Noise, float>()),
              hash_of(released<Noise, double>()));
}

}  // namespace

int main() {
  print<gaussian_noise>("gaussian");
  print<laplace_noise>("laplace");
  print<uniform_noise>("uniform");
  std::printf("digits gaussian float %016llx double %016llx laplace %016llx uniform %016llx\n",
              hash_of(digits<detail::normal_source<float>>()), hash_of(digits<detail::normal_source<double>>()),
              hash_of(digits<detail::laplace_source>()), hash_of(digits<detail::uniform_source>()));
}
