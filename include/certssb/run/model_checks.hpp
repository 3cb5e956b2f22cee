// SPDX-License-Identifier: MIT
#pragma once
// Brief: whether the model of a defence can be trained and asked as its settings say.

#include "certssb/certificate/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/model/names.hpp"
#include "certssb/run/settings.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: that steps with clipped gradients are asked for where there are any.
/// Throws: argument_error if no defence trains in such steps.
inline void expect_private_steps(const std::vector<std::string>& defences) {
  const auto trains = [](const std::string& name) {
    return name == "rab" || name == "cert-ssb" || name == "certified";
  };
  expect(std::ranges::any_of(defences, trains),
         "dp_clip: is of rab, cert-ssb and certified, and none of them is among the defences");
}

/// Brief: throws argument_error where a mode needs what the model cannot do.
inline void expect_model_fits(const defence_settings& d, bool own_test_scales) {
  const model_facts facts = model_facts_of(d.model);
  const member_training training = facts_of(d.mode.base).training;
  const bool in_steps = training != member_training::neighbours && facts.in_steps && !facts.torch;
  expect(!d.dp.active() || in_steps, "dp_clip: is of bundled models that are trained in steps, which ", d.model,
         " in mode ", d.mode.name(), " is not");
  expect(facts.in_steps || training != member_training::ledger, "model: mode ledger shows rows once per epoch, and ",
         d.model, " has no epochs; use mode uniform");
  expect(!facts.torch || training != member_training::ledger,
         "model: mode ledger asks the model between its steps, which ", d.model, " does not offer; use mode uniform");
  const bool searches = training == member_training::sample_specific || training == member_training::floor ||
                        (own_test_scales && d.name == "certified");
  expect(facts.slopes || !searches || d.estimator != "pathwise", "ascent_estimator: pathwise needs slopes, but the ",
         "scores of ", d.model, " are steps; use detached or grid");
}

/// Brief: throws argument_error for a defence that trains no models.
inline void expect_keepable(const defence_settings& d) {
  const bool of_rows = facts_of(d.mode.base).training == member_training::neighbours || d.name == "knn-vote" ||
                       d.name == "bagged-nearest";
  expect(!of_rows, "keep_models: ", d.name, " in mode ", d.mode.name(),
         " trains no models: it answers from the training rows themselves");
  expect(!model_facts_of(d.model).torch, "keep_models: the models of PyTorch cannot be kept yet, got ", d.model);
  expect(d.parts == 1 || d.model != "nearest-neighbours", "keep_models: the models of ", d.name,
         " are the rows of its parts, which differ in number; keep another model");
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
