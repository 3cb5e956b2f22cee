// SPDX-License-Identifier: MIT
#pragma once
// Brief: a key that nobody knows beforehand.

#include "certssb/core/expect.hpp"

#include <sys/random.h>
#include <sys/types.h>

#include <cstdint>

namespace certssb {
inline namespace v1 {

/// Brief: 64 random bits from the operating system. Draw the key of the noise once the data are fixed, and record it
/// with the results.
/// Throws: error where the system gives none.
[[nodiscard]] inline std::uint64_t key_from_system() {
  std::uint64_t key = 0;
  const ssize_t got = ::getrandom(&key, sizeof key, 0);
  expect<error>(got == static_cast<ssize_t>(sizeof key), "the operating system gave no random key");
  return key;
}

}  // namespace v1
}  // namespace certssb
