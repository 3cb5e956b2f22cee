// SPDX-License-Identifier: MIT
#pragma once
// Brief: the folder of a run: checked and locked before any work, filled out of sight, and put in its place when
// complete. Files that no run wrote are never touched.

#include "certssb/io/sha256.hpp"
#include "certssb/run/detail/placing.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what happens to an earlier run in the same folder.
enum class existing_run {
  refuse,    ///< it is an error
  overwrite  ///< it is replaced when the new one is complete
};

/// Brief: whether a run came to its end or was interrupted.
enum class run_state { complete, incomplete };

namespace detail {

/// Brief: folders made on the way; those that are still empty at the end are removed again.
class made_folders {
public:
  made_folders() = default;
  made_folders(const made_folders&) = delete;
  made_folders& operator=(const made_folders&) = delete;
  ~made_folders() {
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) ::rmdir(path->c_str());
  }

  /// Brief: makes the folder and those above it, as needed; true if the folder itself did not exist.
  /// Throws: data_error if that fails.
  bool make(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> missing;
    std::error_code failure;
    for (auto p = path; !std::filesystem::exists(p, failure) && p.has_relative_path(); p = p.parent_path()) {
      missing.push_back(p);
    }
    bool made = false;
    for (auto p = missing.rbegin(); p != missing.rend(); ++p) {
      made = ::mkdir(p->c_str(), 0777) == 0;
      if (made) made_.push_back(*p);
    }
    make_folder(path);  // says what is wrong, if something is
    return made;
  }

  /// Brief: keeps the folders.
  void keep() noexcept { made_.clear(); }

private:
  std::vector<std::filesystem::path> made_;
};

/// Brief: the folder that a path means: symbolic links followed, no slash at its end.
/// Throws: data_error if a link leads nowhere or the path cannot be followed; argument_error if it is empty.
[[nodiscard]] inline std::filesystem::path resolved_folder(const std::filesystem::path& out) {
  expect(!out.empty(), "run_folder: expected the name of a folder, got none");
  std::error_code failure;
  std::filesystem::path place = std::filesystem::absolute(out, failure);
  if (!failure) place = std::filesystem::weakly_canonical(place, failure);
  // Of a path through a file, say so below: there the message says what is in the way.
  if (failure && failure != std::errc::not_a_directory) {
    throw data_error(out.string() + ": the folder cannot be found: " + failure.message());
  }
  if (failure) place = std::filesystem::absolute(out, failure).lexically_normal();
  if (!place.has_filename() && place.has_relative_path()) place = place.parent_path();
  const auto type = std::filesystem::symlink_status(place, failure).type();
  expect<data_error>(type != std::filesystem::file_type::symlink, out.string(),
                     ": expected a folder, got a symbolic link that leads nowhere");
  expect<data_error>(type == std::filesystem::file_type::directory || type == std::filesystem::file_type::not_found ||
                         type == std::filesystem::file_type::none,
                     out.string(), ": expected a folder, got a file");
  return place;
}

}  // namespace detail

/// Brief: the files of a new run. They are in a hidden folder until `publish`, and are removed if it is not called.
///
/// A folder is accepted if it is missing (it is made, with those above it), empty (it is filled and keeps its mode and
/// group), or holds an earlier run and nothing else. Each run lists its files in `files.txt`; the files of a run of
/// version 0.1 are known from its results.json. While the object lives no other process can write a run there.
///
/// A kill at any moment leaves the whole earlier run, the whole new run, or a state from which the next run_folder
/// there completes the new one. The next run_folder also removes the remains of killed runs.
class run_folder {
public:
  /// Brief: checks that a run can be written to `out`, and locks it; a symbolic link to a folder is followed.
  /// Throws: data_error if that folder cannot be written, holds something that no run wrote (which is named), holds
  /// an earlier run that is not to be overwritten, or is written to by another process.
  explicit run_folder(const std::filesystem::path& out, existing_run existing = existing_run::refuse)
      : named_(out), place_(detail::resolved_folder(out)), existing_(existing) {
    bool made = false;
    for (bool settled = false; !settled;) {
      made = made_.make(place_) || made;
      lock_ = folder_lock(place_);
      if (lock_.answer() == lock_answer::taken) made_.keep();
      expect<data_error>(lock_.answer() != lock_answer::taken, named_.string(),
                         ": another process writes a run there; wait for it or give another folder");
      settled = lock_.still_names(place_);
    }
    if (lock_.answer() == lock_answer::locked) detail::recover(place_);
    const detail::folder_content content = detail::look_at_folder(place_);
    expect_no_foreign(content);
    expect<data_error>(!content.is_run || existing_ == existing_run::overwrite, named_.string(),
                       ": the folder holds an earlier run; give another folder, or overwrite it");
    const std::string own = concatenate(detail::partial_name, ::getpid());
    const bool movable = !lock_.on_file() && !detail::must_stay(place_);
    if (movable && (made || content.is_run)) {
      path_ = place_.parent_path() / ("." + place_.filename().string() + own);
      beside_ = ::mkdir(path_.c_str(), 0777) == 0;
      if (beside_ && !detail::copy_owner_and_mode(place_, path_)) {
        beside_ = false;
        ::rmdir(path_.c_str());
      }
    }
    if (!beside_) {
      path_ = place_ / own;
      if (::mkdir(path_.c_str(), 0777) != 0) {
        const int why = errno;
        detail::throw_file_error(named_, "the folder cannot be written", why);
      }
    }
    if (beside_) lock_of_files_ = folder_lock(path_);  // in the place, its lock covers them
  }
  run_folder(const run_folder&) = delete;
  run_folder& operator=(const run_folder&) = delete;
  ~run_folder() {
    std::error_code ignored;
    if (!published_) std::filesystem::remove_all(path_, ignored);
    lock_.remove_file();
  }

