// SPDX-License-Identifier: MIT
#include "certssb/run/run_folder.hpp"

#include "support/folder_tree.hpp"
#include "support/system_calls.hpp"

#include <catch2/catch.hpp>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <array>
#include <cstring>

using namespace certssb;
using test::in_child;
using test::inode_of;
using test::names_in;
using test::temporary_folder;
namespace fs = std::filesystem;

namespace {

/// Writes a small run whose files tell `which` run it is.
fs::path write_run(const fs::path& out, existing_run existing, const std::string& which,
                   run_state state = run_state::complete) {
  run_folder folder(out, existing);
  folder.write("rab/votes.npy", which + " votes");
  folder.write("pictures/0_clean.png", which + " picture");
  folder.write("only_" + which + ".csv", which);
  folder.write("results.json", which + " results");
  return folder.publish(state);
}

/// The lock of a process that was killed may be left on a file system that locks files only; no run minds it.
void expect_run(const fs::path& place, const std::string& which) {
  if (test::no_folder_locks) fs::remove(place / folder_lock::file_name);
  CHECK(names_in(place) == "files.txt only_" + which + ".csv pictures rab results.json ");
  CHECK(read_file(place / "results.json") == which + " results");
  CHECK(read_file(place / "rab/votes.npy") == which + " votes");
  CHECK(detail::is_whole(place));
}

constexpr const char* results_of_0_1 = R"({"schema": 1, "version": "0.1.0", "complete": true, "defences": [],
  "arrays": {"rab/votes_clean.npy": "00", "poisoned_rows.npy": "00"},
  "examples": [{"clean": "pictures/0_clean.png", "triggered": "pictures/0_triggered.png",
                "noisy": {"rab": "pictures/0_rab.png"}}]})";

void write_run_of_0_1(const fs::path& place) {
  make_folder(place / "rab");
  make_folder(place / "pictures");
  for (const char* name : {"rab/votes_clean.npy", "poisoned_rows.npy", "report.html", "pictures/0_clean.png",
                           "pictures/0_triggered.png", "pictures/0_rab.png"}) {
    write_file(place / name, "old");
  }
  write_file(place / "results.json", results_of_0_1);
}

}  // namespace

TEST_CASE("a run lies out of sight until it is published, then in its place and nowhere else", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "above" / "run";
  run_folder folder(out);
  CHECK(folder.place() == out);
  folder.write("rab/votes.npy", "abc");
  folder.write("results.json", "{}");
  CHECK(names_in(out).empty());
  CHECK(read_file(folder.path() / "results.json") == "{}");
  CHECK(folder.publish() == out);
  CHECK(folder.path() == out);
  CHECK(names_in(out) == "files.txt rab results.json ");
  CHECK(names_in(out.parent_path()) == "run ");
  CHECK(read_file(out / "files.txt") == "certssb run 1 complete\n3 rab/votes.npy\n2 results.json\n");
  // FIPS 180-4, examples; and sha256sum on {}.
  CHECK(folder.digests() == std::map<std::string, std::string>{
                                {"rab/votes.npy", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                                {"results.json", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}});
  CHECK_THROWS_AS(folder.publish(), argument_error);
}

TEST_CASE("a run that is not published leaves nothing, and a place that was prepared as it was", "[run]") {
  const temporary_folder home;
  make_folder(home.path() / "prepared");
  for (const char* out : {"prepared", "new", "deep/er/new"}) {
    run_folder folder(home.path() / out);
    folder.write("results.json", "{}");
  }
  CHECK(names_in(home.path()) == "prepared ");
  CHECK(names_in(home.path() / "prepared").empty());
}

TEST_CASE("a folder that holds anything that no run wrote is refused by its name, before any work", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  SECTION("in a folder without a run") {
    const auto [name, content] = GENERATE(table<std::string, std::string>({{"thesis.tex", "years of work"},
                                                                           {"results.json", "{\"mine\": 1}"},
                                                                           {"results.json", "not JSON"},
                                                                           {"files.txt", "my own list\n"},
                                                                           {".hidden", ""}}));
    make_folder(out);
    write_file(out / name, content);
    CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains(out.string()) && Catch::Contains(name));
    CHECK(read_file(out / name) == content);
    CHECK(names_in(out) == name + " ");
  }
  SECTION("in a run") {
    const std::string name = GENERATE("notes.md", "pictures/mine.png", "zz/below", "rab/votes.npy.bak", "pictures2/x");
    write_run(out, existing_run::refuse, "first");
    make_folder((out / name).parent_path());
    write_file(out / name, "mine");
    const std::string named = name == "zz/below" ? "zz" : name == "pictures2/x" ? "pictures2" : name;
    CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains("such as " + named + ";"));
    CHECK(read_file(out / name) == "mine");
    CHECK(read_file(out / "results.json") == "first results");
  }
  SECTION("in a run of version 0.1") {
    write_run_of_0_1(out);
    write_file(out / "thesis.tex", "years of work");
    CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains("such as thesis.tex;"));
    CHECK(read_file(out / "poisoned_rows.npy") == "old");
  }
  SECTION("an empty sub-folder, or a link with the name of a file of the run") {
    write_run(out, existing_run::refuse, "first");
    fs::create_directory(out / "mine");
    CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains("such as mine;"));
    fs::remove(out / "mine");
    write_file(home.path() / "elsewhere", "mine");
    fs::remove(out / "results.json");
    fs::create_symlink(home.path() / "elsewhere", out / "results.json");
    CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains("such as results.json;"));
    CHECK(read_file(home.path() / "elsewhere") == "mine");
  }
}

