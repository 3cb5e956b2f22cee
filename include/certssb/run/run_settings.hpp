// SPDX-License-Identifier: MIT
#pragma once
// Brief: all settings of a run, the defences they name, and their form in results.json: by the names of the options.

#include "certssb/report/json.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/model_checks.hpp"
#include "certssb/run/part_defaults.hpp"
#include "certssb/run/row_defaults.hpp"
#include "certssb/run/settings.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: everything that the results of a run depend on.
struct run_settings {
  data_settings data = {};
  training_settings training = {};
  mode_settings certified = {};
  certification_settings certification = {};
  part_settings parts = {};
  row_settings rows = {};
  std::vector<std::string> defences = {"rab", "cert-ssb", "parts", "smoothed-parts", "nearest-mean"};
  bool keep_votes = false;                 ///< keep each member's votes, [M,n]
  bool keep_models = false;                ///< keep the models, which then answer new inputs
  std::optional<std::uint64_t> seed;       ///< key of the noise; by default the operating system gives one
  std::optional<std::string> preset = {};  ///< what the settings were taken from, before some were changed

  /// Brief: the names of the defences in the order in which they run.
  [[nodiscard]] std::vector<std::string> defence_names() const;
  /// Brief: what a defence trains and votes with.
  /// Throws: argument_error for an unknown name, or settings that do not go together.
  [[nodiscard]] defence_settings defence(std::string_view name) const;
  /// Throws: argument_error naming the first setting out of range.
  void validate() const;
};

/// Brief: the names of all defences.
inline constexpr auto known_defences =
    std::to_array<std::string_view>({"rab", "cert-ssb", "certified", "parts", "smoothed-parts", "nearest-mean",
                                     "knn-vote", "bagged-nearest", "bagging"});

/// Brief: calls visit(name, field) for every setting: the one list of their names, in the order of results.json.
template <class Settings, class Visit>
void visit_settings(Settings& s, Visit&& visit) {
  visit("preset", s.preset);
  visit("dataset", s.data.dataset);
  visit("classes", s.data.classes);
  visit("label_column", s.data.label_column);
  visit("header", s.data.header);
  visit("column_ranges", s.data.column_ranges);
  visit("categories", s.data.categories);
  visit("resize", s.data.resize);
  visit("channels", s.data.channels);
  visit("test_share", s.data.test_share);
  visit("train_rows", s.data.train_rows);
  visit("test_rows", s.data.test_rows);
  visit("attack", s.data.attack);
  visit("delta", s.data.delta);
  visit("rate", s.data.rate);
  visit("cover_rate", s.data.cover_rate);
  visit("picture", s.data.picture);
  visit("target", s.data.target);
  visit("label_map", s.data.label_map);
  visit("sigma", s.training.sigma);
  visit("model", s.training.model);
  visit("initial_weights", s.training.initial_weights);
  visit("models", s.training.models);
  visit("epochs", s.training.epochs);
  visit("batch", s.training.batch);
  visit("learning_rate", s.training.learning_rate);
  visit("averaged_tail", s.training.averaged_tail);
  visit("dp_clip", s.training.dp_clip);
  visit("dp_noise", s.training.dp_noise);
  visit("alpha", s.certification.alpha);
  visit("bound", s.certification.bound);
  visit("radii", s.certification.radii);
  visit("defences", s.defences);
  visit("mode", s.certified.mode);
  visit("assume", s.certified.assume);
  visit("train_scales", s.certified.train_scales);
  visit("trusted_rows", s.certified.trusted_rows);
  visit("semi_elasticity", s.certified.semi_elasticity);
  visit("rows_changed", s.certified.rows_changed);
  visit("grid_width", s.certified.grid_width);
  visit("flip_probability", s.certified.flip_probability);
  visit("flipped_labels", s.certified.flipped_labels);
  visit("parts", s.parts.parts);
  visit("part_by", s.parts.part_by);
  visit("alpha_part", s.parts.alpha_part);
  visit("part_model", s.parts.model);
  visit("part_map", s.parts.map);
  visit("part_sigma", s.parts.sigma);
  visit("part_members", s.parts.members);
  visit("election", s.parts.election);
  visit("neighbours", s.rows.neighbours);
  visit("bag", s.rows.bag);
  visit("stop_at_radius", s.certification.stop_at_radius);
  visit("decide_fraction", s.certification.decide_fraction);
  visit("test_noise", s.training.test_noise);
  visit("test_noise_scale", s.training.test_noise_scale);
  visit("ascent_steps", s.training.ascent_steps);
  visit("ascent_draws", s.training.ascent_draws);
  visit("ascent_rate", s.training.ascent_rate);
  visit("sigma_min", s.training.sigma_min);
  visit("sigma_max", s.training.sigma_max);
  visit("ascent_estimator", s.training.ascent_estimator);
  visit("storage", s.certification.storage);
  visit("allow_no_certificate", s.certification.allow_no_certificate);
  visit("keep_votes", s.keep_votes);
  visit("keep_models", s.keep_models);
  visit("seed", s.seed);
  visit("data_seed", s.data.data_seed);
}

