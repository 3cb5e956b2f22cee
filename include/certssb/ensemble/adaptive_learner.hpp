// SPDX-License-Identifier: MIT
#pragma once
// Brief: noise first, then adaptation: each member finds and adds sample-specific noise on rows that are already noisy.

#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/ensemble/augmented_learner.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/perturb.hpp"
#include "certssb/sigma/grid.hpp"

#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: how often a row's extra noise is drawn.
enum class extra_noise { once, every_read };

/// Brief: trains a base model on the rows z_i, finds each row's own extra scale tau_i by ascent around z_i (anchored at
/// its label), then trains on z_i + tau_i eta_i.
/// Maths: z_i = x_i + sigma_floor eps_i. Everything after z_i is post-processing, so the certificate is that of one
/// exposure at sigma_floor, P_i = 1/sigma_floor^2, for every choice of tau_i. The ascent uses draws of its own; the
/// noise in z_i is never read.
/// Cost: a training of the base model, steps * draws directional passes per row, and a training.
/// Determinism: a function of (rows, key).
template <class Base, class Inner, scale_search Estimator, class Noise = gaussian_noise>
class adaptive_learner {
public:
  /// Brief: `search.floor` and `search.ceiling` are the smallest and largest tau.
  /// Throws: argument_error for settings out of range.
  adaptive_learner(Base base, Inner inner, Estimator estimator, ascent_options search,
                   extra_noise drawn = extra_noise::once, Noise noise = {})
      : base_(std::move(base)),
        inner_(std::move(inner)),
        estimator_(std::move(estimator)),
        search_(search),
        drawn_(drawn),
        noise_(std::move(noise)) {
    search_.validate();
  }

  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& key) const {
    using purpose = detail::learner_purpose;
    silent_observer silent;
    const noise_scales scales =
        ascend(estimator_, base_.fit(rows, detail::key_for(key, purpose::base_model).at(stage::derive)), rows,
               rows.labels(), search_, noise_, detail::key_for(key, purpose::extra_ascent), serial_executor{}, silent)
            .scales;
    const random_key extra = detail::key_for(key, purpose::extra_noise);
    if (drawn_ == extra_noise::every_read) {
      return inner_.fit(augmented_rows<Rows, Noise>(rows, scales, noise_, extra), key);
    }
    return inner_.fit(noisy_rows<Rows, Noise>(rows, scales, noise_, extra), key);
  }

private:
  Base base_;
  Inner inner_;
  Estimator estimator_;
  ascent_options search_;
  extra_noise drawn_;
  Noise noise_;
};

}  // namespace v1
}  // namespace certssb
