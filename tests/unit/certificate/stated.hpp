// SPDX-License-Identifier: MIT
#pragma once
// Brief: the noise and the assumptions that tests of modes state.

#include "certssb/certificate/assume.hpp"
#include "certssb/noise/gaussian.hpp"

namespace certssb::test {

inline constexpr gaussian_noise gauss;
inline constexpr assume::scales_independent_of_features frozen_scales;
inline constexpr assume::rows_read_only_through_the_ledger by_ledger;
inline constexpr assume::selector_fixed_independently_of_data fixed_selector;
inline constexpr assume::test_scale_fixed_beforehand fixed_test_scale;
inline constexpr assume::labels_flipped_in_every_member flipped;

}  // namespace certssb::test