namespace detail {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
[[nodiscard]] option_value option_of_setting(const T& value) {
  if constexpr (is_optional<T>::value) {
    return value ? option_of_setting(*value) : option_value(std::monostate{});
  } else if constexpr (std::unsigned_integral<T> && !std::same_as<T, bool>) {
    return std::uint64_t{value};
  } else if constexpr (std::signed_integral<T>) {
    return std::int64_t{value};
  } else {
    return value;
  }
}

template <class T>
void read_setting(const json& j, T& field) {
  if constexpr (is_optional<T>::value) {
    if (j.is_null()) {
      field.reset();
    } else {
      read_setting(j, field.emplace());
    }
  } else if constexpr (std::integral<T> && !std::same_as<T, bool>) {
    // Reals and numbers out of range are refused, not cut.
    if (!j.is_number_integer()) throw data_error("expected a whole number");
    if (j.is_number_unsigned() ? !std::in_range<T>(j.get<std::uint64_t>()) : !std::in_range<T>(j.get<std::int64_t>())) {
      throw data_error("the whole number is out of range");
    }
    j.get_to(field);
  } else if constexpr (std::same_as<T, double>) {
    if (!j.is_number()) throw data_error("expected a number");
    j.get_to(field);
  } else {
    j.get_to(field);
  }
}

}  // namespace detail

/// Brief: the settings as results.json holds them.
[[nodiscard]] inline option_list options_of(const run_settings& s) {
  option_list options;
  visit_settings(
      s, [&](const char* name, const auto& field) { options.emplace_back(name, detail::option_of_setting(field)); });
  return options;
}

/// Brief: sets the options in an object of names and values; keys that are not settings are ignored.
/// Throws: data_error naming the setting whose value is of another type or out of its type's range.
inline void read_settings(const json& config, run_settings& s) {
  visit_settings(s, [&](const char* name, auto& field) {
    const auto found = config.find(name);
    if (found == config.end()) return;
    try {
      detail::read_setting(*found, field);
    } catch (const std::exception& wrong) {
      throw data_error(concatenate(name, ": ", wrong.what(), ", got ", found->dump()));
    }
  });
}

inline std::vector<std::string> run_settings::defence_names() const {
  for (const std::string& name : defences) {
    if (std::ranges::find(known_defences, name) != known_defences.end()) continue;
    std::string all;
    for (const std::string_view known : known_defences) all.append(all.empty() ? "" : ", ").append(known);
    throw argument_error(concatenate("defences: expected some of ", all, ", got ", name));
  }
  std::vector<std::string> names;
  for (const std::string_view name : known_defences) {
    const bool by_mode = name == "certified" && certified.mode.has_value();
    if (by_mode || std::ranges::find(defences, name) != defences.end()) names.emplace_back(name);
  }
  return names;
}

