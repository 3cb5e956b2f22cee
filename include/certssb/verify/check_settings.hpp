// SPDX-License-Identifier: MIT
#pragma once
// Brief: checks of the defences of a run against its configuration.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/check_files.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/modes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace plain {

/// Brief: whether the run says that the operating system drew the key of its noise.
[[nodiscard]] inline bool key_was_drawn(const run_results& run) {
  const option_value* const given = find_option(run.config, "seed_given");
  return given != nullptr && std::holds_alternative<bool>(*given) && !std::get<bool>(*given);
}

/// Brief: checks that a run whose members began at the weights of a file names what such weights assume.
inline void check_initial_weights(findings& f, const run_results& run) {
  f.at("");
  const option_value* const option = find_option(run.config, "initial_weights");
  const auto* const word = option == nullptr ? nullptr : std::get_if<std::string>(option);
  const bool fresh = word == nullptr || *word != "file";
  constexpr const char* name = "initial_weights_saw_no_training_row";
  f.check(fresh || std::ranges::find(run.assumptions, name) != run.assumptions.end(),
          std::string("members began at the weights of a file, but assumptions do not name ") + name);
}

/// Brief: a key that was given may be known to others. Checks that the assumption that it is not, and those of the
/// caller, are named, and that a key that is stated as drawn can have been.
/// Maths: a drawn key of 64 bits is that of the data with probability 2^-64, and below 2^32 with probability 2^-32.
inline void check_key(findings& f, const run_results& run) {
  f.at("");
  const bool drawn = key_was_drawn(run);
  const bool named = std::ranges::find(run.assumptions, "noise_key_unknown_to_attacker") != run.assumptions.end();
  f.check(drawn || named, "a seed was given, but assumptions do not name noise_key_unknown_to_attacker");
  const option_value* const assumed = find_option(run.config, "assume");
  if (assumed != nullptr && std::holds_alternative<std::vector<std::string>>(*assumed)) {
    for (const std::string& name : std::get<std::vector<std::string>>(*assumed)) {
      f.check(std::ranges::find(run.assumptions, name) != run.assumptions.end(),
              "assumptions do not name " + name + ", which config.assume states");
    }
  }
  const auto key = [&](std::string_view name) -> std::optional<std::uint64_t> {
    const option_value* const found = find_option(run.config, name);
    const auto* const number = found == nullptr ? nullptr : std::get_if<std::uint64_t>(found);
    f.check_recorded(run.schema > 1 || found != nullptr, number != nullptr,
                     concatenate("config.", name, ": expected a key, a whole number >= 0"));
    return number == nullptr ? std::nullopt : std::optional(*number);
  };
  const auto noise = key("seed");
  const auto data = key("data_seed");
  f.check(
      !drawn || !noise || (*noise >= std::uint64_t{1} << 32U && noise != data),
      concatenate("seed ", noise.value_or(0), " is stated as drawn by the operating system, which draws no such key"));
}

/// Brief: checks that the defences are those asked for; of an interrupted run, the first of them.
inline void check_defences(findings& f, const run_results& run) {
  f.at("");
  std::vector<std::string> names;
  for (const defence_result& d : run.defences) names.push_back(d.name);
  const option_value* const asked = find_option(run.config, "defences");
  const auto* const wanted = asked == nullptr ? nullptr : std::get_if<std::vector<std::string>>(asked);
  const bool begins = wanted != nullptr && !names.empty() && names.size() <= wanted->size() &&
                      std::equal(names.begin(), names.end(), wanted->begin());
  f.check(begins && (!run.complete || names.size() == wanted->size()),
          concatenate("defences are ", option_text(names), ", but config.defences asks for ",
                      asked == nullptr ? "nothing" : option_text(*asked)));
}

/// Brief: the evaluations of one set of inputs: modes, and whether storage-update followed.
using expected_evaluations = std::vector<std::pair<std::string, bool>>;

