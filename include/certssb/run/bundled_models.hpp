// SPDX-License-Identifier: MIT
#pragma once
// Brief: the bundled learners, chosen for each defence by its settings.

#include "certssb/model/any_rows_learner.hpp"
#include "certssb/model/bundled_network.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/named.hpp"
#include "certssb/run/settings.hpp"

#include <algorithm>
#include <cstddef>
#include <stop_token>

namespace certssb {
inline namespace v1 {

/// Brief: the method of run_experiment that trains what the settings name, in single precision.
struct bundled_models {
  std::stop_token stop = {};  ///< asked before each step

  [[nodiscard]] fit_options options(const defence_settings& d) const {
    return {.epochs = d.epochs,
            .batch = d.batch,
            .learning_rate = d.learning_rate,
            .averaged_tail = d.averaged_tail,
            .dp = d.dp,
            .stop = stop};
  }
  /// Brief: the learner of an ensemble.
  [[nodiscard]] auto operator()(const defence_settings& d) const {
    return any_rows_learner(bundled_learner<float>(d.model, options(d), std::max<std::size_t>(1, d.neighbours)));
  }
  /// Brief: the learner of the members of parts and of bags.
  [[nodiscard]] auto of_parts(const defence_settings& d) const {
    return named_learner<float>(d.model, options(d), d.map);
  }
};

}  // namespace v1
}  // namespace certssb
