// SPDX-License-Identifier: MIT
#pragma once
// Brief: the oneTBB executor.

#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <cstddef>
#include <memory>

namespace certssb {
inline namespace v1 {

/// Brief: executes bodies on a oneTBB arena with a given number of threads, each body as one task.
/// Requires: link with oneTBB.
/// Throws: argument_error for more threads than an arena can have.
class tbb_executor {
public:
  /// Brief: an arena of `threads` threads, the caller included; 0 means as many as the machine has.
  explicit tbb_executor(std::size_t threads = 0) {
    expect(threads <= 4096, "tbb_executor: at most 4096 threads, got ", threads);
    arena_ = std::make_shared<oneapi::tbb::task_arena>(
        threads == 0 ? static_cast<int>(oneapi::tbb::task_arena::automatic) : static_cast<int>(threads));
  }

  [[nodiscard]] std::size_t concurrency() const { return static_cast<std::size_t>(arena_->max_concurrency()); }

  template <class Body>
  void for_each(std::size_t count, Body&& body) const {
    auto call = [&body](std::size_t i) { body(i); };
    run(count, body_ref(call));
  }

private:
  void run(std::size_t count, body_ref body) const {
    arena_->execute([&] { oneapi::tbb::parallel_for(std::size_t{0}, count, body, oneapi::tbb::simple_partitioner{}); });
  }

  std::shared_ptr<oneapi::tbb::task_arena> arena_;
};

static_assert(executor<tbb_executor>);

}  // namespace v1
}  // namespace certssb
