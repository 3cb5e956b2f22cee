// SPDX-License-Identifier: MIT
#pragma once
// Brief: what `run` and `defend` do, in the translation unit that trains.

#include "certssb/run/run_settings.hpp"
#include "command.hpp"

#include <cstddef>
#include <string>

namespace certssb::cli {

/// Brief: the settings of a run, and what is not among them.
struct run_options {
  run_settings settings;
  bool dry_run = false;
  bool overwrite = false;
  std::size_t threads = 0;
  std::string out = "certssb-run";
  speech say;
};

/// Brief: the whole run, and its summary on standard output.
/// Throws: as run_experiment.
void run(const run_options& o);

}  // namespace certssb::cli
