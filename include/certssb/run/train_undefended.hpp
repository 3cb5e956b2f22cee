// SPDX-License-Identifier: MIT
#pragma once
// Brief: the model that nobody defends, for comparison.

#include "certssb/noise/gaussian.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/run/experiment_data.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/trained_defence.hpp"

#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: the model without a defence, trained with the settings of rab, by plain steps.
/// Throws: as run_undefended.
template <tensor Tensor, class Method, executor Executor, observer Observer>
[[nodiscard]] undefended_result train_undefended(const poisoned_split<Tensor>& data, const Method& method,
                                                 const run_settings& settings, const Executor& executor,
                                                 Observer& watch, const random_key& key) {
  defence_settings plain = settings.defence("rab");
  plain.dp = {};
  const auto learner = learner_for(method, plain);
  const gaussian_noise noise;
  const undefended_outcome undefended =
      run_undefended(defence_context{learner, noise, executor, watch, key}, data.train.data, data.clean, data.triggered,
                     std::span<const label_type>(data.wanted));
  return {undefended.clean_accuracy.value(), undefended.attack_success.value()};
}

}  // namespace v1
}  // namespace certssb
