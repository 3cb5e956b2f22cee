// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of the defences with a closed form, and of bagging.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/run/settings.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {
namespace detail {

/// Brief: the defences whose statement is a closed form of the training rows, and bagging. By default about 5/12 of the
/// rows are neighbours, an odd number, which certified most against a tenth of the rows; bags hold 1/400 of the rows.
[[nodiscard]] inline defence_settings settings_of_rows(std::string_view name, const training_settings& t,
                                                       const part_settings& p, const row_settings& r,
                                                       const certification_settings& c) {
  defence_settings d;
  d.name = name;
  std::string mode(name);
  std::ranges::replace(mode, '-', '_');
  d.mode = mode_request::parse(mode);
  const bool bagging = d.bagged();
  d.model = bagging ? p.model.value_or("nearest-mean") : name == "nearest-mean" ? "nearest-mean" : "nearest-neighbours";
  if (bagging) d.map = input_map_of(p.map.value_or("square-root"));
  if (name == "knn-vote") d.neighbours = r.neighbours.value_or(5 * p.training_rows / 12 | 1U);
  if (bagging || name == "bagged-nearest") d.bag = r.bag.value_or(std::max<std::size_t>(2, p.training_rows / 400));
  d.epochs = t.epochs.value_or(10);
  d.batch = t.batch;
  d.learning_rate = t.learning_rate;
  d.averaged_tail = t.averaged_tail.value_or(0.0);
  d.test_noise = "none";
  d.smoothing = {.sigma = t.sigma,
                 .test_sigma = {},
                 .own_scales = {},
                 .models = bagging ? t.models : 1,
                 .vote = {.draws = 0},
                 .keep_scores = false,
                 .keep_votes = false};
  expect(!bagging || !c.stop_at_radius, "stop_at_radius: early stopping is of noise, not of bags");
  expect(!bagging || c.counts_votes(), "bound: the votes of bags are hard; expected ", clopper_pearson::name, " or ",
         jeffreys_sequence::name, ", got ", c.bound_name());
  return d;
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
