// SPDX-License-Identifier: MIT
#include "command.hpp"

#include <iostream>

namespace certssb::cli {

void speech::add_to(CLI::App& options) {
  options.add_flag("--json", as_json, "print exactly one JSON object on standard output");
  options.add_flag("--quiet", quiet, "no messages and no progress on standard error");
}

void speech::print(const report_answer& answer) const {
  if (as_json) {
    std::cout << answer.object.dump(2) << '\n';
  } else {
    std::cout << answer.text;
  }
  std::cout.flush();
  expect<data_error>(std::cout.good(), "standard output: cannot be written");
}

void speech::tell(std::string_view line) const {
  if (!quiet) std::cerr << line << '\n' << std::flush;
}

void add_example(CLI::App& options, const std::string& example) { options.footer("\nExample:\n  " + example); }

}  // namespace certssb::cli
