// SPDX-License-Identifier: MIT
#pragma once
// Brief: the web page of finished runs, from nothing but their folders.

#include "certssb/report/html.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace certssb::cli {

/// Brief: reads a run's folder and checks its arrays against their digests.
[[nodiscard]] named_run read_run(const std::filesystem::path& folder);

/// Brief: the pictures of a run. Where gnuplot is missing, says so in `complaint` and leaves the drawings out.
[[nodiscard]] run_page illustrate(const named_run& run, const std::filesystem::path& folder, std::string& complaint);

}  // namespace certssb::cli
