// SPDX-License-Identifier: MIT
// Expect first: certssb: your executor has no const for_each(count, body)
// An executor is asked for pieces of work by for_each.
#include "certssb/core/executor.hpp"

struct own_executor {
  static std::size_t concurrency() { return 1; }
#ifdef CERTSSB_CONTROL
  static void for_each(std::size_t count, const auto& body){
#else
  static void run(std::size_t count, const auto& body) {
#endif
      for (std::size_t i = 0; i < count; ++i) body(i);
}
}
;

void call();
void call() {
  certssb::for_each_block(own_executor{}, 10, 4, [](std::size_t, std::size_t) {});
}
