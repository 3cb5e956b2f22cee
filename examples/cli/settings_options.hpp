// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of a run as options of the program.

#include "certssb/run/run_settings.hpp"
#include "command.hpp"

#include <string>

namespace certssb::cli {

/// Brief: one option per setting, in groups, the common ones first; and --config, whose values the others override.
/// Requires: `settings` outlives the parse.
void add_settings(CLI::App& app, run_settings& settings);

/// Brief: the modes of the table of modes, with the flags that each takes, for a help text.
[[nodiscard]] std::string mode_list_text();

/// Brief: a message of the library with the names of settings as they are typed: "alpha: ..." becomes "--alpha: ...".
[[nodiscard]] std::string with_option_names(const std::string& message);

/// Brief: calls work(); an argument_error it throws names the options.
template <class Work>
auto naming_options(const Work& work) {
  try {
    return work();
  } catch (const argument_error& wrong) {
    throw argument_error(with_option_names(wrong.what()));
  }
}

}  // namespace certssb::cli
