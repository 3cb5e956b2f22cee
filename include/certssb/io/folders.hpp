// SPDX-License-Identifier: MIT
#pragma once
// Brief: folders: made, flushed to the disk, and locked so that one process at a time writes to them.

#include "certssb/core/expect.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: throws data_error: the path, what cannot be done, and why (an errno, read right after the call).
[[noreturn]] inline void throw_file_error(const std::filesystem::path& path, std::string_view what, int why) {
  throw data_error(concatenate(path.string(), ": ", what, ": ", std::generic_category().message(why)));
}

/// Brief: a file descriptor, closed at the end.
class unique_handle {
public:
  unique_handle() = default;
  explicit unique_handle(int handle) noexcept : handle_(handle) {}
  unique_handle(unique_handle&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  unique_handle& operator=(unique_handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~unique_handle() { close(); }

  [[nodiscard]] explicit operator bool() const noexcept { return handle_ >= 0; }
  [[nodiscard]] int get() const noexcept { return handle_; }

  /// Brief: closes it; 0 or the errno.
  int close() noexcept {
    if (handle_ < 0) return 0;
    // A close that was interrupted has closed nonetheless.
    return ::close(std::exchange(handle_, -1)) == 0 || errno == EINTR ? 0 : errno;
  }

private:
  int handle_ = -1;
};

[[nodiscard]] inline unique_handle open_folder(const std::filesystem::path& path) {
  return unique_handle(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace detail

/// Brief: makes a folder and those above it, as needed.
/// Throws: data_error if that fails.
inline void make_folder(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  std::error_code unseen;
  expect<data_error>(!failure && std::filesystem::is_directory(path, unseen), path.string(),
                     ": the folder cannot be made: ", failure ? failure.message() : "something else has that name");
}

/// Brief: makes the entries of a folder last through a failure of power, where the file system can.
/// Throws: data_error if the disk fails.
inline void sync_folder(const std::filesystem::path& path) {
  const detail::unique_handle folder = detail::open_folder(path);
  if (!folder) return;  // a folder that may be written but not read
  if (::fsync(folder.get()) == 0) return;
  const int why = errno;
  if (why != EINVAL && why != EROFS && why != EBADF) detail::throw_file_error(path, "cannot be flushed", why);
}

/// Brief: whether a lock was taken, by another process, or is not to be had on this file system.
enum class lock_answer { locked, taken, unknown };

/// Brief: a lock on a folder itself, which the system releases when the process ends, however it ends. It leaves no
/// file behind. File systems that lock only files (NFS) get the hidden file `.certssb-lock` in the folder.
class folder_lock {
public:
  /// Brief: the name of that file.
  static constexpr std::string_view file_name = ".certssb-lock";

  folder_lock() = default;
  /// Brief: tries once, without waiting.
  /// Throws: data_error if the folder cannot be opened.
  explicit folder_lock(const std::filesystem::path& folder) : handle_(detail::open_folder(folder)) {
    const int why_not_open = errno;
    if (!handle_) detail::throw_file_error(folder, "the folder cannot be opened", why_not_open);
    int why = try_lock();
    if (why == EBADF) {
      const std::filesystem::path file = folder / file_name;
      detail::unique_handle in_it(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666));
      if (in_it) {
        handle_ = std::move(in_it);
        why = try_lock();
        file_ = file;
      }
    }
    answer_ = why == 0 ? lock_answer::locked : why == EWOULDBLOCK ? lock_answer::taken : lock_answer::unknown;
  }

  folder_lock(folder_lock&&) = default;
  folder_lock& operator=(folder_lock&&) = default;
  ~folder_lock() { remove_file(); }

  /// Brief: removes the hidden file, where there is one; the lock is of no use from then on.
  void remove_file() noexcept {
    if (handle_ && answer_ == lock_answer::locked && on_file()) ::unlink(file_.c_str());
    file_.clear();
  }

  [[nodiscard]] lock_answer answer() const noexcept { return answer_; }
  /// Brief: true where the lock is on a file in the folder, false where it is on the folder itself.
  [[nodiscard]] bool on_file() const noexcept { return !file_.empty(); }

  /// Brief: true while `folder` still names what was locked, and not something that took its place since.
  [[nodiscard]] bool still_names(const std::filesystem::path& folder) const {
    struct stat mine {};
    struct stat now {};
    const std::filesystem::path named = on_file() ? folder / file_name : folder;
    return ::fstat(handle_.get(), &mine) == 0 && ::stat(named.c_str(), &now) == 0 && mine.st_dev == now.st_dev &&
           mine.st_ino == now.st_ino;
  }

private:
  [[nodiscard]] int try_lock() const noexcept {
    while (::flock(handle_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EINTR) return errno;
    }
    return 0;
  }

  detail::unique_handle handle_;
  lock_answer answer_ = lock_answer::unknown;
  std::filesystem::path file_;  ///< the hidden file; empty where the lock is on the folder
};

}  // namespace v1
}  // namespace certssb
