// SPDX-License-Identifier: MIT
#pragma once
// Brief: kills or fails a test program at its n-th call that changes a file system. Include it in one file of a program:
// it takes the place of the C library's functions in all of it.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>

namespace certssb::test {

/// What happens at which call; counted over all processes that share it, while `armed` there.
struct call_plan {
  int calls = 0;           ///< made so far
  int at = 0;              ///< the call it happens at, from 1; 0: none
  int failure = 0;         ///< the errno of that call; 0: the process is killed before it
  bool once = true;        ///< only this call fails; false: all from it on
  char message[512] = "";  ///< room for what the struck process says
};

/// Every how many calls a test strikes: each, and fewer under a sanitizer, where a child process costs fifty times as much.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int stride = 7;
#else
inline constexpr int stride = 1;
#endif

inline constexpr int killed = 77;  ///< the status of a process killed so
inline bool armed = false;         ///< of this process

/// What the file system cannot do, in this process.
inline bool no_exchange = false;      ///< as on many network file systems
inline bool no_folder_locks = false;  ///< as on NFS, which locks files only

/// The plan, shared by a process and its children.
inline call_plan& plan() {
  static call_plan* const shared = [] {
    void* memory = ::mmap(nullptr, sizeof(call_plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
    return new (memory) call_plan;
  }();
  return *shared;
}

/// Counts a call; true where it is to fail, errno set.
inline bool strikes() {
  if (!armed) return false;
  call_plan& p = plan();
  ++p.calls;
  if (p.at == 0 || p.calls < p.at || (p.once && p.calls > p.at)) return false;
  if (p.failure == 0) ::_exit(killed);
  errno = p.failure;
  return true;
}

/// A system call that may be struck.
template <class... Arguments>
int call(long number, Arguments... arguments) {
  return strikes() ? -1 : static_cast<int>(::syscall(number, arguments...));
}

}  // namespace certssb::test

extern "C" {

int rename(const char* from, const char* to) noexcept {
  return certssb::test::call(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  if (certssb::test::no_exchange && flags != 0) {
    errno = EINVAL;
    return -1;
  }
  return certssb::test::call(SYS_renameat2, from_folder, from, to_folder, to, flags);
}
int mkdir(const char* path, mode_t mode) noexcept { return certssb::test::call(SYS_mkdirat, AT_FDCWD, path, mode); }
int rmdir(const char* path) noexcept { return certssb::test::call(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
int unlink(const char* path) noexcept { return certssb::test::call(SYS_unlinkat, AT_FDCWD, path, 0); }
int unlinkat(int folder, const char* path, int flags) noexcept {
  return certssb::test::call(SYS_unlinkat, folder, path, flags);
}
int chmod(const char* path, mode_t mode) noexcept { return certssb::test::call(SYS_fchmodat, AT_FDCWD, path, mode); }
int flock(int file, int how) noexcept {
  struct stat found {};
  if (certssb::test::no_folder_locks && ::fstat(file, &found) == 0 && S_ISDIR(found.st_mode)) {
    errno = EBADF;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_flock, file, how));
}
/// Only counted: no test outlives the power.
int fsync(int /*file*/) { return certssb::test::strikes() ? -1 : 0; }
/// Half of the bytes are written where it is struck.
ssize_t write(int file, const void* bytes, size_t size) {
  const auto half = [&] { return ::syscall(SYS_write, file, bytes, size / 2); };
  if (certssb::test::armed && certssb::test::plan().at == certssb::test::plan().calls + 1) static_cast<void>(half());
  return certssb::test::strikes() ? -1 : ::syscall(SYS_write, file, bytes, size);
}

}  // extern "C"
