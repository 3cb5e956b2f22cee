// SPDX-License-Identifier: MIT
#pragma once
// Brief: text about a run: the conditions of its certificates, and the number of models that early stopping used.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/report/text_table.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

[[nodiscard]] inline std::string comma_list(const std::vector<std::string>& names) {
  std::string line;
  for (const std::string& name : names) {
    if (!line.empty()) line += ", ";
    line += name;
  }
  return line;
}

}  // namespace detail

/// Brief: the assumptions of each certified mode by name, what it holds fixed, and which assumptions the caller vouches
/// for or come from a key that was given beforehand. One line each.
[[nodiscard]] inline std::string conditions_text(const run_results& r) {
  std::vector<std::string_view> seen;
  std::string text = "Certified, provided that:\n";
  for (const defence_result& defence : r.defences) {
    for (const evaluation_result& e : defence.evaluations) {
      if (!e.certified || std::ranges::find(seen, e.mode) != seen.end()) continue;
      seen.push_back(e.mode);
      text += "  " + e.mode + ": " + detail::comma_list(e.assumptions);
      if (!e.conditional_on.empty()) text += "; given " + detail::comma_list(e.conditional_on);
      text += '\n';
    }
  }
  for (const auto& [option, value] : r.config) {
    const auto* const names = std::get_if<std::vector<std::string>>(&value);
    if (option == "assume" && names && !names->empty()) {
      text += "  on your word (--assume): " + detail::comma_list(*names) + '\n';
    }
    if (option == "seed_given" && std::get_if<bool>(&value) && std::get<bool>(value)) {
      text += "  as --seed was given: noise_key_unknown_to_attacker\n";
    }
    const auto* const word = std::get_if<std::string>(&value);
    if (option == "initial_weights" && word && *word == "file") {
      text += "  as members begin at the weights of a file: initial_weights_saw_no_training_row\n";
    }
  }
  return text;
}

/// Brief: after how many models how many test samples were decided; empty without early stopping.
[[nodiscard]] inline std::string stopping_text(const run_results& r) {
  std::string text;
  for (const defence_result& defence : r.defences) {
    if (defence.stopping.empty()) continue;
    const stopping_result& last = defence.stopping.back();
    text += concatenate("Early stopping, ", defence.name, ": ", last.models, " models decided ") +
            percent(last.decided) +
            concatenate(" of the test samples: ", last.certified, " certified, ", last.futile,
                        " without hope of a certificate.\n");
    for (const double share : {0.5, 0.75, 0.9, 0.95}) {
      const auto reached = std::ranges::find_if(defence.stopping, [&](const auto& s) { return s.decided >= share; });
      if (reached == defence.stopping.end()) break;
      text += concatenate("  ", reached->models, " models decided ") + percent(share) + '\n';
    }
  }
  return text;
}

}  // namespace v1
}  // namespace certssb
