// SPDX-License-Identifier: MIT
#pragma once
// Brief: the slope of the loss of a bundled network that nobody defends, for attacks that move rows.

#include "certssb/attack/label_consistent.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/model/bundled_network.hpp"
#include "certssb/model/fit.hpp"
#include "certssb/model/names.hpp"
#include "certssb/model/optimiser.hpp"
#include "certssb/run/load_data.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/tensor/host_array.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: trains the network of the settings, with the settings of rab, on clean rows, when it is asked.
/// Cost: one training, and one pass forward and backward per row and call of the slope.
/// Determinism: a function of rows, settings and key; bits as those of the network.
[[nodiscard]] inline slope_maker undefended_slope(const run_settings& settings) {
  const defence_settings plain = settings.defence("rab");
  return [name = plain.model,
          options = fit_options{.epochs = plain.epochs, .batch = plain.batch, .learning_rate = plain.learning_rate}](
             const dataset<host_array<float>>& clean, const random_key& key) -> loss_slope {
    constexpr std::uint32_t purpose = 1;
    const model_facts facts = model_facts_of(name);
    expect(facts.in_steps && !facts.torch, "attack: rows climb the loss of a bundled network, which model ", name,
           " is not");
    const gradient_learner learner(bundled_network_maker<float>{name}, adam<float>{}, options);
    auto model = std::make_shared<bundled_network<float>>(learner.fit(clean, key.at(stage::trigger).derive(purpose)));
    return [model, size = clean.row_size()](std::span<const double> rows, std::span<const label_type> labels,
                                            std::span<double> gradient) {
      std::vector<float> found(gradient.size());
      model->input_gradients(host_array<float>(std::vector<float>(rows.begin(), rows.end()), size), labels, found);
      std::ranges::copy(found, gradient.begin());
    };
  };
}

}  // namespace v1
}  // namespace certssb
