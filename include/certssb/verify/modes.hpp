// SPDX-License-Identifier: MIT
#pragma once
// Brief: every mode that a run may issue, by name: its rule, and the flags it takes.

#include "certssb/core/expect.hpp"
#include "certssb/verify/elastic_modes.hpp"
#include "certssb/verify/flags.hpp"
#include "certssb/verify/gaussian_modes.hpp"
#include "certssb/verify/mode.hpp"
#include "certssb/verify/other_modes.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: how a mode is verified. Its rule begins from `gaussian` and changes what differs.
struct mode_rule {
  std::string_view name;
  void (*state)(mode&, const mode_source&);
  bool joint = false;        ///< takes the flag +joint
  bool label_noise = false;  ///< takes the flag +label-noise: its scales are fixed before the labels are known
};

/// Brief: the rule of a mode, by its name without flags.
/// Throws: data_error for a mode it cannot verify.
[[nodiscard]] inline const mode_rule& rule_of(std::string_view name) {
  static constexpr auto all = std::to_array<mode_rule>({{"uniform", state_uniform, true, true},
                                                        {"given_scales", state_given_scales},
                                                        {"published", state_published},
                                                        {"frozen", state_frozen, true, true},
                                                        {"ledger", state_ledger, true, true},
                                                        {"floor", state_floor, true, true},
                                                        {"quantised", state_quantised, true, false},
                                                        {"semi_elastic", state_semi_elastic},
                                                        {"uniform_l1", state_uniform_l1},
                                                        {"laplace_l1", state_laplace_l1},
                                                        {"knn1_exact", state_knn1_exact},
                                                        {"memory", state_memory}});
  for (const mode_rule& rule : all) {
    if (rule.name == name) return rule;
  }
  throw data_error(concatenate("mode ", name, " cannot be verified"));
}

/// Brief: the parts of MODE[+joint][+label-noise]; the flags may come in any order.
struct mode_name {
  std::string base;
  bool joint = false;
  bool label_noise = false;

  /// Throws: data_error for an unknown mode or flag, and for a flag that the mode does not take.
  explicit mode_name(std::string_view text) : base(text.substr(0, text.find('+'))) {
    const mode_rule& rule = rule_of(base);
    for (text.remove_prefix(base.size()); !text.empty();) {
      const std::string_view flag = text.substr(1, text.find('+', 1) - 1);
      text.remove_prefix(flag.size() + 1);
      const bool taken = (flag == "joint" && rule.joint) || (flag == "label-noise" && rule.label_noise);
      expect<data_error>(taken, "mode ", base, " takes no flag +", flag);
      (flag == "joint" ? joint : label_noise) = true;
    }
  }

  /// Brief: the name, with the flags in the order of the results.
  [[nodiscard]] std::string text() const {
    return base + (joint ? "+joint" : "") + (label_noise ? "+label-noise" : "");
  }
};

/// Brief: the statement of the mode of this name, flags included.
/// Throws: data_error for a mode it cannot verify, and for missing or impossible evidence.
[[nodiscard]] inline mode state_mode(std::string_view name, const mode_source& source) {
  const mode_name asked(name);
  mode m = gaussian(source);
  rule_of(asked.base).state(m, source);
  if (asked.joint) m = add_joint(std::move(m), source);
  if (asked.label_noise) m = add_label_noise(std::move(m), source);
  return m;
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
