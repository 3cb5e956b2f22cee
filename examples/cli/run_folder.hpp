// SPDX-License-Identifier: MIT
#pragma once
// Brief: the folder of a run: filled beside its place and moved there when complete.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace certssb::cli {

/// Brief: throws data_error unless a run may be written to `out`: its parent can be written, and what is there already
/// is empty or an earlier run.
void expect_writable(const std::filesystem::path& out);

/// Brief: files of a run to be; gone again unless `publish` is called.
class run_folder {
public:
  explicit run_folder(const std::filesystem::path& out);
  run_folder(const run_folder&) = delete;
  run_folder& operator=(const run_folder&) = delete;
  ~run_folder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return staging_; }

  /// Brief: writes a file; `name` may hold one folder.
  void write(const std::string& name, std::string_view content);
  /// Brief: the same, and remembers its SHA-256.
  void write_array(const std::string& name, std::string_view content);
  [[nodiscard]] const std::map<std::string, std::string>& digests() const noexcept { return digests_; }

  /// Brief: puts the folder in its place; an earlier run there is replaced.
  void publish();

private:
  std::filesystem::path out_;
  std::filesystem::path staging_;
  std::map<std::string, std::string> digests_;
};

}  // namespace certssb::cli
