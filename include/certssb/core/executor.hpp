// SPDX-License-Identifier: MIT
#pragma once
// Brief: how independent pieces of work are executed.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <type_traits>

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

/// Brief: a reference to a body, of one type for all bodies, so that what hands out the work is compiled once.
/// Requires: the body outlives it.
class body_ref {
public:
  template <class Body>
  requires(!std::same_as<std::remove_cvref_t<Body>, body_ref>) explicit body_ref(Body& body)
      : body_(&body), call_([](void* what, std::size_t i) { (*static_cast<Body*>(what))(i); }) {}

  void operator()(std::size_t i) const { call_(body_, i); }

private:
  void* body_;
  void (*call_)(void*, std::size_t);
};

/// Brief: a reference to an executor, of one type for all executors, so that what is executed is compiled once.
/// Requires: the executor outlives it.
class any_executor {
public:
  template <executor Executor>
  requires(!std::same_as<Executor, any_executor>) explicit any_executor(const Executor& workers)
      : workers_(&workers),
        concurrency_(workers.concurrency()),
        run_([](const void* which, std::size_t count, body_ref body) {
          static_cast<const Executor*>(which)->for_each(count, body);
        }) {}

  [[nodiscard]] std::size_t concurrency() const noexcept { return concurrency_; }

  template <class Body>
  void for_each(std::size_t count, Body&& body) const {
    auto call = [&body](std::size_t i) { body(i); };
    run_(workers_, count, body_ref(call));
  }

private:
  const void* workers_;
  std::size_t concurrency_;
  void (*run_)(const void*, std::size_t, body_ref);
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
