// SPDX-License-Identifier: MIT
#pragma once
// Brief: one member of the ensemble: a model trained on the training set plus its own noise.

#include "certssb/core/expect.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/perturb.hpp"

#include <cstddef>
#include <cstdint>

namespace certssb {
inline namespace v1 {

/// Brief: the rows as a member sees them.
template <class Rows, class Noise>
using member_rows = noisy_rows<Rows, Noise>;

/// Brief: trains member m on x_i + sigma_i * eps_{m,i}, one noise draw per row, kept for all epochs.
/// Throws: argument_error unless there is one scale per row, no id repeats and m is below 2^24.
/// Determinism: a function of (rows, scales, key, m) alone.
/// Reference: Cert-SSB and RAB, training of the m-th smoothed model.
template <class Rows, class Noise, class Learner>
[[nodiscard]] auto fit_member(const Learner& method, const Rows& rows, const training_scales& scales,
                              const Noise& noise, const random_key& key, std::size_t m) {
  // Not constraints of the template: these name what is missing. (GCC 12 also rejects a constraint on a constrained view
  // of xtensor rows as circular.)
  static_assert(require_row_source<Rows>());
  static_assert(require_noise<Noise, scalar_of<typename Rows::tensor_type>>());
  static_assert(require_learner<Learner, member_rows<Rows, Noise>>());
  expect(m < (std::size_t{1} << 24U), "fit_member: member index must be below 2^24, got ", m);
  const random_key mine = key.for_model(static_cast<std::uint32_t>(m));
  const member_rows<Rows, Noise> noisy(rows, scales, noise, mine.at(stage::train_noise));
  return method.fit(noisy, mine);
}

}  // namespace v1
}  // namespace certssb
