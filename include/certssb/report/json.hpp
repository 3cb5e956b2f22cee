// SPDX-License-Identifier: MIT
#pragma once
// Brief: results.json, schema 1: written with all digits, and read as a file that anybody may have made.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"
#include "certssb/report/results.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: JSON whose keys keep the order they were written in.
using json = nlohmann::ordered_json;

inline void to_json(json& j, const radius_share& p) { j = {{"radius", p.radius}, {"value", p.value}}; }
inline void from_json(const json& j, radius_share& p) {
  j.at("radius").get_to(p.radius);
  j.at("value").get_to(p.value);
}

inline void to_json(json& j, const pattern_cover& p) { j = {{"rows", p.rows}, {"per_pattern", p.per_pattern}}; }
inline void from_json(const json& j, pattern_cover& p) {
  j.at("rows").get_to(p.rows);
  j.at("per_pattern").get_to(p.per_pattern);
}

inline void to_json(json& j, const stopping_result& s) {
  j = {{"models", s.models}, {"certified", s.certified}, {"futile", s.futile}, {"decided", s.decided}};
}
inline void from_json(const json& j, stopping_result& s) {
  j.at("models").get_to(s.models);
  j.at("certified").get_to(s.certified);
  j.at("futile").get_to(s.futile);
  j.at("decided").get_to(s.decided);
}

inline void to_json(json& j, const evaluation_result& e) {
  j = {{"inputs", e.inputs},
       {"mode", e.mode},
       {"certified", e.certified},
       {"norm", e.norm},
       {"assumptions", e.assumptions},
       {"conditional_on", e.conditional_on},
       {"storage_update", e.storage_update},
       {"n", e.n},
       {"empirical_accuracy", e.empirical_accuracy},
       {"certified_accuracy", e.certified_accuracy},
       {"certified_ratio", e.certified_ratio},
       {"abstain_rate", e.abstain_rate},
       {"average_certified_radius", e.average_certified_radius},
       {"delta_r", e.delta_r},
       {"delta_r_assumed", e.delta_r_assumed},
       {"certified_against_this_attack", e.certified_against_this_attack}};
  if (e.storage_update) j["storage_events"] = e.storage_events;
}
inline void from_json(const json& j, evaluation_result& e) {
  j.at("inputs").get_to(e.inputs);
  j.at("mode").get_to(e.mode);
  j.at("certified").get_to(e.certified);
  if (j.contains("norm")) j.at("norm").get_to(e.norm);
  if (j.contains("assumptions")) j.at("assumptions").get_to(e.assumptions);
  j.at("conditional_on").get_to(e.conditional_on);
  j.at("storage_update").get_to(e.storage_update);
  j.at("n").get_to(e.n);
  j.at("empirical_accuracy").get_to(e.empirical_accuracy);
  j.at("certified_accuracy").get_to(e.certified_accuracy);
  j.at("certified_ratio").get_to(e.certified_ratio);
  j.at("abstain_rate").get_to(e.abstain_rate);
  j.at("average_certified_radius").get_to(e.average_certified_radius);
  j.at("delta_r").get_to(e.delta_r);
  if (j.contains("delta_r_assumed")) j.at("delta_r_assumed").get_to(e.delta_r_assumed);
  j.at("certified_against_this_attack").get_to(e.certified_against_this_attack);
  if (j.contains("storage_events")) j.at("storage_events").get_to(e.storage_events);
}

namespace detail {

[[nodiscard]] inline json options_to_json(const option_list& options) {
  json j = json::object();
  for (const auto& option : options) {
    std::visit([&](const auto& value) { j[option.first] = value; }, option.second);
  }
  return j;
}

[[nodiscard]] inline option_value option_from_json(const json& j) {
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number_unsigned()) return j.get<std::uint64_t>();
  if (j.is_number_integer()) return j.get<std::int64_t>();
  if (j.is_number()) return j.get<double>();
  if (j.is_string()) return j.get<std::string>();
  if (j.is_array() && !j.empty() && j.front().is_number()) return j.get<std::vector<double>>();
  return j.get<std::vector<std::string>>();
}

[[nodiscard]] inline option_list options_from_json(const json& j) {
  option_list options;
  for (const auto& [name, value] : j.items()) options.emplace_back(name, option_from_json(value));
  return options;
}

}  // namespace detail

inline void to_json(json& j, const defence_result& d) {
  j = {{"name", d.name},
       {"models", d.models},
       {"alpha", d.alpha},
       {"bound", d.bound},
       {"sigma_train", {{"min", d.sigma_train.min}, {"mean", d.sigma_train.mean}, {"max", d.sigma_train.max}}},
       {"settings", detail::options_to_json(d.settings)},
       {"evaluations", d.evaluations}};
  if (!d.stopping.empty()) j["stopping"] = d.stopping;
}
inline void from_json(const json& j, defence_result& d) {
  j.at("name").get_to(d.name);
  j.at("models").get_to(d.models);
  j.at("alpha").get_to(d.alpha);
  j.at("bound").get_to(d.bound);
  j.at("sigma_train").at("min").get_to(d.sigma_train.min);
  j.at("sigma_train").at("mean").get_to(d.sigma_train.mean);
  j.at("sigma_train").at("max").get_to(d.sigma_train.max);
  if (j.contains("settings")) d.settings = detail::options_from_json(j.at("settings"));
  j.at("evaluations").get_to(d.evaluations);
  if (j.contains("stopping")) j.at("stopping").get_to(d.stopping);
}

