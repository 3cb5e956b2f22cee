// SPDX-License-Identifier: MIT
#include "interrupt.hpp"

#include <csignal>

namespace certssb::cli {

namespace {
volatile std::sig_atomic_t requested = 0;
}

extern "C" {
static void note_interrupt(int signal) {
  requested = 1;
  std::signal(signal, SIG_DFL);
}
}

void watch_for_interrupts() {
  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
}

bool interrupt_requested() noexcept { return requested != 0; }

}  // namespace certssb::cli
