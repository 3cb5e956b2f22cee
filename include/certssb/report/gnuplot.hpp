// SPDX-License-Identifier: MIT
#pragma once
// Brief: runs the gnuplot program on a script and returns the picture it draws, as SVG text.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace certssb {
inline namespace v1 {

/// Brief: a text for gnuplot: in single quotes, in which nothing is substituted, and without control characters.
[[nodiscard]] inline std::string gnuplot_text(std::string_view words) {
  std::string quoted = "'";
  for (const char symbol : words) {
    if (symbol == '\'') {
      quoted += "''";
    } else {
      quoted += static_cast<unsigned char>(symbol) < 32 ? ' ' : symbol;
    }
  }
  return quoted + "'";
}

namespace detail {

/// Brief: a private folder for temporary files, removed with everything in it.
class temporary_folder {
public:
  temporary_folder() {
    std::error_code failure;
    std::string pattern = (std::filesystem::temp_directory_path(failure) / "certssb-XXXXXX").string();
    expect<data_error>(!failure && ::mkdtemp(pattern.data()) != nullptr, pattern,
                       ": no temporary folder can be made: ", std::strerror(errno));
    path_ = pattern;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

/// Brief: runs a program found on the PATH with standard input, output and error in files; returns its exit status.
/// Throws: data_error if it cannot be started.
inline int run_program(const std::string& program, const std::filesystem::path& in, const std::filesystem::path& out,
                       const std::filesystem::path& errors) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::string name = program;
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t child = 0;
  const int failure = ::posix_spawnp(&child, name.c_str(), &actions, nullptr, arguments.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  expect<data_error>(failure == 0, program, ": cannot be started: ", std::strerror(failure));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    expect<error>(errno == EINTR, program, ": cannot be waited for: ", std::strerror(errno));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace detail

/// Brief: the SVG text that a gnuplot script draws.
/// Requires: the script's texts come from `gnuplot_text`; it sets no terminal and no output.
/// Throws: data_error if gnuplot is missing, reports an error in the script, or draws nothing.
[[nodiscard]] inline std::string run_gnuplot(std::string_view script, std::size_t width = 760,
                                             std::size_t height = 420) {
  const detail::temporary_folder folder;
  const auto in = folder.path() / "script";
  const auto out = folder.path() / "picture.svg";
  const auto errors = folder.path() / "errors";
  write_file(in, concatenate("set terminal svg noenhanced size ", width, ",", height,
                             " dynamic font 'sans-serif,14' background 'white'\n", script, "\nunset output\n"));
  const int status = detail::run_program("gnuplot", in, out, errors);
  if (status != 0) {
    std::string said = read_file(errors);
    for (char& symbol : said) symbol = symbol == '\n' ? ' ' : symbol;
    expect<data_error>(false, "gnuplot: stopped with status ", status, ": ", said);
  }
  std::string svg = read_file(out);
  const std::size_t start = svg.find("<svg");
  expect<data_error>(start != std::string::npos && svg.find("</svg>") != std::string::npos, "gnuplot: drew nothing");
  return svg.substr(start);
}

}  // namespace v1
}  // namespace certssb
