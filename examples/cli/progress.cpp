// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include "certssb/core/expect.hpp"
#include "certssb/report/text_table.hpp"
#include "interrupt.hpp"

#include <unistd.h>

#include <iostream>

namespace certssb::cli {

progress_line::progress_line(bool quiet) : quiet_(quiet), terminal_(::isatty(2) != 0) {}

void progress_line::note(std::string_view line) {
  finish();
  task_.clear();
  started_ = clock::now();
  if (!quiet_) std::cerr << line << '\n' << std::flush;
}

bool progress_line::operator()(const progress& now) {
  if (!quiet_) show(now);
  return !interrupt_requested();
}

void progress_line::show(const progress& now) {
  const auto time = clock::now();
  const bool fresh = now.task != task_ || now.done <= last_done_;
  last_done_ = now.done;
  if (fresh) {
    finish();
    if (!task_.empty()) started_ = shown_;
    task_ = now.task;
  }
  const bool last = now.done == now.total;
  const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000);
  if (!last && !fresh && time - shown_ < pause) return;
  shown_ = time;
  const double seconds = std::chrono::duration<double>(time - started_).count();
  const double rate = seconds > 0.0 ? static_cast<double>(now.done) / seconds : 0.0;
  const double left = rate > 0.0 ? static_cast<double>(now.total - now.done) / rate : 0.0;
  const std::string line =
      concatenate(now.task, " ", now.done, " of ", now.total, ", ", decimal(rate, rate < 10 ? 2 : 0), " a second, ") +
      (last ? decimal(seconds, 1) + " s in all" : decimal(left, 0) + " s left");
  if (terminal_) {
    std::cerr << '\r' << line << "\x1b[K" << std::flush;
    moving_ = true;
    if (last) finish();
  } else {
    std::cerr << line << '\n' << std::flush;
  }
}

void progress_line::finish() {
  if (moving_) std::cerr << '\n' << std::flush;
  moving_ = false;
}

}  // namespace certssb::cli
