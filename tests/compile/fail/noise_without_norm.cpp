// SPDX-License-Identifier: MIT
// Expect first: certssb: your noise has no type `certified_norm`
// A noise says which norm it certifies.
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
  static constant_model fit(const auto&, const certssb::random_key&) { return {}; }
};

struct own_noise {
#ifdef CERTSSB_CONTROL
  using certified_norm = certssb::l2_norm;
#endif
  static void fill(const certssb::random_key& key, std::span<float> out) { certssb::gaussian_noise{}.fill(key, out); }
};

void call(const certssb::dataset<array>& rows, const certssb::training_scales& scales);
void call(const certssb::dataset<array>& rows, const certssb::training_scales& scales) {
  (void)certssb::fit_member(constant_learner{}, rows, scales, own_noise{}, {}, 0);
}
