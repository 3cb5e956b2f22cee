// SPDX-License-Identifier: MIT
#pragma once
// Brief: published experiments by name: the settings of their authors' code, and what a run changes of them.

#include "certssb/core/expect.hpp"
#include "certssb/report/results.hpp"
#include "certssb/run/run_settings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a published experiment. Where the data lie it leaves to the caller.
struct preset_facts {
  std::string_view name;
  std::string_view source;     ///< whose experiment it is, in words
  void (*set)(run_settings&);  ///< writes its settings over those of the caller
};

namespace detail {

/// Brief: what all experiments of Cert-SSB share: one pixel, 2 % of the rows, label 0 the target.
/// Reference: the released code of Cert-SSB; sigma is the third of its four scales.
inline void set_cert_ssb(run_settings& s, std::size_t epochs, std::size_t batch) {
  s.data.attack = "one-pixel";
  s.data.delta = 1.0;
  s.data.rate = 0.02;
  s.data.target = 0;
  s.data.label_map = "all-to-one";
  s.training.sigma = 0.5;
  s.training.models = 1000;
  s.training.epochs = epochs;
  s.training.batch = batch;
  s.certification.alpha = 0.001;
  s.certification.bound = "hoeffding";
  s.certification.radii = {0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5};
  s.defences = {"rab", "cert-ssb"};
}

/// Brief: what all experiments of RAB share.
/// Reference: the released code of RAB, its defaults and the examples of its README.
inline void set_rab(run_settings& s, const char* attack, double delta, double rate, double sigma) {
  s.data.attack = attack;
  s.data.delta = delta;
  s.data.rate = rate;
  s.data.target = 0;
  s.data.label_map = "all-to-one";
  s.training.sigma = sigma;
  s.training.models = 1000;
  s.certification.alpha = 0.001;
  s.certification.bound = "hoeffding";
  s.defences = {"rab"};
}

inline void set_cert_ssb_mnist(run_settings& s) {
  set_cert_ssb(s, 20, 128);
  s.data.classes = "1,0";
  s.training.model = "small-cnn";
}

inline void set_cert_ssb_cifar10(run_settings& s) {
  set_cert_ssb(s, 10, 64);
  s.data.classes = "0,2";
  s.training.model = "resnet-cifar";
}

/// Brief: their pair of classes is not public in ImageNette's form: a parachute and a dog stand for it.
inline void set_cert_ssb_imagenette(run_settings& s) {
  set_cert_ssb(s, 5, 32);
  s.data.classes = "n03888257,n02102040";
  s.data.resize = "224x224";
  s.data.channels = 3;
  s.training.model = "resnet18";
  s.training.models = 200;
  s.training.learning_rate = 1e-4;
}

inline void set_rab_mnist(run_settings& s) {
  set_rab(s, "blending", 1.0, 0.1, 2.0);
  s.data.classes = "1,0";
  s.training.model = "small-cnn";
  s.training.epochs = 20;
  s.training.batch = 128;
  s.certification.radii = {0.0, 0.2, 0.5, 1.0, 2.0, 5.0};
}

inline void set_rab_cifar10(run_settings& s) {
  set_rab(s, "four-pixel", 0.1, 0.02, 1.0);
  s.data.classes = "0,2";
  s.training.model = "resnet-cifar";
  s.training.epochs = 10;
  s.training.batch = 64;
  s.certification.radii = {0.0, 0.05, 0.1, 0.2, 0.5, 1.0};
}

/// Brief: the nearest row, exactly. Columns are in units of 100, the range of a share in per cent, and lengths with them;
/// the last two of 56 are run lengths as shares of the total, and the label is behind them.
inline void set_rab_spambase(run_settings& s) {
  set_rab(s, "one-pixel", 0.001, 0.02, 0.01);
  s.data.classes = "1,0";
  s.data.header = "no";
  s.data.label_column = "57";
  s.data.test_share = 0.2;
  s.training.model = "nearest-neighbours";
  s.rows.neighbours = 1;
  s.certification.radii = {0.0, 0.0005, 0.001, 0.002, 0.005, 0.01};
  s.certification.bound = "clopper-pearson";  // of nothing: the mode samples nothing
  s.certified.mode = "knn1_exact";
  s.defences = {"certified"};
}

}  // namespace detail

/// Brief: every preset by name.
inline constexpr auto preset_table = std::to_array<preset_facts>({
    {"cert-ssb-mnist", "Cert-SSB on MNIST's 0 and 1", &detail::set_cert_ssb_mnist},
    {"cert-ssb-cifar10", "Cert-SSB on CIFAR-10's airplane and bird", &detail::set_cert_ssb_cifar10},
    {"cert-ssb-imagenette", "Cert-SSB on two classes of ImageNette", &detail::set_cert_ssb_imagenette},
    {"rab-mnist", "RAB on MNIST's 0 and 1", &detail::set_rab_mnist},
    {"rab-cifar10", "RAB on CIFAR-10's airplane and bird", &detail::set_rab_cifar10},
    {"rab-spambase", "RAB's nearest row on spambase", &detail::set_rab_spambase},
});

/// Brief: all names in words.
[[nodiscard]] inline std::string known_presets() {
  std::string text;
  for (const preset_facts& known : preset_table) {
    const bool last = known.name == preset_table.back().name;
    text += concatenate(text.empty() ? "" : last ? " or " : ", ", known.name);
  }
  return text;
}

/// Throws: argument_error for an unknown name.
[[nodiscard]] inline const preset_facts& preset_of(std::string_view name) {
  const auto found = std::ranges::find(preset_table, name, &preset_facts::name);
  expect(found != preset_table.end(), "preset: expected ", known_presets(), ", got ", name);
  return *found;
}

/// Brief: writes the settings of a preset, and its name, over others.
/// Throws: argument_error for an unknown name.
inline void set_preset(run_settings& s, std::string_view name) {
  preset_of(name).set(s);
  s.preset = name;
}

/// Brief: what a run changed of its preset, a setting each: "models 20 (1000)". Where the data lie, and keys, are no
/// changes.
/// Throws: argument_error for an unknown preset.
[[nodiscard]] inline std::vector<std::string> changes_of_preset(const run_settings& s) {
  constexpr auto own = std::to_array<std::string_view>({"dataset", "column_ranges", "seed", "data_seed"});
  run_settings published;
  set_preset(published, s.preset.value_or(""));
  const option_list asked = options_of(s);
  const option_list theirs = options_of(published);
  const auto words = [](const std::string& name, const option_value& value) {
    if (!std::holds_alternative<std::monostate>(value)) return option_text(value);
    return std::string(name == "train_rows" || name == "test_rows" ? "all" : "default");
  };
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& [name, value] = asked[i];
    if (value == theirs[i].second || std::ranges::find(own, name) != own.end()) continue;
    changes.push_back(concatenate(name, " ", words(name, value), " (", words(name, theirs[i].second), ")"));
  }
  return changes;
}

/// Brief: the preset and what was changed of it, in a line; empty without one.
/// Throws: argument_error for an unknown preset.
[[nodiscard]] inline std::string preset_text(const run_settings& s) {
  if (!s.preset) return "";
  const std::vector<std::string> changes = changes_of_preset(s);
  std::string text = concatenate("Preset ", *s.preset, ", ", preset_of(*s.preset).source);
  if (changes.empty()) return text + ", with all of its settings.";
  text += "; changed (theirs in brackets): ";
  for (const std::string& change : changes) text += concatenate(&change == changes.data() ? "" : ", ", change);
  return text + ".";
}

}  // namespace v1
}  // namespace certssb