TEST_CASE("an earlier run is refused, or replaced with all its files when that is asked for", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  write_run(out, existing_run::refuse, "first");
  CHECK_THROWS_WITH(run_folder(out), Catch::Contains(out.string()) && Catch::Contains("overwrite"));
  expect_run(out, "first");
  { const run_folder unpublished(out, existing_run::overwrite); }
  expect_run(out, "first");
  write_run(out, existing_run::overwrite, "second");
  expect_run(out, "second");
  CHECK(names_in(home.path()) == "run ");
}

TEST_CASE("a run of version 0.1 is known by what its results.json names", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  write_run_of_0_1(out);
  CHECK_THROWS_WITH(run_folder(out), Catch::Contains("earlier run"));
  write_run(out, existing_run::overwrite, "second");
  expect_run(out, "second");
}

TEST_CASE("a prepared folder stays the same folder, with its mode and group", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  make_folder(out);
  struct stat before {};
  if (::geteuid() == 0) CHECK(::chown(out.c_str(), 12345, 23456) == 0);
  REQUIRE(::chmod(out.c_str(), 02770) == 0);
  REQUIRE(::stat(out.c_str(), &before) == 0);
  struct stat after {};
  write_run(out, existing_run::refuse, "first");
  REQUIRE(::stat(out.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  CHECK(after.st_mode == before.st_mode);
  expect_run(out, "first");
  write_run(out, existing_run::overwrite, "second");
  REQUIRE(::stat(out.c_str(), &after) == 0);
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_gid == before.st_gid);
  expect_run(out, "second");
}

TEST_CASE("modes are what the umask says", "[run]") {
  const temporary_folder home;
  const mode_t before = ::umask(027);
  write_run(home.path() / "run", existing_run::refuse, "first");
  ::umask(before);
  CHECK(fs::status(home.path() / "run").permissions() == fs::perms{0750});
  CHECK(fs::status(home.path() / "run/rab").permissions() == fs::perms{0750});
  CHECK(fs::status(home.path() / "run/results.json").permissions() == fs::perms{0640});
  CHECK(fs::status(home.path() / "run/files.txt").permissions() == fs::perms{0640});
}

TEST_CASE("the working folder may hold the run, and is not left behind deleted", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  make_folder(out);
  for (const auto& [existing, which] :
       {std::pair(existing_run::refuse, "first"), {existing_run::overwrite, "second"}}) {
    const auto inode = inode_of(out);
    const int status = in_child([&, e = existing, w = std::string(which)] {
      if (::chdir(out.c_str()) != 0) return 9;
      write_run(".", e, w);
      return read_file("results.json") == w + " results" ? 0 : 8;
    });
    CHECK(status == 0);
    CHECK(inode_of(out) == inode);
    expect_run(out, which);
  }
  const int below = in_child([&] {
    if (::chdir((out / "rab").c_str()) != 0) return 9;
    write_run("..", existing_run::overwrite, "third");
    return 0;
  });
  CHECK(below == 0);
  expect_run(out, "third");
  CHECK(names_in(home.path()) == "run ");
}

TEST_CASE("a link to a folder is followed and stays, one that leads nowhere is refused", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "disk" / "run";
  const fs::path link = home.path() / "link";
  make_folder(out);
  fs::create_directory_symlink(out, link);
  write_run(link, existing_run::refuse, "first");
  write_run(link / "", existing_run::overwrite, "second");
  CHECK(fs::is_symlink(link));
  expect_run(out, "second");
  fs::create_symlink(home.path() / "absent", home.path() / "nowhere");
  CHECK_THROWS_WITH(run_folder(home.path() / "nowhere"), Catch::Contains("leads nowhere"));
  CHECK(names_in(home.path()) == "disk link nowhere ");
}

TEST_CASE("slashes at the end change nothing", "[run]") {
  const temporary_folder home;
  write_run(home.path().string() + "/run//", existing_run::refuse, "first");
  write_run(home.path().string() + "/run/.", existing_run::overwrite, "second");
  expect_run(home.path() / "run", "second");
  CHECK(names_in(home.path()) == "run ");
}

TEST_CASE("what is in the way is said before any work", "[run]") {
  const temporary_folder home;
  write_file(home.path() / "file", "mine");
  CHECK_THROWS_WITH(run_folder(home.path() / "file"), Catch::Contains("expected a folder, got a file"));
  CHECK_THROWS_WITH(run_folder(home.path() / "file" / "below"), Catch::Contains("cannot be made"));
  CHECK_THROWS_WITH(run_folder("/proc/certssb"), Catch::Contains("cannot be made"));
  CHECK_THROWS_AS(run_folder(""), argument_error);
  CHECK(read_file(home.path() / "file") == "mine");
}

TEST_CASE("names that leave the folder, are hidden or are the list's own are refused", "[run]") {
  const temporary_folder home;
  run_folder folder(home.path() / "run");
  for (const char* name : {"", "/x", "../x", "a/../x", "a//x", "a/", ".x", "a/.x", "a\nb", "files.txt"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(folder.write(name, "x"), argument_error);
  }
  CHECK_NOTHROW(folder.write("a/b/c d.npy", "x"));
  folder.publish();
  CHECK(detail::is_whole(home.path() / "run"));
}

TEST_CASE("one process at a time writes to a folder, and one that died is no obstacle", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  {
    const run_folder first(out);
    CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains("another process"));
    CHECK(in_child([&] {
            try {
              const run_folder second(out);
            } catch (const data_error&) {
              return 2;
            }
            return 0;
          }) == 2);
    CHECK_NOTHROW(run_folder(home.path() / "other"));
  }
  CHECK(in_child([&] {
          run_folder killed(out);
          killed.write("results.json", "half");
          ::_exit(7);
          return 0;
        }) == 7);
  write_run(out, existing_run::refuse, "first");
  expect_run(out, "first");
  CHECK(names_in(home.path()) == "run ");
}

TEST_CASE("an interrupted run never replaces a complete one: it is put beside", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  const bool working_folder = GENERATE(false, true);
  CHECK(write_run(out, existing_run::refuse, "half", run_state::incomplete) == out);
  CHECK(write_run(out, existing_run::overwrite, "other", run_state::incomplete) == out);
  expect_run(out, "other");
  CHECK(write_run(out, existing_run::overwrite, "first") == out);
  const int status = in_child([&] {
    if (working_folder && ::chdir(out.c_str()) != 0) return 9;
    for (const char* name : {"run.incomplete", "run.incomplete-2"}) {
      const fs::path put = write_run(out, existing_run::overwrite, "broken", run_state::incomplete);
      if (put != home.path() / name) return 8;
    }
    return 0;
  });
  CHECK(status == 0);
  expect_run(out, "first");
  expect_run(home.path() / "run.incomplete", "broken");
  expect_run(home.path() / "run.incomplete-2", "broken");
  CHECK(names_in(home.path()) == "run run.incomplete run.incomplete-2 ");
}

TEST_CASE("a file put into the place during the run is kept, and so is the run", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  const bool earlier = GENERATE(false, true);
  if (earlier) write_run(out, existing_run::refuse, "first");
  run_folder folder(out, existing_run::overwrite);
  folder.write("results.json", "second results");
  write_file(out / "thesis.tex", "years of work");
  CHECK_THROWS_WITH(folder.publish(),
                    Catch::Contains("thesis.tex") && Catch::Contains((home.path() / "run.unpublished").string()));
  CHECK(read_file(out / "thesis.tex") == "years of work");
  CHECK(fs::exists(out / "results.json") == earlier);
  CHECK(read_file(home.path() / "run.unpublished/results.json") == "second results");
  CHECK(folder.path() == home.path() / "run.unpublished");
}

TEST_CASE("a place that was removed during the run is made again", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  run_folder folder(out);
  folder.write("results.json", "{}");
  fs::remove(out);
  folder.publish();
  CHECK(names_in(out) == "files.txt results.json ");
}

TEST_CASE("the remains of killed runs are removed, and nothing else", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  write_run(out, existing_run::refuse, "first");
  for (const char* name : {".run.partial-1", ".run.partial-22", ".run.partial-", ".run.partial-x", ".other.partial-1",
                           "run.partial-1", ".run.partial-333"}) {
    make_folder(home.path() / name);
    write_file(home.path() / name / "results.json", "half");
  }
  make_folder(out / ".partial-5");
  write_file(home.path() / ".run.partial-4", "a file");
  const folder_lock alive(home.path() / ".run.partial-333");
  write_run(out, existing_run::overwrite, "second");
  expect_run(out, "second");
  CHECK(names_in(home.path()) ==
        ".other.partial-1 .run.partial- .run.partial-333 .run.partial-4 .run.partial-x run run.partial-1 ");
}

namespace {

/// How a place is prepared, and from which folder the second run is written there.
struct scene {
  const char* words;
  bool earlier = false;  ///< a complete run is there
  bool prepared = false;
  bool working_folder = false;  ///< the run is written in the working folder
  bool* cannot = nullptr;       ///< what the file system cannot do

  [[nodiscard]] bool in_one_step() const { return !prepared && !working_folder && cannot == nullptr; }
};
const std::array<scene, 8> scenes{{{"a new folder"},
                                   {"a prepared folder", false, true},
                                   {"the working folder", false, true, true},
                                   {"an earlier run", true},
                                   {"an earlier run in the working folder", true, false, true},
                                   {"an earlier run, no exchange", true, false, false, &test::no_exchange},
                                   {"a new folder, no lock of folders", false, false, false, &test::no_folder_locks},
                                   {"an earlier run, no lock of folders", true, false, false, &test::no_folder_locks}}};

/// Sets what the file system of a scene cannot do, as long as it lives.
class file_system {
public:
  explicit file_system(const scene& s) : cannot_(s.cannot) {
    if (cannot_ != nullptr) *cannot_ = true;
  }
  file_system(const file_system&) = delete;
  file_system& operator=(const file_system&) = delete;
  ~file_system() {
    if (cannot_ != nullptr) *cannot_ = false;
  }

private:
  bool* cannot_;
};

void prepare(const scene& s, const fs::path& out) {
  if (s.earlier) write_run(out, existing_run::refuse, "first");
  if (s.prepared) make_folder(out);
}

/// A child that is struck as planned: 0 where it published, 2 where it was told that it could not.
int write_struck(const scene& s, const fs::path& out, const test::call_plan& plan) {
  test::plan() = plan;
  return in_child([&] {
    if (s.working_folder && ::chdir(out.c_str()) != 0) return 9;
    test::armed = true;
    try {
      write_run(s.working_folder ? fs::path(".") : out, existing_run::overwrite, "second");
    } catch (const data_error& why) {
      std::strncpy(test::plan().message, why.what(), sizeof(test::plan().message) - 1);
      return 2;
    }
    return 0;
  });
}

/// Which run is whole in its place: "", "first" or "second"; anything half is a failure.
std::string run_at(const fs::path& place) {
  const detail::folder_content content = detail::look_at_folder(place);
  CHECK(content.foreign.empty());
  if (!content.is_run) return {};
  const std::string which = read_file(place / "results.json") == "first results" ? "first" : "second";
  expect_run(place, which);
  return which;
}

}  // namespace

TEST_CASE("a kill at any call leaves the earlier run or the new one, or what the next run there brings to its end",
          "[run]") {
  for (const scene& s : scenes) {
    CAPTURE(s.words);
    const file_system kind(s);
    int at = 1 - test::stride;
    bool seen_new = false;
    for (int status = test::killed; status != 0;) {
      const temporary_folder home(test::fast_folder());
      const fs::path out = home.path() / "run";
      prepare(s, out);
      status = write_struck(s, out, {.at = at += test::stride});
      CAPTURE(at);
      REQUIRE((status == 0 || status == test::killed));
      // Whatever happens to a new or an earlier run that is moved in one step, it is whole without any help.
      if (s.in_one_step() && fs::exists(out)) {
        const std::string which = run_at(out);
        CHECK((which == "first" || which == "second" || !s.earlier));
      }
      try {
        const run_folder next(out);  // is refused where a run is there now
        CHECK_FALSE(s.earlier);
        CHECK_FALSE(seen_new);
      } catch (const data_error& why) {
        CHECK_THAT(why.what(), Catch::Contains("holds an earlier run"));
        const std::string which = run_at(out);
        CHECK((which == "second" || (which == "first" && s.earlier && !seen_new)));
        seen_new = seen_new || which == "second";
      }
      CHECK(names_in(home.path()) == (fs::exists(out) ? "run " : ""));
      write_run(out, existing_run::overwrite, "third");
      expect_run(out, "third");
      CHECK(names_in(home.path()) == "run ");
    }
    CHECK(seen_new);
    CHECK(at > 20);
  }
}

TEST_CASE("a call that fails loses neither the earlier run nor the new one, and the message says where that is",
          "[run]") {
  const auto [failure, once] = GENERATE(table<int, bool>({{EIO, true}, {EXDEV, true}, {ENOSPC, false}}));
  for (const scene& s : scenes) {
    CAPTURE(s.words, failure, once);
    const file_system kind(s);
    for (int at = 1;; at += test::stride) {
      CAPTURE(at);
      const temporary_folder home(test::fast_folder());
      const fs::path out = home.path() / "run";
      prepare(s, out);
      const int status = write_struck(s, out, {.at = at, .failure = failure, .once = once});
      const bool struck = test::plan().calls >= at;
      REQUIRE((status == 0 || status == 2));
      const std::string said = test::plan().message;
      CAPTURE(said);
      const std::string kept = "; the files of this run are kept in ";
      if (const std::size_t found = said.find(kept); found != std::string::npos) {
        fs::path where = said.substr(found + kept.size());
        if (!fs::exists(where / "results.json")) where = out;  // all but moved
        CHECK(read_file(where / "results.json") == "second results");
        CHECK(read_file((fs::exists(where / "rab") ? where : out) / "rab/votes.npy") == "second votes");
      }
      std::string which;
      try {
        const run_folder next(out);
      } catch (const data_error& why) {
        CHECK_THAT(why.what(), Catch::Contains("holds an earlier run"));
        which = run_at(out);
      }
      if (status == 0) CHECK(which == "second");
      if (status == 2 && s.earlier) CHECK((which == "first" || which == "second"));
      write_run(out, existing_run::overwrite, "third");
      expect_run(out, "third");
      if (!struck) break;
    }
  }
}

TEST_CASE("where folders cannot be locked, one process at a time writes there nonetheless, and no lock is left",
          "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  const file_system kind({"", false, false, false, &test::no_folder_locks});
  {
    const run_folder first(out);
    CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains("another process"));
  }
  CHECK(names_in(home.path()).empty());
  write_run(out, existing_run::refuse, "first");
  write_file(out / "notes", "mine");
  CHECK_THROWS_WITH(run_folder(out), Catch::Contains("such as notes;"));
  fs::remove(out / "notes");
  CHECK(names_in(out) == "files.txt only_first.csv pictures rab results.json ");
  write_run(out, existing_run::overwrite, "second");
  CHECK(names_in(out) == "files.txt only_second.csv pictures rab results.json ");
  CHECK(names_in(home.path()) == "run ");
}

