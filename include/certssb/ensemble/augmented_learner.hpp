// SPDX-License-Identifier: MIT
#pragma once
// Brief: two learners that wrap another one, for rows that are already noisy: fresh noise at every read, and flipped
// labels.

#include "certssb/model/concept.hpp"
#include "certssb/noise/augmented_rows.hpp"
#include "certssb/noise/flipped_labels.hpp"
#include "certssb/noise/gaussian.hpp"

#include <utility>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: separate keys for the draws of wrapping learners, apart from the noise on their rows.
enum class learner_purpose : std::uint32_t { extra_noise = 1, flips, base_model, extra_ascent };

inline random_key key_for(const random_key& key, learner_purpose use) {
  return key.derive(static_cast<std::uint32_t>(use)).at(stage::train_noise);
}

}  // namespace detail

/// Brief: trains `Inner` on z_i + scale * eta, eta drawn again at every read. This regularises without lowering the
/// certificate, since a member computes it from its own noisy rows z_i.
template <class Inner, class Noise = gaussian_noise>
class augmented_learner {
public:
  /// Throws: argument_error unless scale is finite and positive.
  augmented_learner(Inner inner, double scale, Noise noise = {})
      : inner_(std::move(inner)), scale_(noise_scales::constant(1, scale)[0]), noise_(std::move(noise)) {}

  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& key) const {
    const augmented_rows<Rows, Noise> augmented(rows, noise_scales::constant(rows.size(), scale_), noise_,
                                                detail::key_for(key, detail::learner_purpose::extra_noise));
    return inner_.fit(augmented, key);
  }

private:
  Inner inner_;
  double scale_;
  Noise noise_;
};

/// Brief: trains `Inner` after flipping each binary label once with probability q. The flag label_noise needs it.
template <class Inner>
class flipping_learner {
public:
  flipping_learner(Inner inner, double q) : inner_(std::move(inner)), q_(q) {}

  /// Throws: argument_error unless there are two classes and 0 <= q < 1/2.
  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& key) const {
    return inner_.fit(flipped_labels<Rows>(rows, q_, detail::key_for(key, detail::learner_purpose::flips)), key);
  }

  template <class Account>
  requires(!row_source<Account>) [[nodiscard]] auto fit(Account& account, const random_key& key) const {
    account.flip(q_, detail::key_for(key, detail::learner_purpose::flips));
    return inner_.fit(account, key);
  }

private:
  Inner inner_;
  double q_;
};

}  // namespace v1
}  // namespace certssb