/// Brief: by the name of the defence; of others by the mode that they or the configuration name.
[[nodiscard]] inline expected_evaluations evaluations_asked(const run_results& run, const defence_result& d) {
  if (d.name == "rab") return {{"uniform", false}};
  if (d.name == "cert-ssb") return {{"given_scales", false}, {"published", false}, {"published", true}};
  if (d.name == "parts") return {{"parts", false}};
  if (d.name == "smoothed-parts") return {{"uniform+parts", false}};
  if (d.name == "nearest-mean") return {{"nearest_mean", false}};
  if (d.name == "knn-vote") return {{"knn_vote", false}};
  if (d.name == "bagged-nearest") return {{"bagged_nearest", false}};
  if (d.name == "bagging") return {{"bagging", false}};
  expect<data_error>(d.name == "certified",
                     "expected one of rab, cert-ssb, certified, parts, smoothed-parts, nearest-mean, knn-vote, "
                     "bagged-nearest, bagging");
  const std::string asked = defence_options(run, d).text("mode");
  if (asked.find("+parts") != std::string::npos) return {{asked, false}};  // its flags are checked with its parts
  return {{asked.empty() ? "uniform" : mode_name(asked).text(), false}};
}

inline void check_modes(findings& f, const run_results& run, const defence_result& d) {
  const expected_evaluations wanted = evaluations_asked(run, d);
  if (const option_value* const own = find_option(d.settings, "mode")) {
    f.check(option_text(*own) == wanted.front().first,
            "its settings name mode " + option_text(*own) + ", but it issues " + wanted.front().first);
  }
  for (const std::string& inputs : input_sets()) {
    expected_evaluations found;
    std::string names;
    for (const evaluation_result& e : d.evaluations) {
      if (e.inputs != inputs) continue;
      found.emplace_back(e.mode, e.storage_update);
      names += " " + e.mode;
    }
    std::string expected;
    for (const auto& [mode, stored] : wanted) expected += " " + mode;
    f.check(found == wanted, inputs + ": the configuration asks for mode" + expected + ", issued were" + names);
  }
}

/// Brief: the radius at which samples count as decided, with early stopping; 0 without.
[[nodiscard]] inline double stopping_radius(const defence_options& options) {
  const double radius = options.number_or_null("stop_at_radius").value_or(0.0);
  expect<data_error>(radius >= 0.0, "config.stop_at_radius: expected a number >= 0, got ", radius);
  return radius;
}

inline void check_number_of_models(findings& f, const run_results& run, const defence_result& d) {
  const defence_options options(run, d);
  const double asked = options.number("models");
  const auto models = static_cast<double>(d.models);
  const bool stopped = stopping_radius(options) > 0.0;
  f.check(stopped != d.stopping.empty(), "stopping is not what stop_at_radius asks for");
  if (!stopped) {
    f.check(models == asked, concatenate("models is stated as ", d.models, ", but config.models fixes ", asked));
    return;
  }
  f.check(d.bound == "jeffreys-sequence",
          "the votes decided when to stop, but " + d.bound + " is for a number of models fixed beforehand");
  f.check(models <= asked && d.stopping.size() == d.models, "stopping is not one point per model");
  const double fraction = options.number("decide_fraction");
  for (std::size_t m = 0; m < d.stopping.size(); ++m) {
    const stopping_result& point = d.stopping[m];
    const bool last = m + 1 == d.stopping.size();
    f.check(point.models == m + 1, "stopping: models are not counted one by one");
    f.check(last ? point.decided >= fraction || models == asked : point.decided < fraction,
            concatenate("stopping: after ", m + 1, " models ", point.decided, " of the samples were decided, ",
                        last ? "too few to stop" : "enough to stop"));
  }
}

/// Brief: checks that a defence did not set for itself what the configuration sets for all. `mode` is that of the defence
/// certified alone, and test_noise_scale may be named in words.
inline void check_own_settings(findings& f, const run_results& run, const defence_result& d) {
  for (const auto& [name, own] : d.settings) {
    const option_value* const shared = find_option(run.config, name);
    if (name == "mode" || name == "test_noise_scale" || shared == nullptr) continue;
    if (std::holds_alternative<std::monostate>(own) || std::holds_alternative<std::monostate>(*shared)) continue;
    const bool recorded = run.schema > 1 || name != "test_noise" || d.name != "certified";  // a default of its own
    f.check_recorded(recorded, option_text(own) == option_text(*shared),
                     concatenate("its settings name ", name, " ", option_text(own), ", but config.", name, " is ",
                                 option_text(*shared)));
  }
}