TEST_CASE("without rights above it, a writable folder takes runs; a folder that cannot be written is refused at once",
          "[run]") {
  const temporary_folder home;
  REQUIRE(::chmod(home.path().c_str(), 0755) == 0);
  const fs::path above = home.path() / "above";
  const fs::path out = above / "run";
  make_folder(out);
  REQUIRE(::chmod(out.c_str(), 0777) == 0);
  REQUIRE(::chmod(above.c_str(), 0555) == 0);
  const int status = in_child([&] {
    if (!test::become_nobody()) return 50;
    try {
      const run_folder refused(above / "other");
      return 1;
    } catch (const data_error& why) {
      if (std::string(why.what()).find("cannot be made: Permission denied") == std::string::npos) return 2;
    }
    write_run(out, existing_run::refuse, "first");
    write_run(out, existing_run::overwrite, "second");
    // The interrupted run cannot lie beside: it goes to the folder for temporary files.
    const fs::path broken = write_run(out, existing_run::overwrite, "broken", run_state::incomplete);
    const bool elsewhere = broken.parent_path() == fs::temp_directory_path();
    const bool whole = detail::is_whole(broken);
    fs::remove_all(broken);
    return elsewhere && whole ? 0 : 3;
  });
  if (status == 50) {
    WARN("skipped: this user has all rights and cannot drop them");
    return;
  }
  CHECK(status == 0);
  expect_run(out, "second");
  REQUIRE(::chmod(out.c_str(), 0555) == 0);
  const int refused = in_child([&] {
    if (!test::become_nobody()) return 50;
    try {
      const run_folder folder(out, existing_run::overwrite);
    } catch (const data_error& why) {
      return std::string(why.what()).find("the folder cannot be written: Permission denied") != std::string::npos ? 0
                                                                                                                  : 1;
    }
    return 2;
  });
  CHECK(refused == 0);
  expect_run(out, "second");
  CHECK(::chmod(above.c_str(), 0755) == 0);
}

