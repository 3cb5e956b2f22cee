// SPDX-License-Identifier: MIT
#pragma once
// Brief: SHA-256 digests, so that a result names exactly the arrays it was computed from.

#include "certssb/core/expect.hpp"

#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the SHA-256 digest of some bytes, 64 lower-case hexadecimal digits.
/// Reference: FIPS 180-4.
[[nodiscard]] inline std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  expect<error>(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1,
                "sha256: OpenSSL could not compute the digest");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

}  // namespace v1
}  // namespace certssb
