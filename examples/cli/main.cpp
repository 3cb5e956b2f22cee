// SPDX-License-Identifier: MIT
// Brief: the certssb program. Exit status: 0 done, 1 a check found a violation, 2 unusable arguments or input, 3
// interrupted.
#include "certssb/core/error.hpp"
#include "certssb/version.hpp"
#include "command.hpp"
#include "interrupt.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int violated = 1;
constexpr int unusable = 2;
constexpr int interrupted = 3;

int fail(int status, std::string line) {
  std::ranges::replace(line, '\n', ' ');
  std::cerr << "certssb: " << line << '\n';
  return status;
}

}  // namespace

int main(int count, char** words) {
  using namespace certssb;
  CLI::App program("Certified backdoor defence with sample-specific noise.", "certssb");
  program.set_version_flag("--version", "certssb " + std::string(version_string()));
  program.require_subcommand(1);
  cli::add_example(program, "certssb run --classes 1,0 --models 20 --out demo");
  const std::vector<cli::command> commands = {cli::make_run(program),    cli::make_certify(program),
                                              cli::make_bound(program),  cli::make_storage_update(program),
                                              cli::make_plan(program),   cli::make_report(program),
                                              cli::make_verify(program), cli::make_audit(program),
                                              cli::make_parts(program),  cli::make_defend(program),
                                              cli::make_predict(program)};
  try {
    program.parse(count, words);
    cli::watch_for_interrupts();
    for (const cli::command& chosen : commands) {
      if (chosen.options->parsed()) chosen.action();
    }
    return 0;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return program.exit(e);
    if (!program.get_subcommands().empty()) return fail(unusable, e.what());
    return fail(
        unusable,
        "expected run, certify, bound, storage-update, plan, report, verify, audit, parts, defend or predict, got " +
            std::string(count > 1 ? words[1] : "nothing"));
  } catch (const cli::violation_found&) {
    return violated;
  } catch (const cancelled&) {
    return fail(interrupted, "interrupted");
  } catch (const std::exception& e) {
    return fail(unusable, e.what());
  }
}
