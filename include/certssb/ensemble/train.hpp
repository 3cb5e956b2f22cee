// SPDX-License-Identifier: MIT
#pragma once
// Brief: M independent members, the Monte Carlo samples of the method, each trained on one worker.

#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/ensemble/member.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: trains members 0 .. models - 1 and hands each to `take(m, member)` as soon as it is trained, on the thread
/// that trained it; a member that `take` does not keep is gone, so memory need not grow with M.
/// Requires: `take` may be called from several threads at once, in any order.
/// Throws: argument_error for models = 0; cancelled when the observer stops it; whatever the learner or `take` throws.
/// Cost: `models` trainings; one member per worker in memory.
/// Determinism: member m depends on (rows, scales, key, m) alone, not on threads or on the number of models.
template <row_source Rows, class Noise, class Learner, executor Executor, observer Observer, class Take>
void train_members(const Learner& method, const Rows& rows, const noise_scales& scales, const Noise& noise,
                   const random_key& key, std::size_t models, const Executor& workers, Observer& watch, Take&& take) {
  expect(models > 0, "train_members: needs at least 1 model");
  progress_counter counter(watch, "training", models);
  workers.for_each(models, [&](std::size_t m) {
    counter.expect_running();
    auto member = fit_member(method, rows, scales, noise, key, m);
    take(m, member);
    counter.advance();
  });
}

/// Brief: the members themselves, in order.
/// Cost: keeps all M in memory.
template <row_source Rows, class Noise, class Learner, executor Executor, observer Observer>
[[nodiscard]] auto train_ensemble(const Learner& method, const Rows& rows, const noise_scales& scales,
                                  const Noise& noise, const random_key& key, std::size_t models,
                                  const Executor& workers, Observer& watch) {
  using member_type = fitted<Learner, member_rows<Rows, Noise>>;
  std::vector<std::optional<member_type>> trained(models);
  train_members(method, rows, scales, noise, key, models, workers, watch,
                [&](std::size_t m, member_type& member) { trained[m].emplace(std::move(member)); });
  std::vector<member_type> members;
  members.reserve(models);
  for (auto& member : trained) members.push_back(std::move(*member));
  return members;
}

}  // namespace v1
}  // namespace certssb
