// SPDX-License-Identifier: MIT
#pragma once
// Brief: how a caller sees progress and asks an algorithm to stop. The library itself prints nothing.

#include "certssb/core/error.hpp"

#include <atomic>
#include <concepts>
#include <cstddef>
#include <mutex>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: `done` of `total` pieces of the work called `task` are finished.
struct progress {
  std::string_view task;
  std::size_t done;
  std::size_t total;
};

/// Brief: called after each finished piece, one call at a time; returns false to cancel.
template <class Observer>
concept observer = requires(Observer& watch, const progress& now) {
  { watch(now) } -> std::convertible_to<bool>;
};

/// Brief: a compile-time error that says so, where a type is no observer; else true.
template <class Observer>
constexpr bool require_observer() {
  static_assert(
      requires(Observer & watch, const progress& now) {
        { watch(now) } -> std::convertible_to<bool>;
      },
      "certssb: your observer has no operator()(const progress&) that returns bool, false to cancel");
  return true;
}

/// Brief: sees nothing, stops nothing.
struct silent_observer {
  [[nodiscard]] constexpr bool operator()(const progress&) const noexcept { return true; }
};

/// Brief: counts finished pieces on any number of threads and passes them to one observer.
template <class Observer>
class progress_counter {
  static_assert(require_observer<Observer>());

public:
  progress_counter(Observer& watch, std::string_view task, std::size_t total)
      : watch_(watch), task_(task), total_(total) {}

  /// Throws: cancelled once the observer has returned false.
  void expect_running() const {
    if (stopped_.load(std::memory_order_relaxed)) throw cancelled();
  }

  /// Brief: `pieces` more are finished.
  /// Throws: cancelled when the observer returns false.
  void advance(std::size_t pieces = 1) {
    const std::lock_guard hold(one_at_a_time_);
    done_ += pieces;
    if (!watch_(progress{task_, done_, total_})) stopped_.store(true, std::memory_order_relaxed);
    expect_running();
  }

private:
  Observer& watch_;
  std::string_view task_;
  std::size_t total_;
  std::size_t done_ = 0;
  std::atomic<bool> stopped_{false};
  std::mutex one_at_a_time_;
};

}  // namespace v1
}  // namespace certssb
