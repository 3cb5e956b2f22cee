// SPDX-License-Identifier: MIT
#pragma once
// Brief: how a finished folder gets to its place, in steps of which none loses a run, and what the next run makes of the
// remains of one that was killed.
//
// A run is written into a staging folder. Where the place can be exchanged, that folder lies beside it
// (.NAME.partial-PID) and gets there in one step. Where it cannot (it is the working folder, a mount point, a prepared
// folder whose mode is to be kept, or its parent cannot be written) the staging folder lies in the place, and:
//   1. it is renamed to .publishing: from here on the new run counts, and whoever finds .publishing goes on at step 2;
//   2. the files of the earlier run, listed in .publishing/.replaced, are removed, then that list;
//   3. the files are moved up, results.json and files.txt last, and .publishing is removed.

#include "certssb/run/detail/run_files.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

inline constexpr std::string_view partial_name = ".partial-";
inline constexpr std::string_view publishing_name = ".publishing";
inline constexpr std::string_view replaced_name = ".replaced";

inline void rename_or_throw(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return;
  const int why = errno;
  throw_file_error(to, "cannot be put in its place", why);
}

/// Brief: flushes a folder, those in it, and their files.
inline void sync_tree(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries{folder};
  std::error_code failure;
  for (auto i = std::filesystem::recursive_directory_iterator(folder, failure);
       !failure && i != std::filesystem::recursive_directory_iterator(); i.increment(failure)) {
    entries.push_back(i->path());
  }
  expect<data_error>(!failure, folder.string(), ": the folder cannot be read: ", failure.message());
  for (const std::filesystem::path& entry : entries) {
    const unique_handle handle(::open(entry.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!handle || ::fsync(handle.get()) == 0) continue;
    const int why = errno;
    if (why != EINVAL && why != EROFS) throw_file_error(entry, "cannot be flushed", why);
  }
}

/// Brief: steps 2 and 3 of a folder that is filled in place; done again after a kill, they end the same.
/// Throws: data_error, which names where the files lie, where a step fails.
inline void finish_publishing(const std::filesystem::path& place) {
  const std::filesystem::path staging = place / publishing_name;
  std::error_code failure;
  if (run_files old; parse_file_list(text_of_run_file(staging / replaced_name), old)) {
    remove_files(place, old);
    sync_folder(place);
  }
  if (::unlink((staging / replaced_name).c_str()) == 0) {
    sync_folder(staging);
  } else if (const int why = errno; why != ENOENT) {
    throw_file_error(staging / replaced_name, "cannot be removed", why);
  }
  std::vector<std::string> names;
  for (auto i = std::filesystem::directory_iterator(staging, failure);
       !failure && i != std::filesystem::directory_iterator(); i.increment(failure)) {
    names.push_back(i->path().filename().string());
  }
  expect<data_error>(!failure, staging.string(), ": the folder cannot be read: ", failure.message());
  const auto rank = [](const std::string& name) { return name == file_list_name ? 2 : name == results_name ? 1 : 0; };
  std::sort(names.begin(), names.end(),
            [&](const std::string& a, const std::string& b) { return rank(a) != rank(b) ? rank(a) < rank(b) : a < b; });
  for (const std::string& name : names) rename_or_throw(staging / name, place / name);
  if (::rmdir(staging.c_str()) != 0) {
    const int why = errno;
    throw_file_error(staging, "cannot be removed", why);
  }
  sync_folder(place);
}

/// Brief: moves the finished folder `staging` into the place, which holds nothing but the files of `old`.
inline void publish_in_place(const std::filesystem::path& staging, const std::filesystem::path& place,
                             const run_files& old) {
  if (!old.bytes.empty()) write_file(staging / replaced_name, file_list_text(old));
  rename_or_throw(staging, place / publishing_name);
  sync_folder(place);
  finish_publishing(place);
}

/// Brief: exchanges two folders in one step; false where this file system or this place does not allow it.
[[nodiscard]] inline bool exchange_folders(const std::filesystem::path& a, const std::filesystem::path& b) {
#ifdef RENAME_EXCHANGE
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
#else
  static_cast<void>(a);
  static_cast<void>(b);
  return false;
#endif
}

/// Brief: true where a folder put in the place of this one would be another to those who use it: it is mounted, someone
/// works in it (as far as this process knows), or it has an access control list.
[[nodiscard]] inline bool must_stay(const std::filesystem::path& place) {
  struct stat here {};
  struct stat above {};
  const std::string parent = place.parent_path().string();
  if (::lstat(place.c_str(), &here) != 0 || ::stat(parent.c_str(), &above) != 0) return true;
  if (here.st_dev != above.st_dev || here.st_ino == above.st_ino) return true;
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx mounted {};
  if (::statx(AT_FDCWD, place.c_str(), AT_SYMLINK_NOFOLLOW, 0, &mounted) == 0 &&
      (mounted.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
    return true;
  }
#endif
  for (const char* list : {"system.posix_acl_access", "system.posix_acl_default"}) {
    if (::getxattr(place.c_str(), list, nullptr, 0) > 0) return true;
  }
  std::error_code failure;
  for (std::filesystem::path p = std::filesystem::current_path(failure); !failure; p = p.parent_path()) {
    if (p == place) return true;
    if (p == p.parent_path()) break;
  }
  return static_cast<bool>(failure);
}

/// Brief: gives a new folder the owner, group and mode of another; false where that is not allowed.
[[nodiscard]] inline bool copy_owner_and_mode(const std::filesystem::path& from, const std::filesystem::path& to) {
  struct stat wanted {};
  struct stat got {};
  if (::stat(from.c_str(), &wanted) != 0 || ::stat(to.c_str(), &got) != 0) return false;
  const bool same = wanted.st_uid == got.st_uid && wanted.st_gid == got.st_gid;
  if (!same && ::chown(to.c_str(), wanted.st_uid, wanted.st_gid) != 0) return false;
  return ::chmod(to.c_str(), wanted.st_mode & 07777) == 0;
}

/// Brief: moves a folder, across file systems by a copy.
[[nodiscard]] inline bool move_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return true;
  if (errno != EXDEV) return false;
  std::error_code failure;
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, failure);
  if (failure) return false;
  sync_tree(to);
  std::filesystem::remove_all(from, failure);
  return true;
}

