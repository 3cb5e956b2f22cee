// SPDX-License-Identifier: MIT
#pragma once
// Brief: reads a finished run from its folder, and checks everything in it.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/results.hpp"
#include "certssb/report/summary.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: a file that results.json names: it must lie in the run's folder.
[[nodiscard]] inline std::filesystem::path inside(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path relative = std::filesystem::path(name).lexically_normal();
  const bool stays = !relative.empty() && relative.is_relative() && *relative.begin() != "..";
  expect<data_error>(stays, (folder / "results.json").string(), ": names a file outside its folder: ", name);
  return folder / relative;
}

inline constexpr std::uintmax_t largest_array = std::uintmax_t{1} << 34U;

}  // namespace detail

/// Brief: reads a run's folder and checks its arrays against their digests.
/// Throws: data_error if a file is missing, or is not what results.json says.
[[nodiscard]] inline named_run read_run(const std::filesystem::path& folder) {
  named_run run{folder.string(), read_results(folder / "results.json")};
  for (const auto& [name, digest] : run.results.arrays) {
    const std::filesystem::path file = detail::inside(folder, name);
    const std::string found = sha256_of_file(file, detail::largest_array);
    expect<data_error>(found == digest, file.string(), ": expected SHA-256 ", digest, ", got ", found);
  }
  return run;
}

}  // namespace v1
}  // namespace certssb
