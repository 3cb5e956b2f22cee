// SPDX-License-Identifier: MIT
// Expect first: certssb: your classifier has no scores(x, out)
// A learner may fit what it likes, but a member votes by its scores.
#include "certssb/data/dataset.hpp"
#include "certssb/ensemble/member.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/tensor/host_array.hpp"

#include <span>

using array = certssb::host_array<float>;

struct constant_model {
  static std::size_t classes() { return 2; }
#ifdef CERTSSB_CONTROL
  static void scores(const array&, std::span<float> out){
#else
  static void scores(const array&, std::span<double> out) {
#endif
      for (auto& score
           : out) score = 0.5F;
}
}
;

struct constant_learner {
  static constant_model fit(const auto&, const certssb::random_key&) { return {}; }
};

void call(const certssb::dataset<array>& rows, const certssb::training_scales& scales);
void call(const certssb::dataset<array>& rows, const certssb::training_scales& scales) {
  (void)certssb::fit_member(constant_learner{}, rows, scales, certssb::gaussian_noise{}, {}, 0);
}
