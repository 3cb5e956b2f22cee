// SPDX-License-Identifier: MIT
#pragma once
// Brief: whole files in and out: read with a size limit, written beside, flushed and renamed.

#include "certssb/core/expect.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: the size of an ordinary file in bytes.
/// Throws: data_error where there is none, or where the path is something else (a folder, a device).
[[nodiscard]] inline std::uintmax_t size_of_file(const std::filesystem::path& path) {
  std::error_code failure;
  expect<data_error>(std::filesystem::exists(path, failure), path.string(), ": no such file");
  expect<data_error>(std::filesystem::is_regular_file(path, failure), path.string(),
                     ": expected an ordinary file, got something else");
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  expect<data_error>(!failure, path.string(), ": cannot be read: ", failure.message());
  return size;
}

/// Brief: the content of a file of at most `limit` bytes.
/// Throws: data_error where it is missing, larger or unreadable.
[[nodiscard]] inline std::string read_file(const std::filesystem::path& path,
                                           std::uintmax_t limit = std::uintmax_t{1} << 28U) {
  const std::uintmax_t size = size_of_file(path);
  expect<data_error>(size <= limit, path.string(), ": expected at most ", limit, " bytes, got ", size);
  std::ifstream in(path, std::ios::binary);
  expect<data_error>(in.is_open(), path.string(), ": cannot be opened: ", std::strerror(errno));
  std::string content(static_cast<std::size_t>(size), '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  expect<data_error>(static_cast<std::size_t>(in.gcount()) == content.size(), path.string(), ": expected ", size,
                     " bytes, got ", in.gcount());
  return content;
}

namespace detail {

/// Brief: a file descriptor that is closed, and a file that is removed, unless both are done with.
class unfinished_file {
public:
  explicit unfinished_file(std::filesystem::path path) : path_(std::move(path)) {
    handle_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    expect<data_error>(handle_ >= 0, path_.string(), ": cannot be written: ", std::strerror(errno));
  }
  unfinished_file(const unfinished_file&) = delete;
  unfinished_file& operator=(const unfinished_file&) = delete;
  ~unfinished_file() {
    if (handle_ >= 0) ::close(handle_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  void write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t written = ::write(handle_, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      expect<data_error>(written > 0, path_.string(), ": cannot be written: ", std::strerror(errno));
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void become(const std::filesystem::path& target) {
    const bool stored = ::fsync(handle_) == 0 && ::close(std::exchange(handle_, -1)) == 0;
    expect<data_error>(stored, path_.string(), ": cannot be flushed: ", std::strerror(errno));
    expect<data_error>(::rename(path_.c_str(), target.c_str()) == 0, target.string(),
                       ": cannot be written: ", std::strerror(errno));
    path_.clear();
  }

private:
  std::filesystem::path path_;
  int handle_ = -1;
};

}  // namespace detail

/// Brief: writes a file that is either the old one or complete, whatever happens in between.
/// Throws: data_error where it cannot be written; nothing half-written is left then.
inline void write_file(const std::filesystem::path& path, std::string_view content) {
  detail::unfinished_file beside(path.string() + ".partial-" + std::to_string(::getpid()));
  beside.write(content);
  beside.become(path);
}

/// Brief: makes a folder and those above it, as needed.
/// Throws: data_error where that fails.
inline void make_folder(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  expect<data_error>(!failure && std::filesystem::is_directory(path), path.string(),
                     ": the folder cannot be made: ", failure ? failure.message() : "something else has that name");
}

}  // namespace v1
}  // namespace certssb
