// SPDX-License-Identifier: MIT
#pragma once
// Brief: passes progress on under the name of what the work is for, and notes to observers that take them.

#include "certssb/core/expect.hpp"
#include "certssb/core/observer.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: an observer whose tasks are called "SUBJECT: TASK". It is one type for all observers, so that training is
/// compiled once.
class task_observer {
public:
  /// Requires: `watch` outlives it.
  template <observer Observer>
  task_observer(Observer& watch, std::string_view subject)
      : watch_([&watch](const progress& now) { return static_cast<bool>(watch(now)); }), subject_(subject) {}

  [[nodiscard]] bool operator()(const progress& now) const {
    const std::string task = concatenate(subject_, ": ", now.task);
    return watch_(progress{task, now.done, now.total});
  }

private:
  std::function<bool(const progress&)> watch_;
  std::string subject_;
};

/// Brief: a line for people, if the observer has `note(line)`.
template <observer Observer>
void note(Observer& watch, std::string_view line) {
  if constexpr (requires { watch.note(line); }) watch.note(line);
}

}  // namespace v1
}  // namespace certssb
