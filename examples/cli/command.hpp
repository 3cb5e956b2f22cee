// SPDX-License-Identifier: MIT
#pragma once
// Brief: what every subcommand of the program has: options, an action, and a way to print.

#include "certssb/report/report_answer.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace certssb::cli {

/// Brief: a subcommand and what it does once its options are parsed.
struct command {
  CLI::App* options;
  std::function<void()> action;
};

command make_run(CLI::App& program);
command make_certify(CLI::App& program);
command make_bound(CLI::App& program);
command make_storage_update(CLI::App& program);
command make_plan(CLI::App& program);
command make_report(CLI::App& program);
command make_verify(CLI::App& program);
command make_audit(CLI::App& program);
command make_parts(CLI::App& program);
command make_defend(CLI::App& program);
command make_predict(CLI::App& program);

/// Brief: thrown once the violations that a check found are printed; the program's status is then 1.
struct violation_found {};

/// Brief: how a subcommand speaks.
struct speech {
  bool as_json = false;  ///< one JSON object on standard output, nothing else
  bool quiet = false;    ///< nothing on standard error but errors

  void add_to(CLI::App& options);

  /// Brief: prints the object, or the text for people.
  void print(const report_answer& answer) const;

  /// Brief: a line on standard error.
  void tell(std::string_view line) const;
};

/// Brief: the subcommand's example, at the end of its help.
void add_example(CLI::App& options, const std::string& example);

}  // namespace certssb::cli
