// SPDX-License-Identifier: MIT
#include "certssb/io/files.hpp"

#include "certssb/io/csv.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/text_table.hpp"
#include "support/folder_tree.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>

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

TEST_CASE("a link is followed and stays, wherever it leads", "[io]") {
  const test::temporary_folder home;
  make_folder(home.path() / "elsewhere");
  const auto target = home.path() / "elsewhere" / "file";
  std::filesystem::create_symlink("elsewhere/file", home.path() / "link");
  std::filesystem::create_symlink(home.path() / "link", home.path() / "link_to_link");
  write_file(home.path() / "link", "made");  // leads to nothing yet
  CHECK(read_file(target) == "made");
  write_file(home.path() / "link_to_link", "replaced");
  CHECK(read_file(target) == "replaced");
  CHECK(std::filesystem::is_symlink(home.path() / "link"));
  CHECK(std::filesystem::is_symlink(home.path() / "link_to_link"));
  CHECK(test::names_in(home.path() / "elsewhere") == "file ");
  CHECK(test::names_in(home.path()) == "elsewhere link link_to_link ");
  std::filesystem::create_symlink("loop", home.path() / "loop");
  CHECK_THROWS_WITH(write_file(home.path() / "loop", "x"), Catch::Contains("symbolic links"));
  std::filesystem::create_directory_symlink("elsewhere", home.path() / "folder");
  CHECK_THROWS_AS(write_file(home.path() / "folder", "x"), data_error);
  CHECK(test::names_in(home.path() / "elsewhere") == "file ");
}

TEST_CASE("devices and pipes are written to, never replaced", "[io]") {
  const test::temporary_folder home;
  write_file("/dev/null", "gone");
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK_THROWS_WITH(write_file("/dev/full", "x"), Catch::Contains("No space left"));
  CHECK(std::filesystem::is_character_file("/dev/full"));
  const auto pipe = home.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const detail::unique_handle reader(::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(reader);
  write_file(pipe, "through");
  std::array<char, 16> got{};
  CHECK(::read(reader.get(), got.data(), got.size()) == 7);
  CHECK(std::string(got.data()) == "through");
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK(test::names_in(home.path()) == "pipe ");
}

TEST_CASE("/dev/stdout is standard output, also where that is a file", "[io]") {
  const test::temporary_folder home;
  const auto out = home.path() / "out";
  const int status = test::in_child([&] {
    const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ::dup2(file, 1) != 1) return 9;
    if (::write(1, "before ", 7) != 7) return 8;
    write_file("/dev/stdout", "page ");
    return ::write(1, "after", 5) == 5 ? 0 : 7;
  });
  CHECK(status == 0);
  CHECK(read_file(out) == "before page after");
  CHECK(test::names_in(home.path()) == "out ");
}

TEST_CASE("a new file has the mode of the umask, a replaced one keeps its own", "[io]") {
  const test::temporary_folder home;
  const mode_t before = ::umask(027);
  write_file(home.path() / "new", "x");
  write_file(home.path() / "private", "x");
  REQUIRE(::chmod((home.path() / "private").c_str(), 0600) == 0);
  write_file(home.path() / "private", "y");
  ::umask(before);
  CHECK(std::filesystem::status(home.path() / "new").permissions() == std::filesystem::perms{0640});
  CHECK(std::filesystem::status(home.path() / "private").permissions() == std::filesystem::perms{0600});
}

TEST_CASE("a name may be as long as the file system takes, or relative, and an empty file is a file", "[io]") {
  const test::temporary_folder home;
  const std::string longest(255, 'x');
  write_file(home.path() / longest, "x");
  CHECK(test::names_in(home.path()) == longest + " ");
  CHECK(test::in_child([&] {
          if (::chdir(home.path().c_str()) != 0) return 9;
          write_file("here", "");
          return 0;
        }) == 0);
  CHECK(read_file(home.path() / "here").empty());
  CHECK_THROWS_AS(write_file("", "x"), data_error);
  CHECK_THROWS_WITH(write_file(home.path() / (longest + "x"), "x"), Catch::Contains("too long"));
}

TEST_CASE("a file of limited size is refused with the system's reason, and nothing is left", "[io]") {
  const test::temporary_folder home;
  const int status = test::in_child([&] {
    const rlimit small{1000, 1000};
    ::signal(SIGXFSZ, SIG_IGN);
    if (::setrlimit(RLIMIT_FSIZE, &small) != 0) return 9;
    write_file(home.path() / "small", std::string(1000, 'x'));
    try {
      write_file(home.path() / "small", std::string(1001, 'y'));
    } catch (const data_error& why) {
      return std::string(why.what()).find("File too large") != std::string::npos ? 0 : 1;
    }
    return 2;
  });
  CHECK(status == 0);
  CHECK(read_file(home.path() / "small") == std::string(1000, 'x'));
  CHECK(test::names_in(home.path()) == "small ");
}

TEST_CASE("a lock on a folder is one holder's, whoever else asks, and ends with it", "[io]") {
  const test::temporary_folder home;
  const auto folder = home.path() / "folder";
  make_folder(folder);
  {
    const folder_lock mine(folder);
    CHECK(mine.answer() == lock_answer::locked);
    CHECK(mine.still_names(folder));
    CHECK(folder_lock(folder).answer() == lock_answer::taken);
    CHECK(test::in_child([&] { return folder_lock(folder).answer() == lock_answer::taken ? 0 : 1; }) == 0);
    std::filesystem::rename(folder, home.path() / "moved");
    make_folder(folder);
    CHECK_FALSE(mine.still_names(folder));
    CHECK(folder_lock(folder).answer() == lock_answer::locked);
  }
  CHECK(folder_lock(home.path() / "moved").answer() == lock_answer::locked);
  CHECK(test::names_in(folder).empty());
  CHECK_THROWS_AS(folder_lock(home.path() / "absent"), data_error);
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
