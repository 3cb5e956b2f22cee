// SPDX-License-Identifier: MIT
#pragma once
// Brief: the compiler of this program, and the instruction set it was compiled for.

#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the widest vectors that the compiler was allowed to use, read from the macros that it sets. The flags are
/// those of the program that includes this header; the library has none of its own.
[[nodiscard]] constexpr std::string_view instruction_set() noexcept {
#if defined(__AVX512F__)
  return "x86-64 with AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "x86-64 with AVX2 and FMA";
#elif defined(__AVX2__)
  return "x86-64 with AVX2";
#elif defined(__AVX__)
  return "x86-64 with AVX";
#elif defined(__x86_64__) || defined(_M_X64)
  return "x86-64";
#elif defined(__ARM_FEATURE_SVE)
  return "arm64 with SVE";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "other";
#endif
}

/// Brief: the compiler and its version, as it names itself.
[[nodiscard]] constexpr std::string_view compiler() noexcept {
#if defined(__clang__)
  return __VERSION__;
#elif defined(__GNUC__)
  return "GCC " __VERSION__;
#else
  return "other";
#endif
}

}  // namespace v1
}  // namespace certssb
