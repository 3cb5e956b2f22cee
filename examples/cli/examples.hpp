// SPDX-License-Identifier: MIT
#pragma once
// Brief: a few test samples as pictures: clean, triggered, and noisy at the scale each defence gave them.

#include "certssb/run/defences.hpp"
#include "certssb/report/results.hpp"
#include "run_folder.hpp"
#include "workload.hpp"

#include <span>
#include <vector>

namespace certssb::cli {

/// Brief: writes the pictures into the folder and says what they are; none for images that are neither grey nor RGB.
[[nodiscard]] std::vector<example_result> draw_examples(const workload& data,
                                                        std::span<const defence_outcome<float>> defences,
                                                        const random_key& key, run_folder& folder);

}  // namespace certssb::cli
