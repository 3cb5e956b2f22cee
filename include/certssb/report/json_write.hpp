// SPDX-License-Identifier: MIT
#pragma once
// Brief: the results of a run as JSON, schema 2, with all digits.

#include "certssb/report/json_parse.hpp"
#include "certssb/report/results.hpp"

#include <cmath>
#include <type_traits>
#include <variant>

namespace certssb {
inline namespace v1 {

inline void to_json(json& j, const radius_share& p) { j = {{"radius", p.radius}, {"value", p.value}}; }

inline void to_json(json& j, const pattern_cover& p) { j = {{"rows", p.rows}, {"per_pattern", p.per_pattern}}; }

inline void to_json(json& j, const rows_share& p) { j = {{"rows", p.rows}, {"value", p.value}}; }

inline void to_json(json& j, const frontier_point& p) { j = {{"rows", p.rows}, {"radius", p.radius}}; }

inline void to_json(json& j, const attack_cover& c) {
  j = {{"labels_as_observed", c.labels_as_observed}, {"labels_covered", c.labels_covered}};
}

inline void to_json(json& j, const stopping_result& s) {
  j = {{"models", s.models}, {"certified", s.certified}, {"futile", s.futile}, {"decided", s.decided}};
}

namespace detail {

/// Brief: a value, or null where it is not known.
template <class Value>
[[nodiscard]] json known(bool is_known, const Value& value) {
  return is_known ? json(value) : json(nullptr);
}

}  // namespace detail

inline void to_json(json& j, const evaluation_result& e) {
  j = {{"inputs", e.inputs},
       {"mode", e.mode},
       {"certified", e.certified},
       {"norm", e.norm},
       {"assumptions", e.assumptions},
       {"conditional_on", e.conditional_on},
       {"storage_update", e.storage_update},
       {"n", e.n},
       {"empirical_accuracy", detail::known(e.labelled, e.empirical_accuracy)},
       {"certified_accuracy", detail::known(e.labelled, e.certified_accuracy)},
       {"certified_ratio", e.certified_ratio},
       {"abstain_rate", e.abstain_rate},
       {"average_certified_radius", detail::known(e.labelled, e.average_certified_radius)},
       {"delta_r", detail::known(e.attacked, e.delta_r)},
       {"delta_r_assumed", e.delta_r_assumed},
       {"rows",
        {{"median", e.rows.median}, {"certified_accuracy", detail::known(e.labelled, e.rows.certified_accuracy)}}},
       {"frontier", e.frontier},
       {"attack_covered", detail::known(e.attacked, e.attack_covered)},
       {"attack_covered_and_right", detail::known(e.attacked, e.attack_covered_and_right)},
       {"certified_against_this_attack", detail::known(e.attacked, e.attack_covered.labels_covered)}};
  if (!e.storage_update) return;
  j["storage_events"] = e.storage_events;
  j["storage_gap"] = e.storage_gap ? json(*e.storage_gap) : json(nullptr);
}

namespace detail {

[[nodiscard]] inline json options_to_json(const option_list& options) {
  json j = json::object();
  for (const auto& option : options) {
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
            j[option.first] = nullptr;
          } else {
            j[option.first] = value;
          }
        },
        option.second);
  }
  return j;
}

}  // namespace detail

inline void to_json(json& j, const defence_result& d) {
  j = {{"name", d.name},
       {"models", d.models},
       {"alpha", d.alpha},
       {"bound", d.bound},
       {"sigma_train",
        detail::known(d.sigma_train.max > 0.0,
                      json{{"min", d.sigma_train.min}, {"mean", d.sigma_train.mean}, {"max", d.sigma_train.max}})},
       {"settings", detail::options_to_json(d.settings)},
       {"evaluations", d.evaluations}};
  if (!d.stopping.empty()) j["stopping"] = d.stopping;
}

inline void to_json(json& j, const column_change& c) {
  j = {{"column", c.column}, {"clean", c.clean}, {"triggered", c.triggered}};
}

inline void to_json(json& j, const change_result& c) {
  j = {{"id", c.id}, {"label", c.label}, {"columns", c.columns}, {"most", c.most}};
}

inline void to_json(json& j, const example_result& e) {
  j = {{"id", e.id},       {"label", e.label}, {"clean", e.clean}, {"triggered", e.triggered},
       {"noisy", e.noisy}, {"sigma", e.sigma}};
}

/// Brief: the object that results.json holds.
[[nodiscard]] inline json results_to_json(const run_results& r) {
  const auto of_attack = [&](const auto& value) { return detail::known(r.data.attacked, value); };
  // Null also where it is not known.
  const auto length = [&](double size) { return detail::known(r.data.attacked && std::isfinite(size), size); };
  const undefended_result& u = r.undefended;
  return {{"schema", 2},
          {"version", r.version},
          {"build", {{"compiler", r.build.compiler}, {"instruction_set", r.build.instruction_set}}},
          {"complete", r.complete},
          {"config", detail::options_to_json(r.config)},
          {"assumptions", r.assumptions},
          {"arrays", r.arrays},
          {"data",
           {{"train", detail::known(r.data.train > 0 || r.data.attacked, r.data.train)},
            {"test", r.data.test},
            {"poisoned_rows", of_attack(r.data.poisoned_rows)},
            {"classes", r.data.classes},
            {"class_names", r.data.class_names},
            {"pattern_l2_max", length(r.data.pattern_l2_max)},
            {"pattern_l2_frobenius", length(r.data.pattern_l2_frobenius)},
            {"trigger_l2_max", length(r.data.trigger_l2_max)},
            {"pattern_l1_sum", length(r.data.pattern_l1_sum)},
            {"row_size", of_attack(r.data.row_size)},
            {"row_shape", r.data.row_shape},
            {"relabelled_rows", of_attack(r.data.relabelled_rows)},
            {"pattern_l1_max", length(r.data.pattern_l1_max)},
            {"trigger_l1_max", length(r.data.trigger_l1_max)}}},
          {"undefended",
           of_attack(json{{"clean_accuracy", u.clean_accuracy}, {"attack_success_rate", u.attack_success_rate}})},
          {"defences", r.defences},
          {"timing",
           {{"train_samples_per_s", of_attack(r.timing.train_samples_per_s)},
            {"ascent_s", of_attack(r.timing.ascent_s)},
            {"certify_s", r.timing.certify_s},
            {"storage_s", r.timing.storage_s},
            {"total_s", r.timing.total_s},
            {"threads", r.timing.threads}}},
          {"examples", r.examples},
          {"changes", r.changes}};
}

}  // namespace v1
}  // namespace certssb
