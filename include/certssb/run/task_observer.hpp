// SPDX-License-Identifier: MIT
#pragma once
// Brief: passes progress on under the name of a task, and notes to observers that take them.

#include "certssb/core/expect.hpp"
#include "certssb/core/observer.hpp"

#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: an observer whose tasks are called "SUBJECT: TASK".
template <observer Observer>
class task_observer {
public:
  /// Requires: `watch` outlives it.
  task_observer(Observer& watch, std::string_view subject) : watch_(watch), subject_(subject) {}

  [[nodiscard]] bool operator()(const progress& now) {
    const std::string task = concatenate(subject_, ": ", now.task);
    return watch_(progress{task, now.done, now.total});
  }

private:
  Observer& watch_;
  std::string subject_;
};

/// Brief: passes a line of text on, if the observer has `note(line)`.
template <observer Observer>
void note(Observer& watch, std::string_view line) {
  if constexpr (requires { watch.note(line); }) watch.note(line);
}

}  // namespace v1
}  // namespace certssb
