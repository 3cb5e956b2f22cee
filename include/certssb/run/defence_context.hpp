// SPDX-License-Identifier: MIT
#pragma once
// Brief: what all defences are given: the context, the settings that they share, and the keys of their draws.

#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/core/random.hpp"
#include "certssb/run/model_shelf.hpp"
#include "certssb/sigma/options.hpp"
#include "certssb/vote/member_scores.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the common arguments of every defence: the learner, the noise, the executor, the observer and the key.
/// Requires: the parts outlive the object.
template <class Learner, class Noise, class Executor, class Observer>
struct defence_context {
  static_assert(require_executor<Executor>());
  static_assert(require_observer<Observer>());

  const Learner& method;
  const Noise& noise;
  const Executor& workers;
  Observer& watch;
  random_key key;
  model_shelf shelf = {};  ///< takes the models that are trained, if they are kept
};

/// Brief: the noise of a context: that of the votes taken in it.
template <class Context>
using noise_of = std::remove_cvref_t<decltype(std::declval<const Context&>().noise)>;

/// Brief: a deduction guide that Clang needs before version 17.
template <class Learner, class Noise, class Executor, class Observer>
defence_context(const Learner&, const Noise&, const Executor&, Observer&, random_key)
    -> defence_context<Learner, Noise, Executor, Observer>;

/// Brief: the noise scale of test inputs: the common one, or the one that the ascent finds for each input.
enum class test_scale { common, own };

/// Brief: the settings that all defences share.
struct smoothing_options {
  double sigma = 0.5;  ///< the common noise scale, in input units
  std::optional<double> test_sigma =
      {};  ///< scale of test inputs if it differs from sigma; certified radii do not depend on it
  std::optional<ascent_options> own_scales = {};  ///< if set, each member finds the noise scale of each test input
  std::size_t models = 20;                        ///< M; with a stopping rule, the largest number
  vote_policy vote = {};                          ///< noise draws per vote
  bool keep_scores = false;                       ///< keep every member's scores, [M,n,K], for bounds on mean scores
  bool keep_votes = false;                        ///< keep every member's hard votes, [M,n]
  std::vector<std::size_t> only = {};             ///< if not empty, train these members alone, without a stopping rule
};

namespace detail {

/// Brief: separate keys for draws that must be independent.
enum class purpose : std::uint32_t {
  undefended = 1,
  uniform_members,
  base_model,
  train_ascent,
  test_ascent,
  own_members,
  frozen_members,
  floor_members,
  ledger_members
};

inline random_key key_for(const random_key& key, purpose use) { return key.derive(static_cast<std::uint32_t>(use)); }

inline constexpr std::uint32_t purpose_of_parts = 102;
inline constexpr std::uint32_t purpose_of_bags = 103;

/// Brief: the seconds since it was made.
class stopwatch {
public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace detail

/// Brief: the key of the cut into parts and of everything that parts draw; that of one part with noise, which no other
/// part has; that of models without noise.
[[nodiscard]] inline random_key key_of_parts(const random_key& key) { return key.derive(detail::purpose_of_parts); }
[[nodiscard]] inline random_key key_of_part(const random_key& of_parts, std::size_t j) {
  return of_parts.for_model(static_cast<std::uint32_t>(j)).derive(0);
}
[[nodiscard]] inline random_key key_without_noise(const random_key& key, bool bagged) {
  return key.derive(bagged ? detail::purpose_of_bags : detail::purpose_of_parts);
}

}  // namespace v1
}  // namespace certssb
