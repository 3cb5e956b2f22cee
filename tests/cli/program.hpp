// SPDX-License-Identifier: MIT
#pragma once
// Brief: runs the certssb program in a folder of its own and keeps what it says.

#include "certssb/io/npy.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/json.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace cli_test {

struct answer {
  int status = -1;
  std::string out;
  std::string errors;

  [[nodiscard]] certssb::json object() const { return certssb::json::parse(out); }
};

class program {
public:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  std::string put(const std::string& name, const std::vector<std::size_t>& shape, const std::vector<double>& values) {
    certssb::write_file(path(name), certssb::npy_bytes(shape, std::span<const double>(values)));
    return path(name);
  }
  std::string put(const std::string& name, const std::vector<std::size_t>& shape,
                  const std::vector<std::int64_t>& values) {
    certssb::write_file(path(name), certssb::npy_bytes(shape, std::span<const std::int64_t>(values)));
    return path(name);
  }

  /// Starts the program; `wait` or `finish` must follow.
  void start(std::vector<std::string> words) {
    words.insert(words.begin(), CERTSSB_PROGRAM);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ++runs_;
    child_ = ::fork();
    if (child_ == 0) {
      const int out = ::open(out_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      const int errors = ::open(error_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(out, 1);
      ::dup2(errors, 2);
      ::execv(CERTSSB_PROGRAM, arguments.data());
      ::_exit(127);
    }
    REQUIRE(child_ > 0);
  }

  /// Waits until the program has said something; at most two minutes.
  void wait_for(const std::string& words) {
    for (int tries = 0; tries < 6000; ++tries) {
      if (std::filesystem::exists(error_file()) && certssb::read_file(error_file()).find(words) != std::string::npos) {
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    interrupt();
    FAIL("the program never said: " << words << "; it said: " << finish().errors);
  }

  void interrupt() const { ::kill(child_, SIGINT); }

  answer finish() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status), certssb::read_file(out_file()),
            certssb::read_file(error_file())};
  }

  answer run(const std::vector<std::string>& words) {
    start(words);
    return finish();
  }

  /// Names of everything in the folder but what the tests put there to hold the program's words.
  [[nodiscard]] std::set<std::string> contents() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("said-")) names.insert(name);
    }
    return names;
  }

  /// One clear line, status 2, nothing on standard output, nothing left behind.
  void refuses(const std::vector<std::string>& words, const std::string& naming) {
    const std::set<std::string> before = contents();
    const answer a = run(words);
    CAPTURE(words, a.out, a.errors);
    CHECK(a.status == 2);
    CHECK(a.out.empty());
    CHECK(std::ranges::count(a.errors, '\n') == 1);
    CHECK_THAT(a.errors, Catch::StartsWith("certssb: ") && Catch::Contains(naming));
    CHECK(contents() == before);
  }

private:
  [[nodiscard]] std::string out_file() const { return path("said-out-" + std::to_string(runs_)); }
  [[nodiscard]] std::string error_file() const { return path("said-errors-" + std::to_string(runs_)); }

  certssb::detail::temporary_folder folder_;
  int runs_ = 0;
  pid_t child_ = 0;
};

}  // namespace cli_test