// The choices of `certified` were made on held-out training rows (docs/sound_settings.md).
inline defence_settings run_settings::defence(std::string_view name) const {
  if (name == "parts" || name == "smoothed-parts") {
    defence_settings d = detail::settings_of_parts(training, parts, name == "smoothed-parts");
    detail::settle_parts(certification, parts, d);
    return d;
  }
  if (name != "rab" && name != "cert-ssb" && name != "certified") {
    defence_settings d = detail::settings_of_rows(name, training, parts, rows, certification);
    d.smoothing.keep_votes = keep_votes;
    return d;
  }
  const bool sound = name == "certified";
  const bool paper = name == "cert-ssb";
  defence_settings d;
  d.name = name;
  d.mode = sound ? certified.request() : mode_request::parse(paper ? "given_scales" : "uniform");
  d.published = paper;
  if (d.mode.parts) d.parts = parts.parts.value_or(100);
  const bool exact = facts_of(d.mode.base).training == member_training::neighbours;
  d.model = training.model;
  d.initial_weights = training.initial_weights;
  if (!exact && d.model == "nearest-neighbours") {
    constexpr std::size_t usual = 15;
    d.neighbours = rows.neighbours.value_or(std::min(usual, parts.training_rows));
  }
  d.epochs = training.epochs.value_or(sound ? 3 : 2);
  d.batch = training.batch;
  d.learning_rate = training.learning_rate;
  d.averaged_tail = training.averaged_tail.value_or(sound ? 2.0 / 3.0 : 0.0);
  d.test_noise = training.test_noise.value_or(exact ? "none" : sound && !d.mode.joint ? "mean:16" : "one");
  d.estimator = training.ascent_estimator;
  d.ascent = training.ascent();
  d.dp = {.clip = training.dp_clip, .noise = training.dp_noise};
  d.smoothing = {.sigma = training.sigma,
                 .test_sigma = {},
                 .own_scales = {},
                 .models = training.models,
                 .vote = {detail::draws_of(d.test_noise)},
                 .keep_scores = !certification.counts_votes(),
                 .keep_votes = keep_votes};
  const bool noised = d.smoothing.vote.draws > 0;
  expect(!d.mode.joint || noised,
         "test_noise: +joint covers moves of the test input, which needs noise on it, got none");
  detail::settle_parts(certification, parts, d);
  expect(!exact || !noised, "test_noise: knn1_exact is of test inputs without noise, got ", d.test_noise);

  detail::expect_model_fits(d, training.test_noise_scale == "own");

  const std::string scale = training.test_noise_scale.value_or(paper                    ? "own"
                                                               : sound && !d.mode.joint ? "half"
                                                                                        : "common");
  if (scale == "own" && paper) return d;
  if (scale == "own" && sound) {
    expect(!d.mode.joint, "test_noise_scale: +joint wants one scale fixed beforehand, got own");
    d.smoothing.own_scales = d.ascent;
    return d;
  }
  double test_sigma = training.sigma;
  if (scale == "half") {
    test_sigma = 0.5 * training.sigma;
  } else if (scale != "common" && scale != "own") {
    const auto [end, failure] = std::from_chars(scale.data(), scale.data() + scale.size(), test_sigma);
    expect(
        failure == std::errc{} && end == scale.data() + scale.size() && std::isfinite(test_sigma) && test_sigma > 0.0,
        "test_noise_scale: expected common, own or a number above 0, got ", scale);
  }
  d.test_noise_scale = concatenate(test_sigma);
  d.smoothing.test_sigma = test_sigma;
  return d;
}

inline void run_settings::validate() const {
  data.validate();
  training.validate();
  certified.validate();
  certification.validate();
  parts.validate();
  rows.validate();
  if (training.dp_clip > 0.0) detail::expect_private_steps(defence_names());
  for (const std::string& name : defence_names()) {
    if (name == "certified") certified.expect_assumptions();
    if (name == "cert-ssb") training.ascent().validate();
    const defence_settings d = defence(name);
    if (keep_models) detail::expect_keepable(d);
  }
}

}  // namespace v1
}  // namespace certssb
