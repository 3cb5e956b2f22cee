// SPDX-License-Identifier: MIT
#pragma once
// Brief: how independent pieces of work are executed.

#include <algorithm>
#include <concepts>
#include <cstddef>

namespace certssb {
inline namespace v1 {

namespace detail {
struct any_body {
  void operator()(std::size_t) const {}
};
}  // namespace detail

/// Brief: runs `body(0) .. body(count - 1)`, each once, in any order and on any thread, and returns when all are done.
/// Requires: an exception thrown by a body reaches the caller; bodies that have not begun may then be left out.
/// Determinism: algorithms hand out the same pieces whatever the executor, so results do not depend on it.
template <class Executor>
concept executor = requires(const Executor& workers, std::size_t count, detail::any_body body) {
  workers.for_each(count, body);
  { workers.concurrency() } -> std::convertible_to<std::size_t>;
};

/// Brief: a compile-time error that names the missing or misfitting member, where a type is no executor; else true.
template <class Executor>
constexpr bool require_executor() {
  static_assert(
      requires(const Executor& workers, std::size_t n, detail::any_body body) { workers.for_each(n, body); },
      "certssb: your executor has no const for_each(count, body) that calls body(0) .. body(count - 1)");
  static_assert(
      requires(const Executor& workers) {
        { workers.concurrency() } -> std::convertible_to<std::size_t>;
      },
      "certssb: your executor has no const concurrency() that gives the number of workers");
  return true;
}

/// Brief: everything on the calling thread, in order.
struct serial_executor {
  [[nodiscard]] static constexpr std::size_t concurrency() noexcept { return 1; }

  template <class Body>
  void for_each(std::size_t count, Body&& body) const {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
};

/// Brief: cuts 0 .. count - 1 into blocks of a fixed size and runs `body(first, last)` on each.
/// Requires: block > 0.
/// Determinism: the blocks depend on `count` and `block` alone.
template <class Executor, class Body>
void for_each_block(const Executor& workers, std::size_t count, std::size_t block, Body&& body) {
  static_assert(require_executor<Executor>());
  const std::size_t blocks = (count + block - 1) / block;
  workers.for_each(blocks, [&](std::size_t b) { body(b * block, std::min(count, (b + 1) * block)); });
}

}  // namespace v1
}  // namespace certssb
