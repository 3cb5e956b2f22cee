// SPDX-License-Identifier: MIT
// Expect first: certssb: your label map has no const operator()(label_type) that returns label_type
// Labels are 64-bit integers.
#include "certssb/attack/no_trigger.hpp"
#include "certssb/attack/poison.hpp"
#include "certssb/tensor/host_array.hpp"

#ifdef CERTSSB_CONTROL
using label = certssb::label_type;
#else
using label = int;
#endif

struct to_zero {
  label operator()(certssb::label_type) const { return 0; }
};

void call(const certssb::dataset<certssb::host_array<float>>& rows);
void call(const certssb::dataset<certssb::host_array<float>>& rows) {
  (void)certssb::trigger_test_set(rows, certssb::no_trigger{}, to_zero{});
}
