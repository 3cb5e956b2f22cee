// SPDX-License-Identifier: MIT
#include "run_folder.hpp"

#include "certssb/io/files.hpp"
#include "certssb/io/sha256.hpp"

#include <system_error>

namespace certssb::cli {

namespace fs = std::filesystem;

namespace {

fs::path without_slash(const fs::path& out) {
  const fs::path normal = fs::absolute(out).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

fs::path beside(const fs::path& out, const char* what) {
  return out.string() + "." + what + "-" + std::to_string(::getpid());
}

}  // namespace

void expect_writable(const fs::path& out) {
  const fs::path place = without_slash(out);
  std::error_code ignored;
  if (fs::exists(place, ignored)) {
    expect<data_error>(fs::is_directory(place, ignored), place.string(), ": expected a folder, got a file");
    expect<data_error>(fs::is_empty(place, ignored) || fs::exists(place / "results.json", ignored), place.string(),
                       ": the folder holds other files than a run's; give another --out");
  }
  const run_folder probe(out);
}

run_folder::run_folder(const fs::path& out) : out_(without_slash(out)), staging_(beside(out_, "partial")) {
  make_folder(staging_);
}

run_folder::~run_folder() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void run_folder::write(const std::string& name, std::string_view content) {
  make_folder((staging_ / name).parent_path());
  write_file(staging_ / name, content);
}

void run_folder::write_array(const std::string& name, std::string_view content) {
  write(name, content);
  digests_[name] = sha256(content);
}

void run_folder::publish() {
  std::error_code failure;
  const fs::path old = beside(out_, "old");
  if (fs::exists(out_)) fs::rename(out_, old, failure);
  if (!failure) fs::rename(staging_, out_, failure);
  expect<data_error>(!failure, out_.string(), ": cannot be written: ", failure.message());
  fs::remove_all(old, failure);
}

}  // namespace certssb::cli
