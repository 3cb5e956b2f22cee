// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of a run that simulates no attack: one defence is trained on the data as they are, and kept.

#include "certssb/core/expect.hpp"
#include "certssb/run/run_settings.hpp"

#include <array>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: the names of the settings of an attack, which such a run has not.
inline constexpr auto attack_settings = std::to_array<std::string_view>(
    {"attack", "rate", "delta", "cover_rate", "picture", "target", "label_map", "keep_models"});

/// Brief: these settings without an attack; the models are kept.
/// Throws: argument_error unless exactly one defence is asked for.
[[nodiscard]] inline run_settings without_attack(run_settings s) {
  const std::size_t defences = s.defence_names().size();
  expect(defences == 1, "defences: expected one, which answers new inputs later, got ", defences);
  const data_settings plain;
  s.data.attack = "none";
  s.data.rate = plain.rate;
  s.data.delta = plain.delta;
  s.data.cover_rate = plain.cover_rate;
  s.data.picture = plain.picture;
  s.data.target = plain.target;
  s.data.label_map = plain.label_map;
  s.keep_models = true;
  return s;
}

}  // namespace v1
}  // namespace certssb