TEST_CASE("a mount point takes runs, and an interrupted one is copied to the file system above", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  make_folder(out);
  for (const bool bound : {false, true}) {  // another file system, or a folder of the same one bound to the place
    CAPTURE(bound);
    const fs::path disk = home.path() / "disk";
    make_folder(disk);
    const int status = in_child([&] {
      if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 50;
      if (::mount(bound ? disk.c_str() : "none", out.c_str(), "tmpfs", bound ? MS_BIND : 0, nullptr) != 0) return 50;
      write_run(out, existing_run::refuse, "first");
      if (write_run(out, existing_run::overwrite, "second") != out) return 1;
      if (write_run(out, existing_run::overwrite, "broken", run_state::incomplete) != home.path() / "run.incomplete") {
        return 2;
      }
      return names_in(out) == "files.txt only_second.csv pictures rab results.json " && detail::is_whole(out) ? 0 : 3;
    });
    if (status == 50) {
      WARN("skipped: this user cannot mount");
      return;
    }
    CHECK(status == 0);
    expect_run(home.path() / "run.incomplete", "broken");
    CHECK(names_in(out).empty());
    fs::remove_all(home.path() / "run.incomplete");
  }
}

TEST_CASE("a finished run that was killed before it got to its place is put there by the next", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  write_run(home.path() / ".run.partial-1", existing_run::refuse, "first");
  CHECK_THROWS_WITH(run_folder(out), Catch::Contains("holds an earlier run"));
  expect_run(out, "first");
  CHECK(names_in(home.path()) == "run ");
  // Where a run is there, which may be the one that replaced it, it is not.
  write_run(home.path() / ".run.partial-1", existing_run::refuse, "second");
  CHECK_THROWS_WITH(run_folder(out), Catch::Contains("holds an earlier run"));
  expect_run(out, "first");
  CHECK(names_in(home.path()) == "run ");
}

