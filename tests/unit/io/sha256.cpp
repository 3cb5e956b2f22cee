// SPDX-License-Identifier: MIT
#include "certssb/io/sha256.hpp"

#include "certssb/report/gnuplot.hpp"

#include <catch2/catch.hpp>

using namespace certssb;

TEST_CASE("digests are those that the standard's examples state", "[io]") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the digest of a file is that of its bytes, whatever its size", "[io]") {
  const detail::temporary_folder folder;
  const auto path = folder.path() / "bytes";
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20U, (std::size_t{1} << 21U) + 7}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 % 251);
    write_file(path, bytes);
    CHECK(sha256_of_file(path) == sha256(bytes));
  }
  CHECK_THROWS_WITH(sha256_of_file(path, 1000), Catch::Contains("expected at most 1000 bytes, got 2097159"));
  CHECK_THROWS_AS(sha256_of_file(folder.path() / "nothing"), data_error);
  CHECK_THROWS_AS(sha256_of_file(folder.path()), data_error);
}