/// Brief: the bound that the configuration asks for: where it names none, the one for counts of hard votes, or for votes
/// that decide when to stop.
[[nodiscard]] inline std::string bound_asked(const defence_options& options) {
  const std::string named = options.text("bound");
  if (!named.empty()) return named;
  return stopping_radius(options) > 0.0 ? "jeffreys-sequence" : "clopper-pearson";
}

/// Brief: checks that the defence used the bound of the configuration, that this bound fits how its number of models
/// was chosen, and that it issued the modes asked for.
inline void check_settings(findings& f, const run_results& run, const defence_result& d) {
  const defence_options options(run, d);
  check_modes(f, run, d);
  if (const std::string mode = row_mode_of(d); !mode.empty()) {
    const bool sampled = mode == "bagging";
    const bool bags = sampled || mode == "bagged_nearest";
    if (bags || mode == "knn_vote") {
      const std::string name = bags ? "bag" : "neighbours";
      const option_value* const asked = find_option(run.config, name);
      f.check(asked == nullptr || std::holds_alternative<std::monostate>(*asked) ||
                  option_text(*asked) == options.text(name),
              concatenate("its settings name ", name, " ", options.text(name), ", which config.", name, " is not"));
    }
    f.check(d.bound == (sampled ? bound_asked(options) : "none"), "its bound " + d.bound + " is not that of its mode");
    f.check(d.alpha == (sampled ? options.number("alpha") : 0.0), concatenate("alpha is stated as ", d.alpha));
    f.check(static_cast<double>(d.models) == (sampled ? options.number("models") : 1.0),
            concatenate("models is stated as ", d.models));
    return;
  }
  if (votes_in_parts(d)) {  // whose numbers of models and parts are their own
    const bool plain = votes_plainly(d);
    const option_value* const asked = plain ? find_option(run.config, "election") : nullptr;
    f.check(asked == nullptr || option_text(*asked) == election_of(d),
            "its election " + election_of(d) + " is not config.election");
    f.check(d.bound == (plain ? "none" : "clopper-pearson"), "its bound " + d.bound + " is not that of parts");
    f.check(d.alpha == (plain ? 0.0 : options.number("alpha")), concatenate("alpha is stated as ", d.alpha));
    return;
  }
  check_own_settings(f, run, d);
  const bool sampled = basis_of(d.bound) != bound_basis::enclosures;
  if (!sampled) {
    f.check(options.text("mode") == "knn1_exact", "its bounds are enclosures, which only knn1_exact has");
    return;
  }
  f.check(d.bound == bound_asked(options), "its bound " + d.bound + " is not config.bound");
  f.check(options.number("alpha") == d.alpha,
          concatenate("alpha is stated as ", d.alpha, ", but config.alpha is ", options.text("alpha")));
  check_number_of_models(f, run, d);
}

/// Brief: with early stopping, checks how many samples the last votes decide for the wanted radius.
inline void check_stopping(findings& f, const defence_result& d, std::size_t certified) {
  if (d.stopping.empty()) return;
  f.check(d.stopping.back().certified == certified,
          concatenate("stopping: ", d.stopping.back().certified,
                      " samples are stated as certified at the wanted radius, recomputed as ", certified));
  std::size_t samples = 0;
  for (const evaluation_result& e : d.evaluations) {
    samples += e.mode == d.evaluations.front().mode && !e.storage_update ? e.n : 0;
  }
  for (const stopping_result& p : d.stopping) {
    const double decided = static_cast<double>(p.certified) + static_cast<double>(p.futile);
    f.check(std::abs(p.decided * static_cast<double>(samples) - decided) < 1e-6,
            concatenate("stopping: after ", p.models, " models decided is not the share of the decided samples"));
  }
}

}  // namespace plain
}  // namespace v1
}  // namespace certssb
