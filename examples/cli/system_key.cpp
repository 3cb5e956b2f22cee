// SPDX-License-Identifier: MIT
#include "system_key.hpp"

#include "certssb/core/expect.hpp"

#include <sys/random.h>
#include <sys/types.h>

namespace certssb::cli {

std::uint64_t key_from_system() {
  std::uint64_t key = 0;
  const ssize_t got = ::getrandom(&key, sizeof key, 0);
  expect<error>(got == static_cast<ssize_t>(sizeof key), "the operating system gave no random key; give --seed");
  return key;
}

}  // namespace certssb::cli
