// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of one defence as results.json holds them.

#include "certssb/certificate/named.hpp"
#include "certssb/model/input_map.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/run_settings.hpp"

#include <cstddef>
#include <string>
#include <variant>

namespace certssb {
inline namespace v1 {

/// Brief: the settings of one defence, by the names of the options; null for a setting that it did not use.
[[nodiscard]] inline option_list options_of(const defence_settings& d, const run_settings& s) {
  const mode_facts facts = facts_of(d.mode.base);
  const auto where = [](bool used, const auto& value) {
    return used ? detail::option_of_setting(value) : option_value(std::monostate{});
  };
  const bool exact = facts.training == member_training::neighbours || d.closed_form();
  const bool trains = !exact && d.model != "nearest-mean" && d.model != "nearest-neighbours";
  const bool in_parts = d.plain_parts() || d.smoothed_parts();
  const bool selects = facts.training == member_training::selector;
  const bool searches = facts.training == member_training::sample_specific ||
                        facts.training == member_training::floor || d.smoothing.own_scales.has_value();
  const bool frozen = facts.training == member_training::fixed_scales;
  return {{"mode", d.mode.name()},
          {"model", d.model},
          {"map", where(in_parts || d.bagged(), std::string(input_map_names[static_cast<std::size_t>(d.map)]))},
          {"parts", where(in_parts, d.parts)},
          {"part_by", where(in_parts, std::string(part_by_name(d.cut)))},
          {"alpha_part", where(d.smoothed_parts(), d.alpha_part)},
          {"failures", where(d.smoothed_parts(), d.failures)},
          {"election", where(d.plain_parts(), d.elect.name())},
          {"neighbours", where(d.neighbours > 0, d.neighbours)},
          {"bag", where(d.bag > 0, d.bag)},
          {"sigma", where(d.noised(), d.smoothing.sigma)},
          {"epochs", where(trains, d.epochs)},
          {"batch", where(trains, d.batch)},
          {"learning_rate", where(trains, d.learning_rate)},
          {"averaged_tail", where(trains, d.averaged_tail)},
          {"dp_clip", where(d.dp.active(), d.dp.clip)},
          {"dp_noise", where(d.dp.active(), d.dp.noise)},
          {"test_noise", d.test_noise},
          {"test_noise_scale", where(d.smoothing.vote.draws > 0, d.test_noise_scale)},
          {"ascent_estimator", where(searches, d.estimator)},
          {"ascent_steps", where(searches, d.ascent.steps)},
          {"ascent_draws", where(searches, d.ascent.draws)},
          {"ascent_rate", where(searches || facts.training == member_training::ledger, d.ascent.rate)},
          {"sigma_min", where(searches, d.ascent.floor)},
          {"sigma_max", where(searches || facts.training == member_training::ledger, d.ascent.ceiling)},
          {"train_scales", where(frozen, s.certified.train_scales)},
          {"trusted_rows", where(selects, s.certified.trusted_rows)},
          {"semi_elasticity", where(selects, s.certified.semi_elasticity)},
          {"rows_changed", where(d.mode.base == semi_elastic_mode::name, s.certified.rows_changed)},
          {"grid_width", where(d.mode.base == quantised_mode::name, s.certified.grid_width)},
          {"flip_probability", where(d.mode.label_noise, s.certified.flip_probability)},
          {"flipped_labels", where(d.mode.label_noise, s.certified.flipped_labels)}};
}

}  // namespace v1
}  // namespace certssb
