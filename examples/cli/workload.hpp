// SPDX-License-Identifier: MIT
#pragma once
// Brief: the data of a run: loaded, poisoned, and the two sets of test inputs.

#include "certssb/attack/poison.hpp"
#include "certssb/backend/xtensor.hpp"
#include "certssb/data/dataset.hpp"
#include "run_options.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace certssb::cli {

using images = xt::xtensor<float, 4>;
using image_rows = dataset<images>;

struct workload {
  poisoned_dataset<images> train;
  image_rows clean;
  image_rows triggered;               ///< the samples that are not of the target, with the trigger, true labels kept
  std::optional<image_rows> trusted;  ///< clean rows for a selector, set aside from the training rows
  std::vector<std::int64_t> classes;
  double largest_trigger = 0.0;  ///< L2, of the triggered test inputs

  [[nodiscard]] const image_rows& inputs(std::size_t which) const { return which == 0 ? clean : triggered; }
};

/// Brief: names of the two sets of test inputs, in the order of `workload::inputs`.
inline constexpr const char* input_names[] = {"clean", "triggered"};

[[nodiscard]] workload load(const run_options& options, const random_key& key);

}  // namespace certssb::cli
