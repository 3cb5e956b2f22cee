// SPDX-License-Identifier: MIT
#include "command.hpp"

#include <iostream>

namespace certssb::cli {

void speech::add_to(CLI::App& options) {
  options.add_flag("--json", as_json, "print exactly one JSON object on standard output");
  options.add_flag("--quiet", quiet, "no messages and no progress on standard error");
}

void speech::print(const json& object, std::string_view text) const {
  if (as_json) {
    std::cout << object.dump(2) << '\n';
  } else {
    std::cout << text;
  }
  std::cout.flush();
  expect<data_error>(std::cout.good(), "standard output: cannot be written");
}

void speech::tell(std::string_view line) const {
  if (!quiet) std::cerr << line << '\n' << std::flush;
}

void add_example(CLI::App& options, const std::string& example) { options.footer("\nExample:\n  " + example); }

}  // namespace certssb::cli
