// SPDX-License-Identifier: MIT
#include "certssb/io/files.hpp"

#include "certssb/io/csv.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/text_table.hpp"

#include <catch2/catch.hpp>

using namespace certssb;

TEST_CASE("a written file replaces the old one whole and leaves nothing beside it", "[report]") {
  const detail::temporary_folder folder;
  const auto path = folder.path() / "result";
  write_file(path, "old");
  write_file(path, "new and longer");
  CHECK(read_file(path) == "new and longer");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a file that cannot be written leaves nothing behind and says which", "[report]") {
  const detail::temporary_folder folder;
  const auto taken = folder.path() / "taken";
  make_folder(taken / "deeper");
  CHECK_THROWS_WITH(write_file(taken, "x"), Catch::Contains(taken.string()));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK_THROWS_AS(write_file(folder.path() / "absent" / "file", "x"), data_error);
  CHECK_THROWS_AS(write_file("/proc/certssb-cannot-write-here", "x"), data_error);
  write_file(folder.path() / "file", "x");
  CHECK_THROWS_AS(make_folder(folder.path() / "file"), data_error);
  CHECK_THROWS_AS(make_folder(folder.path() / "file" / "below"), data_error);
}

TEST_CASE("only ordinary files within the limit are read", "[report]") {
  const detail::temporary_folder folder;
  write_file(folder.path() / "file", "12345");
  CHECK_THROWS_WITH(read_file(folder.path() / "file", 4), Catch::Contains("expected at most 4 bytes, got 5"));
  CHECK_THROWS_AS(read_file(folder.path()), data_error);
  CHECK_THROWS_AS(read_file("/dev/zero"), data_error);
  CHECK_THROWS_AS(read_file(folder.path() / "absent"), data_error);
}

TEST_CASE("the digest is SHA-256", "[report]") {
  // FIPS 180-4, examples.
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("cells that hold separators are quoted and reals keep their digits", "[report]") {
  csv_table table({"name", "value"});
  table.add("plain").add(0.1).add("a,\"b\"\nc").add(-1);
  CHECK(table.text() == "name,value\nplain,0.1\n\"a,\"\"b\"\"\nc\",-1\n");
  table.add("half");
  CHECK_THROWS_AS(table.text(), argument_error);
}

TEST_CASE("columns of numbers are set to the right, words to the left", "[report]") {
  text_table table({"mode", "radius"});
  table.add({"uniform", "0.5"});
  table.add({"x\x1b[2J", "10.25"});
  CHECK(table.text() == "mode     radius\n-------  ------\nuniform     0.5\nx?[2J     10.25\n");
  CHECK_THROWS_AS(table.add({"one"}), argument_error);
  CHECK(percent(0.98765) == "98.8 %");
  CHECK(decimal(-1.0 / 3.0, 4) == "-0.3333");
}
