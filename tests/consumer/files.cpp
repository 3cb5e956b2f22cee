// SPDX-License-Identifier: MIT
// A project that uses the component io alone.
#include <certssb/io/npy.hpp>
#include <certssb/io/sha256.hpp>

int main() {
  // The digest of no bytes is in FIPS 180-4's examples.
  const char* of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  return certssb::sha256("") == of_nothing ? 0 : 1;
}
