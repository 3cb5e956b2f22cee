// SPDX-License-Identifier: MIT
#pragma once
// Brief: progress on standard error: a moving line on a terminal, a line now and then elsewhere.

#include "certssb/core/observer.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace certssb::cli {

/// Brief: an observer that shows rate and time left, and stops the work once an interrupt was requested.
class progress_line {
public:
  progress_line(bool quiet);
  ~progress_line() { finish(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// Brief: a line for people.
  void note(std::string_view line);
  bool operator()(const progress& now);
  /// Brief: leaves the moving line.
  void finish();

private:
  using clock = std::chrono::steady_clock;

  void show(const progress& now);

  bool quiet_;
  bool terminal_;
  bool moving_ = false;
  std::string task_;
  std::size_t last_done_ = 0;
  clock::time_point started_{};
  clock::time_point shown_{};
};

static_assert(observer<progress_line>);

}  // namespace certssb::cli
