// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of which samples the results are about: the same ones for every defence, each once, and triggered those
// that the attack wants relabelled.

#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: the id of a sample, and its true label.
struct identity {
  std::int64_t id;
  std::int64_t label;

  [[nodiscard]] bool operator==(const identity&) const = default;
};

/// Brief: the samples of each set of test inputs, in order, as the first defence names them.
using known_samples = std::map<std::string, std::vector<identity>>;

/// Brief: checks that no sample comes twice, and that these are the samples of the defences before.
inline void check_identities(findings& f, const std::string& inputs, const sample_table& samples,
                             known_samples& known) {
  std::vector<identity> all;
  std::set<std::int64_t> ids;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    all.push_back({samples.integer(i, "id"), samples.integer(i, "label")});
    f.check(ids.insert(all.back().id).second, concatenate("sample ", all.back().id, " comes twice"));
    f.check(all.back().id >= 0, concatenate("sample ", all.back().id, ": expected an id >= 0"));
  }
  const auto [before, is_first] = known.try_emplace(inputs, std::move(all));
  if (is_first) return;
  const auto [here, there] = std::ranges::mismatch(all, before->second);
  f.check(here == all.end() && there == before->second.end(),
          concatenate("its samples are not those of the other defences, from row ", here - all.begin(), " on"));
}

/// Brief: whether the attack of the configuration changes a label. None where the caller of the run carried the attack
/// out.
/// Throws: data_error for a label map it does not know.
[[nodiscard]] inline std::optional<std::vector<bool>> labels_changed(const run_results& run) {
  const defence_options config(run);
  if (config.is_null("label_map")) return std::nullopt;
  const std::string map = config.text("label_map");
  std::vector<bool> changed(run.data.classes.size(), true);
  if (map == "all-to-all") return changed;
  const std::string specific = "source-specific:";
  if (map.starts_with(specific)) {
    for (std::size_t c = 0; c < changed.size(); ++c) changed[c] = map == specific + std::to_string(c);
    return changed;
  }
  expect<data_error>(map == "all-to-one" || map == "clean-label", "config.label_map: ", map, " cannot be verified");
  const double target = config.number("target");
  expect<data_error>(target >= 0.0 && target < static_cast<double>(changed.size()) && target == std::floor(target),
                     "config.target: expected a label below ", changed.size(), ", got ", target);
  changed[static_cast<std::size_t>(target)] = false;
  return changed;
}

/// Brief: checks that the triggered samples are the clean ones whose label the attack changes, in their order and with
/// their labels. Where the configuration does not say which, they must at least be clean samples.
inline void check_triggered(findings& f, const run_results& run, const known_samples& known) {
  f.at("triggered");
  if (!known.contains("clean") || !known.contains("triggered")) return;
  const std::optional<std::vector<bool>> changed = labels_changed(run);
  std::map<std::int64_t, std::int64_t> missing;  // id -> label
  std::map<std::int64_t, std::int64_t> clean;
  std::map<std::int64_t, std::size_t> place;
  for (const identity& one : known.at("clean")) {
    clean[one.id] = one.label;
    place[one.id] = place.size();
    const bool of_class = one.label >= 0 && std::cmp_less(one.label, run.data.classes.size());
    if (changed && of_class && (*changed)[static_cast<std::size_t>(one.label)]) missing[one.id] = one.label;
  }
  std::optional<std::size_t> last;
  for (const identity& one : known.at("triggered")) {
    const auto twin = clean.find(one.id);
    f.check(twin != clean.end(), concatenate("sample ", one.id, " is no clean sample"));
    if (twin == clean.end()) continue;
    f.check(twin->second == one.label,
            concatenate("sample ", one.id, ": its label is ", one.label, ", but ", twin->second, " among the clean"));
    f.check(!changed || missing.erase(one.id) == 1,
            concatenate("sample ", one.id, ": the attack does not change its label, ", twin->second));
    f.check(!last || place[one.id] > *last, concatenate("sample ", one.id, ": not in the order of the clean samples"));
    last = place[one.id];
  }
  for (const auto& [id, label] : missing) f.check(false, concatenate("sample ", id, " is missing"));
  if (!changed) f.leave("that these are the samples that the attack wants relabelled: it was the caller's own");
}

/// Brief: checks that what is said of the undefended model is a number of samples out of all.
inline void check_undefended(findings& f, const run_results& run, const known_samples& known) {
  f.at("undefended");
  const auto check = [&](const std::string& name, double share, const std::string& inputs) {
    if (!known.contains(inputs)) return;
    const std::size_t n = known.at(inputs).size();
    const double samples = share * static_cast<double>(n);
    f.check(std::abs(samples - std::round(samples)) < 1e-6,
            concatenate(name, " is stated as ", share, ", which is no number of ", n, " samples"));
  };
  check("clean_accuracy", run.undefended.clean_accuracy, "clean");
  check("attack_success_rate", run.undefended.attack_success_rate, "triggered");
}

/// Brief: where both sets of test inputs are stored, checks the largest change of a triggered one.
/// Throws: data_error if the arrays do not fit each other, or a triggered sample is no clean one.
inline void check_trigger(findings& f, const std::filesystem::path& folder, const run_results& run,
                          const known_samples& known) {
  f.at("");
  if (!run.arrays.contains("inputs_clean.npy") || !run.arrays.contains("inputs_triggered.npy")) return;
  if (!known.contains("clean") || !known.contains("triggered")) return;
  const std::vector<identity>& clean = known.at("clean");
  const std::vector<identity>& triggered = known.at("triggered");
  const npy_array<double> before = read_inputs(folder, "clean", clean.size());
  const npy_array<double> after = read_inputs(folder, "triggered", triggered.size());
  const std::size_t d = before.shape[1];
  expect<data_error>(after.shape[1] == d && (run.data.row_size == 0 || run.data.row_size == d),
                     "inputs_clean.npy, inputs_triggered.npy and data.row_size differ in the size of a row");
  std::map<std::int64_t, std::size_t> place;
  for (std::size_t i = 0; i < clean.size(); ++i) place[clean[i].id] = i;
  double most = 0.0;
  for (std::size_t i = 0; i < triggered.size(); ++i) {
    const auto twin = place.find(triggered[i].id);
    expect<data_error>(twin != place.end(), "sample ", triggered[i].id, " is no clean sample");
    double square = 0.0;
    for (std::size_t c = 0; c < d; ++c) {
      const double change = after.values[i * d + c] - before.values[twin->second * d + c];
      square += change * change;
    }
    most = std::max(most, std::sqrt(square));
  }
  if (!std::isfinite(run.data.trigger_l2_max)) {  // somebody else's trigger: these inputs do not carry it
    f.check(most == 0.0, concatenate("data.trigger_l2_max is not known, but triggered inputs differ by ", most));
    return;
  }
  f.check_number("data.trigger_l2_max", run.data.trigger_l2_max, most);
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
