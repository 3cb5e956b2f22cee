// SPDX-License-Identifier: MIT
#pragma once
// Brief: reads whole files with a size limit, and writes whole files: to a file beside, flushed and renamed.

#include "certssb/io/folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: the size of an ordinary file in bytes.
/// Throws: data_error if there is no such file, or if the path is something else (a folder, a device).
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
/// Throws: data_error if it is missing, larger or unreadable.
[[nodiscard]] inline std::string read_file(const std::filesystem::path& path,
                                           std::uintmax_t limit = std::uintmax_t{1} << 28U) {
  const std::uintmax_t size = size_of_file(path);
  expect<data_error>(size <= limit, path.string(), ": expected at most ", limit, " bytes, got ", size);
  std::ifstream in(path, std::ios::binary);
  const int why = errno;
  if (!in.is_open()) detail::throw_file_error(path, "cannot be opened", why);
  std::string content(static_cast<std::size_t>(size), '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  expect<data_error>(static_cast<std::size_t>(in.gcount()) == content.size(), path.string(), ": expected ", size,
                     " bytes, got ", in.gcount());
  return content;
}

namespace detail {

/// Brief: writes all of `content` to an open file; `path` is for messages.
inline void write_all(int file, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    const int why = written < 0 ? errno : ENOSPC;
    if (written < 0 && why == EINTR) continue;
    if (written <= 0) throw_file_error(path, "cannot be written", why);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Brief: a new file in the folder of `target`, which becomes `target` or is removed again.
class unfinished_file {
public:
  explicit unfinished_file(std::filesystem::path target) : target_(std::move(target)) {
    static std::atomic<unsigned> count{0};
    // A short name of its own, since the target's may be as long as a name can be.
    const std::string name = concatenate(".certssb-partial-", ::getpid(), "-", count.fetch_add(1));
    path_ = target_.parent_path() / name;
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int handle = ::open(path_.c_str(), flags, 0666);
    int why = errno;
    if (handle < 0 && why == EEXIST && ::unlink(path_.c_str()) == 0) {  // of a killed process with the same number
      handle = ::open(path_.c_str(), flags, 0666);
      why = errno;
    }
    if (handle < 0) throw_file_error(target_, "cannot be written", why);
    handle_ = unique_handle(handle);
  }
  unfinished_file(const unfinished_file&) = delete;
  unfinished_file& operator=(const unfinished_file&) = delete;
  ~unfinished_file() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  void write(std::string_view content) { write_all(handle_.get(), content, target_); }

  /// Brief: gives the file these permission bits, where the file system has such.
  void set_mode(mode_t mode) { static_cast<void>(::fchmod(handle_.get(), mode)); }

  void become_target() {
    if (::fsync(handle_.get()) != 0) {
      const int why = errno;
      if (why != EINVAL && why != EROFS) throw_file_error(target_, "cannot be flushed", why);
    }
    const int why_not_closed = handle_.close();
    if (why_not_closed != 0) throw_file_error(target_, "cannot be flushed", why_not_closed);
    if (::rename(path_.c_str(), target_.c_str()) != 0) {
      const int why = errno;
      throw_file_error(target_, "cannot be written", why);
    }
    path_.clear();
    sync_folder(target_.parent_path());
  }

private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  unique_handle handle_;
};

/// Brief: writes to something that is not replaced: a device, a pipe, an open file of this process.
inline void write_into(const unique_handle& file, std::string_view content, const std::filesystem::path& path) {
  const int why = errno;
  if (!file) throw_file_error(path, "cannot be written", why);
  write_all(file.get(), content, path);
}

/// Brief: the number of the open file that a link of /proc/self/fd (or /dev/stdout, which leads there) stands for, or
/// -1.
[[nodiscard]] inline int open_file_of(const std::filesystem::path& link) {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::canonical(link.parent_path(), ignored);
  if (ignored || folder != std::filesystem::canonical("/proc/self/fd", ignored) || ignored) return -1;
  const std::string name = link.filename().string();
  int number = -1;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  return failure == std::errc{} && end == name.data() + name.size() ? number : -1;
}

}  // namespace detail

/// Brief: writes a file. At any time the path holds the old file or the complete new one. A symbolic link is followed,
/// and what it leads to is replaced; a device, a pipe or /dev/stdout is written to. A replaced file keeps its
/// permissions, a new one has those of the umask.
/// Throws: data_error if it cannot be written; no partial file is then left.
inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::error_code failure;
  std::filesystem::path target = std::filesystem::absolute(path, failure);
  expect<data_error>(!failure && !path.empty(), path.string(), ": expected the name of a file");
  constexpr int most_links = 40;
  for (int links = 0; std::filesystem::is_symlink(target, failure); ++links) {
    expect<data_error>(links < most_links, path.string(), ": a chain of more than ", most_links, " symbolic links");
    if (const int open_file = detail::open_file_of(target); open_file >= 0) {
      detail::write_into(detail::unique_handle(::fcntl(open_file, F_DUPFD_CLOEXEC, 0)), content, path);
      return;
    }
    const std::filesystem::path next = std::filesystem::read_symlink(target, failure);
    expect<data_error>(!failure, path.string(), ": the symbolic link cannot be read: ", failure.message());
    target = target.parent_path() / next;
  }
  struct stat found {};
  const bool exists = ::stat(target.c_str(), &found) == 0;
  if (exists && !S_ISREG(found.st_mode)) {
    detail::write_into(detail::unique_handle(::open(target.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)), content, path);
    return;
  }
  detail::unfinished_file beside(target);
  if (exists) beside.set_mode(found.st_mode & 0777);
  beside.write(content);
  beside.become_target();
}

}  // namespace v1
}  // namespace certssb
