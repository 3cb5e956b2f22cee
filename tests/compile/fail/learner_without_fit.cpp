// SPDX-License-Identifier: MIT
// Expect first: certssb: your learner has no const fit(rows, key)
// A learner that cannot fit is refused by name of the missing member, before anything else.
#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <span>

using array = certssb::host_array<float>;

struct constant_model {
  static std::size_t classes() { return 2; }
  static void scores(const array&, std::span<float> out) {
    for (float& score : out) score = 0.5F;
  }
};

struct constant_learner {
#ifdef CERTSSB_CONTROL
  static constant_model fit(const auto&, const certssb::random_key&) { return {}; }
#else
  static constant_model train(const auto&, const certssb::random_key&) { return {}; }
#endif
};

void call(const certssb::dataset<array>& rows, const certssb::training_scales& scales);
void call(const certssb::dataset<array>& rows, const certssb::training_scales& scales) {
  (void)certssb::fit_member(constant_learner{}, rows, scales, certssb::gaussian_noise{}, {}, 0);
}