/// Brief: moves a folder to the first free name NAME.WHAT, NAME.WHAT-2, ... beside the place, or in the folder for
/// temporary files; where it lies then, which is where it was if neither can be.
[[nodiscard]] inline std::filesystem::path put_beside(const std::filesystem::path& staging,
                                                      const std::filesystem::path& place, std::string_view what) {
  std::error_code failure;
  const std::string name = place.filename().string() + "." + std::string(what);
  constexpr int most = 1000;
  for (const auto& folder : {place.parent_path(), std::filesystem::temp_directory_path(failure)}) {
    for (int i = 1; i <= most && !folder.empty(); ++i) {
      const std::filesystem::path to = folder / (i == 1 ? name : concatenate(name, "-", i));
      if (std::filesystem::exists(std::filesystem::symlink_status(to, failure))) continue;
      if (move_folder(staging, to)) return to;
      break;
    }
  }
  return staging;
}

/// Brief: true for a folder of this user, not a link to one.
[[nodiscard]] inline bool is_own_folder(const std::filesystem::path& folder) {
  struct stat found {};
  return ::lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == ::geteuid();
}

/// Brief: the folders in `folder` called `start` and a number, which belong to this user and to no living process.
[[nodiscard]] inline std::vector<std::filesystem::path> abandoned_folders(const std::filesystem::path& folder,
                                                                          const std::string& start) {
  std::vector<std::filesystem::path> found;
  std::error_code failure;
  for (auto i = std::filesystem::directory_iterator(folder, failure);
       !failure && i != std::filesystem::directory_iterator(); i.increment(failure)) {
    const std::string name = i->path().filename().string();
    const bool named_so = name.starts_with(start) && name.size() > start.size() &&
                          name.find_first_not_of("0123456789", start.size()) == std::string::npos;
    if (!named_so || !is_own_folder(i->path())) continue;
    const unique_handle handle = open_folder(i->path());
    const bool alive = handle && ::flock(handle.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!alive) found.push_back(i->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Brief: what is left of killed runs, in the place and beside it: a run that was finished is put in its place where
/// that is free, or in the middle of being replaced by it; all else is removed.
/// Requires: the place is locked.
inline void recover(const std::filesystem::path& place) {
  std::error_code failure;
  if (is_own_folder(place / publishing_name)) finish_publishing(place);
  for (const auto& folder : abandoned_folders(place, std::string(partial_name))) {
    std::filesystem::remove_all(folder, failure);
  }
  const std::string beside = concatenate(".", place.filename().string(), partial_name);
  for (const auto& folder : abandoned_folders(place.parent_path(), beside)) {
    if (is_whole(folder) && look_at_folder(place).empty) {
      publish_in_place(folder, place, {});
    } else {
      std::filesystem::remove_all(folder, failure);
    }
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
