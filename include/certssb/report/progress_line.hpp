// SPDX-License-Identifier: MIT
#pragma once
// Brief: progress for people: rate and time left, in a line that moves or in a line now and then.

#include "certssb/core/expect.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/report/text_table.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: an observer that hands lines to `write`. A moving line is for a terminal: it is written over itself, at most
/// every 200 ms; otherwise a line is written at most every 10 s, and at the beginning and end of every task.
class progress_line {
public:
  using clock = std::chrono::steady_clock;

  /// Brief: `write` takes text with its line ends; `now` tells the time.
  explicit progress_line(std::function<void(std::string_view)> write, bool moving = false,
                         std::function<clock::time_point()> now = clock::now)
      : write_(std::move(write)), now_(std::move(now)), moving_(moving), started_(now_()) {}
  ~progress_line() { finish(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// Brief: a line of its own.
  void note(std::string_view line) {
    finish();
    task_.clear();
    started_ = now_();
    write_(concatenate(line, "\n"));
  }

  bool operator()(const progress& p) {
    const auto time = now_();
    const bool fresh = p.task != task_ || p.done <= last_done_;
    last_done_ = p.done;
    if (fresh) {
      finish();
      if (!task_.empty()) started_ = shown_;
      task_ = p.task;
    }
    const bool last = p.done == p.total;
    const auto pause = std::chrono::milliseconds(moving_ ? 200 : 10'000);
    if (!last && !fresh && time - shown_ < pause) return true;
    shown_ = time;
    const std::string line = text(p, std::chrono::duration<double>(time - started_).count());
    write_(moving_ ? "\r" + line + "\x1b[K" : line + "\n");
    open_ = moving_;
    if (last) finish();
    return true;
  }

  /// Brief: leaves the moving line.
  void finish() {
    if (open_) write_("\n");
    open_ = false;
  }

private:
  [[nodiscard]] static std::string text(const progress& p, double seconds) {
    const double rate = seconds > 0.0 ? static_cast<double>(p.done) / seconds : 0.0;
    const double left = rate > 0.0 ? static_cast<double>(p.total - p.done) / rate : 0.0;
    return concatenate(p.task, " ", p.done, " of ", p.total, ", ", decimal(rate, rate < 10 ? 2 : 0), " a second, ") +
           (p.done == p.total ? decimal(seconds, 1) + " s in all" : decimal(left, 0) + " s left");
  }

  std::function<void(std::string_view)> write_;
  std::function<clock::time_point()> now_;
  bool moving_;
  bool open_ = false;  ///< the moving line has no end yet
  std::string task_;
  std::size_t last_done_ = 0;
  clock::time_point started_;
  clock::time_point shown_{};
};

static_assert(observer<progress_line>);

}  // namespace v1
}  // namespace certssb