TEST_CASE("the list of a hostile folder removes nothing outside it", "[run]") {
  const temporary_folder home;
  const fs::path out = home.path() / "run";
  make_folder(home.path() / "precious");
  write_file(home.path() / "precious" / "file", "mine");
  make_folder(out / ".publishing");
  fs::create_directory_symlink(home.path() / "precious", out / "a");
  write_file(out / ".publishing" / ".replaced", "certssb run 1 complete\n4 a/file\n");
  CHECK_THROWS_WITH(run_folder(out, existing_run::overwrite), Catch::Contains("such as a;"));
  CHECK(read_file(home.path() / "precious" / "file") == "mine");
}

TEST_CASE("lists of files that are not in order are no lists", "[run]") {
  detail::run_files files;
  CHECK(detail::parse_file_list("certssb run 1 incomplete\n12 a/b c\n", files));
  CHECK_FALSE(files.complete);
  CHECK(files.bytes == std::map<std::string, std::uintmax_t>{{"a/b c", 12}});
  for (const char* text :
       {"", "certssb run 1 complete", "certssb run 2 complete\n", "certssb run 1 complete\n1 a",
        "certssb run 1 complete\n1 a\n1 a\n", "certssb run 1 complete\n-1 a\n", "certssb run 1 complete\n1 ../a\n",
        "certssb run 1 complete\n1\n", "certssb run 1 complete\n99999999999999999999 a\n", "certssb run 1 \n1 a\n"}) {
    CAPTURE(text);
    CHECK_FALSE(detail::parse_file_list(text, files));
  }
}
