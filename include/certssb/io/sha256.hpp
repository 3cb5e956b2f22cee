// SPDX-License-Identifier: MIT
#pragma once
// Brief: SHA-256 digests, so that a result names exactly the arrays it was computed from.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: a digest that takes its bytes part by part.
class sha256_stream {
public:
  sha256_stream() : state_(EVP_MD_CTX_new()) {
    check(state_ && EVP_DigestInit_ex(state_.get(), EVP_sha256(), nullptr));
  }

  void add(std::string_view bytes) { check(EVP_DigestUpdate(state_.get(), bytes.data(), bytes.size()) == 1); }

  /// Brief: the digest of everything added; nothing may be added afterwards.
  [[nodiscard]] std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    check(EVP_DigestFinal_ex(state_.get(), digest.data(), &length) == 1);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < length; ++i) {
      text += digits[digest[i] >> 4U];
      text += digits[digest[i] & 15U];
    }
    return text;
  }

private:
  static void check(bool done) { expect<error>(done, "sha256: OpenSSL could not compute the digest"); }

  struct release {
    void operator()(EVP_MD_CTX* state) const noexcept { EVP_MD_CTX_free(state); }
  };
  std::unique_ptr<EVP_MD_CTX, release> state_;
};

}  // namespace detail

/// Brief: the SHA-256 digest of some bytes, 64 lower-case hexadecimal digits.
/// Reference: FIPS 180-4.
[[nodiscard]] inline std::string sha256(std::string_view bytes) {
  detail::sha256_stream digest;
  digest.add(bytes);
  return digest.finish();
}

/// Brief: the digest of a file of at most `limit` bytes.
/// Throws: data_error if it is missing, larger or unreadable.
/// Cost: reads the file once, a mebibyte at a time.
[[nodiscard]] inline std::string sha256_of_file(const std::filesystem::path& path,
                                                std::uintmax_t limit = std::uintmax_t{1} << 34U) {
  const std::uintmax_t size = size_of_file(path);
  expect<data_error>(size <= limit, path.string(), ": expected at most ", limit, " bytes, got ", size);
  std::ifstream in(path, std::ios::binary);
  expect<data_error>(in.is_open(), path.string(), ": cannot be opened: ", std::strerror(errno));
  detail::sha256_stream digest;
  std::string part(std::size_t{1} << 20U, '\0');
  std::uintmax_t left = size;
  while (left > 0) {
    const auto next = static_cast<std::streamsize>(std::min<std::uintmax_t>(left, part.size()));
    in.read(part.data(), next);
    expect<data_error>(in.gcount() == next, path.string(), ": expected ", size, " bytes, got ",
                       size - left + static_cast<std::uintmax_t>(in.gcount()));
    digest.add(std::string_view(part).substr(0, static_cast<std::size_t>(next)));
    left -= static_cast<std::uintmax_t>(next);
  }
  return digest.finish();
}

}  // namespace v1
}  // namespace certssb