  /// Brief: where the files are now.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Brief: where they will be.
  [[nodiscard]] const std::filesystem::path& place() const noexcept { return place_; }

  /// Brief: writes a file and remembers its SHA-256; `name` may hold folders, as in `pictures/0_clean.png`.
  /// Throws: argument_error if the name is hidden, leads out of the folder or is the list of files itself; data_error
  /// if it cannot be written.
  void write(const std::string& name, std::string_view content) {
    expect(detail::is_run_file_name(name) && name != detail::file_list_name, "run_folder: \"", name,
           "\" cannot be the name of a run's file");
    make_folder((path_ / name).parent_path());
    write_file(path_ / name, content);
    digests_[name] = sha256(content);
  }
  /// Brief: takes a file into the run that was written below `path()` under this name.
  /// Throws: data_error if it is not there or cannot be read.
  /// Cost: reads it once.
  void adopt(const std::string& name) { digests_[name] = sha256_of_file(path_ / name); }
  /// Brief: the files written so far: name -> SHA-256.
  [[nodiscard]] const std::map<std::string, std::string>& digests() const noexcept { return digests_; }

  /// Brief: lists the files, and puts the folder in its place, in one step where the system allows it; an earlier run
  /// there is replaced. An incomplete run does not replace a complete one: it is put beside it, as NAME.incomplete.
  /// Returns where the files are now, `path()`.
  /// Throws: data_error if that fails; the files are kept then, and the message says where.
  const std::filesystem::path& publish(run_state state = run_state::complete) {
    expect(!published_, "run_folder: published already");
    published_ = true;
    try {
      detail::sync_tree(path_);
      detail::run_files files = detail::list_files(path_);
      files.complete = state == run_state::complete;
      write_file(path_ / detail::file_list_name, detail::file_list_text(files));
      const detail::folder_content content = detail::look_at_folder(place_, path_.filename().string());
      expect_no_foreign(content);
      expect<data_error>(!content.is_run || existing_ == existing_run::overwrite, named_.string(),
                         ": the folder holds a run that was not there before");
      if (content.is_run && content.files.complete && !files.complete) {
        path_ = detail::put_beside(path_, place_, "incomplete");
      } else {
        put_in_place(content);
      }
    } catch (const error& why) {
      keep_files();
      std::error_code failure;
      if (!std::filesystem::exists(path_, failure)) throw;
      throw data_error(concatenate(why.what(), "; the files of this run are kept in ", path_.string()));
    }
    return path_;
  }

private:
  void expect_no_foreign(const detail::folder_content& content) const {
    expect<data_error>(content.foreign.empty(), named_.string(),
                       ": the folder holds other files than a run's, such as ", content.foreign,
                       "; give another folder");
  }

  void put_in_place(const detail::folder_content& content) {
    if (beside_ && !content.is_run && ::rename(path_.c_str(), place_.c_str()) == 0) {
      path_ = place_;
      sync_folder(place_.parent_path());
      return;
    }
    if (beside_ && content.is_run && detail::exchange_folders(path_, place_)) {
      const std::filesystem::path earlier = std::exchange(path_, place_);
      sync_folder(place_.parent_path());
      try {
        detail::remove_files(earlier, content.files);
        // Not empty where someone put a file there within this moment: it is kept.
        if (::rmdir(earlier.c_str()) != 0) static_cast<void>(detail::put_beside(earlier, place_, "earlier"));
      } catch (const error&) {  // the new run is in its place; the next one removes the rest
      }
      return;
    }
    detail::publish_in_place(path_, place_, content.files);
    path_ = place_;
  }

  /// After `publish` failed: moves the files out of reach of the next run's cleaning, where they are not yet.
  void keep_files() {
    std::error_code failure;
    if (path_ == place_) return;
    if (std::filesystem::exists(path_, failure)) {
      ::unlink((path_ / detail::replaced_name).c_str());
      path_ = detail::put_beside(path_, place_, "unpublished");
    } else if (const auto publishing = place_ / detail::publishing_name;
               std::filesystem::exists(publishing / detail::file_list_name, failure)) {
      path_ = publishing;  // the next run there goes on with it
    } else if (detail::is_whole(place_)) {
      path_ = place_;  // all but flushed
    }
  }

  std::filesystem::path named_;
  std::filesystem::path place_;
  existing_run existing_;
  folder_lock lock_;
  detail::made_folders made_;  // gone before the lock is
  folder_lock lock_of_files_;
  std::filesystem::path path_;
  bool beside_ = false;  ///< the files lie beside the place, not in it
  bool published_ = false;
  std::map<std::string, std::string> digests_;
};

}  // namespace v1
}  // namespace certssb
