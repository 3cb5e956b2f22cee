// SPDX-License-Identifier: MIT
#pragma once
// Brief: progress on standard error: a moving line on a terminal, a line now and then elsewhere.

#include "certssb/report/progress_line.hpp"
#include "interrupt.hpp"

#include <unistd.h>

#include <iostream>
#include <string_view>

namespace certssb::cli {

/// Brief: an observer that shows rate and time left, and stops the work once an interrupt was requested.
class shown_progress {
public:
  explicit shown_progress(bool quiet)
      : line_(
            [quiet](std::string_view text) {
              if (!quiet) std::cerr << text << std::flush;
            },
            ::isatty(2) != 0) {}

  void note(std::string_view line) { line_.note(line); }
  bool operator()(const progress& now) { return line_(now) && !interrupt_requested(); }
  void finish() { line_.finish(); }

private:
  progress_line line_;
};

}  // namespace certssb::cli
