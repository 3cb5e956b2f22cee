// SPDX-License-Identifier: MIT
// Expect: l.fit(rows, key)
// A learner that cannot fit is refused by name of the missing member.
#include "certssb/data/dataset.hpp"
#include "certssb/model/concept.hpp"
#include "certssb/tensor/host_array.hpp"

#include <span>

using array = certssb::host_array<float>;
using rows_type = certssb::dataset<array>;

struct constant_model {
  static std::size_t classes() { return 2; }
  static void scores(const array&, std::span<float> out) {
    for (float& score : out) score = 0.5F;
  }
};

struct constant_learner {
#ifdef CERTSSB_CONTROL
  static constant_model fit(const rows_type&, const certssb::random_key&) { return {}; }
#else
  static constant_model train(const rows_type&, const certssb::random_key&) { return {}; }
#endif
};

template <certssb::learner<rows_type> Learner>
void use(const Learner&) {}

void call();
void call() { use(constant_learner{}); }