inline void to_json(json& j, const example_result& e) {
  j = {{"id", e.id},       {"label", e.label}, {"clean", e.clean}, {"triggered", e.triggered},
       {"noisy", e.noisy}, {"sigma", e.sigma}};
}
inline void from_json(const json& j, example_result& e) {
  j.at("id").get_to(e.id);
  j.at("label").get_to(e.label);
  j.at("clean").get_to(e.clean);
  j.at("triggered").get_to(e.triggered);
  j.at("noisy").get_to(e.noisy);
  j.at("sigma").get_to(e.sigma);
}

/// Brief: the object that results.json holds.
[[nodiscard]] inline json results_to_json(const run_results& r) {
  return {
      {"schema", 1},
      {"version", r.version},
      {"complete", r.complete},
      {"config", detail::options_to_json(r.config)},
      {"assumptions", r.assumptions},
      {"arrays", r.arrays},
      {"data",
       {{"train", r.data.train},
        {"test", r.data.test},
        {"poisoned_rows", r.data.poisoned_rows},
        {"classes", r.data.classes},
        {"pattern_l2_max", r.data.pattern_l2_max},
        {"pattern_l2_frobenius", r.data.pattern_l2_frobenius},
        {"trigger_l2_max", r.data.trigger_l2_max},
        {"pattern_l1_sum", r.data.pattern_l1_sum},
        {"row_size", r.data.row_size}}},
      {"undefended",
       {{"clean_accuracy", r.undefended.clean_accuracy}, {"attack_success_rate", r.undefended.attack_success_rate}}},
      {"defences", r.defences},
      {"timing",
       {{"train_samples_per_s", r.timing.train_samples_per_s},
        {"ascent_s", r.timing.ascent_s},
        {"certify_s", r.timing.certify_s},
        {"storage_s", r.timing.storage_s},
        {"total_s", r.timing.total_s},
        {"threads", r.timing.threads}}},
      {"examples", r.examples}};
}

/// Brief: what such an object says.
/// Throws: data_error, with `source` in front, where a key is missing or of the wrong type, or the schema is not 1.
[[nodiscard]] inline run_results results_from_json(const json& j, const std::string& source) {
  run_results r;
  try {
    const auto schema = j.at("schema").get<std::int64_t>();
    expect<data_error>(schema == 1, source, ": expected schema 1, got ", schema);
    j.at("version").get_to(r.version);
    if (j.contains("complete")) j.at("complete").get_to(r.complete);
    r.config = detail::options_from_json(j.at("config"));
    j.at("assumptions").get_to(r.assumptions);
    j.at("arrays").get_to(r.arrays);
    const json& data = j.at("data");
    data.at("train").get_to(r.data.train);
    data.at("test").get_to(r.data.test);
    data.at("poisoned_rows").get_to(r.data.poisoned_rows);
    data.at("classes").get_to(r.data.classes);
    data.at("pattern_l2_max").get_to(r.data.pattern_l2_max);
    data.at("pattern_l2_frobenius").get_to(r.data.pattern_l2_frobenius);
    if (data.contains("trigger_l2_max")) data.at("trigger_l2_max").get_to(r.data.trigger_l2_max);
    if (data.contains("pattern_l1_sum")) data.at("pattern_l1_sum").get_to(r.data.pattern_l1_sum);
    if (data.contains("row_size")) data.at("row_size").get_to(r.data.row_size);
    const json& undefended = j.at("undefended");
    undefended.at("clean_accuracy").get_to(r.undefended.clean_accuracy);
    undefended.at("attack_success_rate").get_to(r.undefended.attack_success_rate);
    j.at("defences").get_to(r.defences);
    const json& timing = j.at("timing");
    timing.at("train_samples_per_s").get_to(r.timing.train_samples_per_s);
    timing.at("ascent_s").get_to(r.timing.ascent_s);
    timing.at("certify_s").get_to(r.timing.certify_s);
    timing.at("storage_s").get_to(r.timing.storage_s);
    timing.at("total_s").get_to(r.timing.total_s);
    timing.at("threads").get_to(r.timing.threads);
    if (j.contains("examples")) j.at("examples").get_to(r.examples);
  } catch (const json::exception& wrong) {
    expect<data_error>(false, source, ": not the results of a run: ", std::string_view(wrong.what()));
  }
  return r;
}

/// Brief: reads a results.json.
/// Throws: data_error where it is missing, larger than 64 MiB, not JSON, or not the results of a run.
[[nodiscard]] inline run_results read_results(const std::filesystem::path& path) {
  const std::string text = read_file(path, std::uintmax_t{1} << 26U);
  const json parsed = json::parse(text, nullptr, false);
  expect<data_error>(!parsed.is_discarded(), path.string(), ": expected JSON, got something else");
  return results_from_json(parsed, path.string());
}

}  // namespace v1
}  // namespace certssb
