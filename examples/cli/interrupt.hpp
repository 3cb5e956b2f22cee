// SPDX-License-Identifier: MIT
#pragma once
// Brief: the first SIGINT or SIGTERM asks the work to stop; the second stops the program at once.

namespace certssb::cli {

void watch_for_interrupts();
[[nodiscard]] bool interrupt_requested() noexcept;

}  // namespace certssb::cli
