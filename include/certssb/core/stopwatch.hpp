// SPDX-License-Identifier: MIT
#pragma once
// Brief: measures time.

#include <chrono>

namespace certssb {
inline namespace v1 {

/// Brief: the seconds since it was made, by a clock that never goes back.
class stopwatch {
public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace v1
}  // namespace certssb
