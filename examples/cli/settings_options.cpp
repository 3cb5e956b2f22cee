// SPDX-License-Identifier: MIT
#include "settings_options.hpp"

#include "arrays.hpp"
#include "certssb/io/files.hpp"
#include "certssb/report/json.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <concepts>
#include <limits>
#include <string_view>
#include <type_traits>

namespace certssb::cli {

namespace {

constexpr const char* of_common = "Common";
constexpr const char* of_data = "Data and attack";
constexpr const char* of_training = "Training";
constexpr const char* of_voting = "Votes and certificates";
constexpr const char* of_ascent = "Noise scales by ascent";
constexpr const char* of_sound = "The defence certified";
constexpr const char* of_parts = "Parts of the training set";
constexpr const char* of_rows = "Nearest rows and bags of rows";

/// What the help says of a setting.
struct setting_words {
  std::string_view name;
  const char* group;
  const char* help;
};

constexpr auto words = std::to_array<setting_words>({
    {"dataset", of_common, "idx:FOLDER (MNIST's format), cifar10:FOLDER, cifar100:FOLDER, npy:FOLDER or csv:FILE"},
    {"classes", of_common, "labels of the data set, or all; of two the first is the positive class"},
    {"attack", of_common, "one-pixel, four-pixel, blending or none"},
    {"rate", of_common, "share of the training rows that is poisoned"},
    {"defences", of_common,
     "some of rab, cert-ssb, certified, parts, smoothed-parts, nearest-mean, knn-vote, bagged-nearest, bagging"},
    {"mode", of_common, "adds the defence certified, in this mode (default: uniform): "},
    {"model", of_common, "of rab, cert-ssb and certified: small-cnn (images from 16x16), or logistic (any rows)"},
    {"models", of_common, "M, models in each ensemble"},
    {"sigma", of_common, "common noise scale, in input units (pixels in [0,1])"},
    {"alpha", of_common, "chance that a sample's certificate fails, in (0,1)"},
    {"seed", of_common, "key of the noise (default: from the operating system, once the data are fixed)"},
    {"label_column", of_data, "csv: the name or number (from 1) of the column of labels"},
    {"header", of_data, "csv: whether the first line holds names, yes or no"},
    {"column_ranges", of_data,
     "csv, npy: a file of column,low,high (a name, a number from 1, or *), known beforehand; rows are scaled by it to "
     "[0,1]"},
    {"test_share", of_data, "share of the rows kept for testing, where the data have no test set"},
    {"train_rows", of_data, "only the first n training rows"},
    {"test_rows", of_data, "only the first n test rows"},
    {"delta", of_data, "L2 norm of the trigger, before clipping"},
    {"target", of_data, "the label the attacker wants, renumbered"},
    {"label_map", of_data, "all-to-one or all-to-all"},
    {"data_seed", of_data, "key of which rows are poisoned (default: --seed, where given)"},
    {"epochs", of_training, "passes over the training rows (default: 2; certified: 3)"},
    {"batch", of_training, "rows per training step"},
    {"averaged_tail", of_training,
     "share of the training steps, the last, whose parameters are averaged (default: 0; certified: 2/3)"},
    {"test_noise", of_voting, "noise draws behind a vote: none, one, or mean:k (default: one; certified: mean:16)"},
    {"test_noise_scale", of_voting,
     "common, own (not rab), or a number (default: common; cert-ssb: own; certified: half of --sigma)"},
    {"bound", of_voting,
     "clopper-pearson or jeffreys-sequence (hard votes), or of mean scores mixture, betting, hoeffding-bentkus, kl, "
     "maurer-pontil, hoeffding (default: clopper-pearson; with --stop-at-radius: jeffreys-sequence)"},
    {"radii", of_voting, "radii to report at; a,b,...,c for steps"},
    {"storage", of_voting, "storage-update's radius after adopting a label: min or slack"},
    {"stop_at_radius", of_voting,
     "train only until enough test samples are decided: certified at this radius, or beyond it for good"},
    {"decide_fraction", of_voting, "with --stop-at-radius: how many are enough"},
    {"allow_no_certificate", of_voting, "run even where M and alpha can certify nothing"},
    {"keep_votes", of_voting, "keep each member's votes too"},
    {"parts", of_parts,
     "k, parts of the training set (default: parts a fifth of its rows; smoothed-parts a twelfth; modes with +parts "
     "100)"},
    {"part_by", of_parts, "what decides the part of a row: position, id, or content (defence parts only)"},
    {"part_model", of_parts,
     "members of parts, smoothed-parts and bagging: nearest-mean, logistic or small-cnn (default: nearest-mean)"},
    {"part_map", of_parts,
     "what they see of an image: none (itself), square-root, mean-2 or mean-4 (default: parts and bagging "
     "square-root; smoothed-parts mean-4)"},
    {"part_members", of_parts, "smoothed-parts: M, members of each part (default: 200)"},
    {"part_sigma", of_parts, "smoothed-parts: noise scale of the training rows (default: 1)"},
    {"alpha_part", of_parts, "chance that one part's report is false (default: the best for unanimous votes)"},
    {"election", of_parts,
     "how the defence parts elects a class: plurality, run-off (two rounds), or finite:d (d models see each row)"},
    {"neighbours", of_rows,
     "knn-vote: how many of the nearest rows vote (default: 5/12 of the training rows, 5001 of 12,000)"},
    {"bag", of_rows,
     "bagging and bagged-nearest: rows drawn for each bag (default: 1/400 of the training rows, 30 of 12,000)"},
    {"ascent_steps", of_ascent, "steps of the sigma ascent"},
    {"ascent_draws", of_ascent, "noise draws per step and sample"},
    {"ascent_rate", of_ascent, "step size of the ascent"},
    {"sigma_min", of_ascent, "smallest noise scale of the ascent (default: sigma)"},
    {"sigma_max", of_ascent, "largest noise scale of the ascent"},
    {"ascent_estimator", of_ascent,
     "pathwise, detached (the published code's), or grid: the best of 16 scales instead of an ascent"},
    {"assume", of_sound, "an assumption that you state, where the mode asks for one (repeatable)"},
    {"train_scales", of_sound, "mode frozen: a .npy file of one scale per training row"},
    {"trusted_rows", of_sound,
     "modes quantised and semi_elastic: rows known clean, taken from the end of the training rows"},
    {"semi_elasticity", of_sound, "their selector's slope, of log sigma per input unit"},
    {"rows_changed", of_sound,
     "mode semi_elastic: how many training rows the attacker may have changed, many or (certifying more) one"},
    {"grid_width", of_sound, "mode quantised: steps of log sigma"},
    {"flip_probability", of_sound, "+label-noise: chance that a member flips a label"},
    {"flipped_labels", of_sound, "+label-noise: how many changed labels are covered"},
});

std::string option_name(std::string_view setting) {
  std::string name = "--" + std::string(setting);
  std::ranges::replace(name, '_', '-');
  return name;
}

/// Numbers are read here, and none is below 0; whether they are in range the library says.
template <class Field>
CLI::Option* add_setting(CLI::App& app, const std::string& name, Field& field, const std::string& help) {
  if constexpr (std::same_as<Field, bool>) {
    return app.add_flag(name, field, help);
  } else if constexpr (whole_variable<Field>) {
    return add_whole(app, name, field, help, 0);
  } else if constexpr (real_variable<Field>) {
    return add_real(app, name, field, help, at_least_zero);
  } else if constexpr (std::same_as<Field, std::vector<double>>) {
    const auto read = [&field](const CLI::results_t& text) {
      field = parse_radii(text.front());
      return true;
    };
    return app.add_option(name, read, help)->default_str("0,0.05,...,0.5");
  } else if constexpr (std::same_as<Field, std::vector<std::string>>) {
    if (name == "--assume") return app.add_option(name, field, help)->allow_extra_args(false);
    const auto read = [&field](const CLI::results_t& text) {
      field = split(text.front());
      return true;
    };
    return app.add_option(name, read, help)->default_str("rab,cert-ssb,parts,smoothed-parts,nearest-mean");
  } else if constexpr (std::same_as<Field, std::string>) {
    return app.add_option(name, field, help)->capture_default_str();
  } else {
    return app.add_option(name, field, help);
  }
}

}  // namespace

void add_settings(CLI::App& app, run_settings& settings) {
  const auto read_config = [&settings](const CLI::results_t& file) {
    const json whole = json::parse(read_file(file.front(), std::uintmax_t{1} << 26U), nullptr, false);
    expect<data_error>(whole.is_object(), file.front(), ": expected a JSON object: a run's results.json or its config");
    read_settings(whole.contains("config") ? whole.at("config") : whole, settings);
    return true;
  };
  // First, so that it is read before the options that override it.
  app.add_option("--config", read_config, "settings of an earlier run: its results.json; other options override")
      ->group(of_common)
      ->type_name("FILE");
  for (const setting_words& setting : words) {
    visit_settings(settings, [&](const char* name, auto& field) {
      if (setting.name != name) return;
      const bool of_modes = setting.name == "mode";
      add_setting(app, option_name(name), field, setting.help + (of_modes ? mode_list_text() : std::string()))
          ->group(setting.group);
    });
  }
}

std::string mode_list_text() {
  std::string text;
  for (const mode_facts& mode : mode_table()) {
    if (mode.defence != "certified") continue;
    text += concatenate(text.empty() ? "" : ", ", mode.name, mode.takes_parts ? "[+parts]" : "",
                        mode.takes_joint ? "[+joint]" : "", mode.takes_label_noise ? "[+label-noise]" : "");
    if (!mode.certified) text += " (certifies nothing)";
  }
  return text;
}

std::string with_option_names(const std::string& message) {
  std::string text = message;
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
  for (const setting_words& setting : words) {
    // Names of one word are words of the language too: of those, only the one that a message begins with.
    const std::string name(setting.name);
    const bool unmistakable = name.find('_') != std::string::npos;
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      const bool whole = (at == 0 || !in_word(text[at - 1])) && (end == text.size() || !in_word(text[end]));
      const bool named =
          unmistakable || (at == 0 && text[end] == ':') || (name == "assume" && text.substr(0, at).ends_with("with "));
      if (!whole || !named) continue;
      text.replace(at, name.size(), option_name(name));
      at += 2;
    }
  }
  return text;
}

}  // namespace certssb::cli
