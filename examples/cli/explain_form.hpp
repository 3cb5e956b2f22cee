// SPDX-License-Identifier: MIT
#pragma once
// Brief: an explanation as an object for programs and as paragraphs for people.

#include "certssb/noise/scales.hpp"
#include "certssb/report/explanation.hpp"
#include "certssb/report/json.hpp"

#include <string>

namespace certssb::cli {

[[nodiscard]] json explanation_json(const explanation& e, const defence_result& defence,
                                    const evaluation_result& stated);

/// Brief: `training`: the scales of the training rows; `truth`: the sample's own label.
[[nodiscard]] std::string explanation_words(const explanation& e, const defence_result& defence,
                                            const evaluation_result& stated, const noise_scales& training,
                                            label_type truth);

}  // namespace certssb::cli
