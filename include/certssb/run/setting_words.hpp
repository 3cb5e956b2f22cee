// SPDX-License-Identifier: MIT
#pragma once
// Brief: what each setting of a run means, in a line: the one table of words for help texts and forms.

#include "certssb/certificate/named.hpp"
#include "certssb/core/expect.hpp"

#include <array>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: what is said of a setting. Other settings are named in it as visit_settings names them, and in `quotes` where
/// the name is a word of the language too.
struct setting_words {
  std::string_view name;   ///< as visit_settings gives it
  std::string_view group;  ///< settings of one group are shown together
  std::string_view help;
};

/// Brief: the words of every setting, those of a group together, the common ones first.
inline constexpr auto table_of_settings = std::to_array<setting_words>({
    {"preset", "Common", "the published experiment that the settings were taken from"},
    {"dataset", "Common",
     "idx:FOLDER (MNIST's format), cifar10:FOLDER, cifar100:FOLDER, images:FOLDER (a folder per class), npy:FOLDER or "
     "csv:FILE"},
    {"classes", "Common",
     "labels (or their names, where they have some) of the data set, or all; of two the first is the positive class"},
    {"attack", "Common",
     "one-pixel, four-pixel, blending, badnets, blended, sig, wanet, label-consistent, none, or given:FILE (a .npy "
     "file "
     "of the ids of training rows that are poisoned already)"},
    {"rate", "Common", "share of the training rows that is poisoned"},
    {"defences", "Common",
     "some of rab, cert-ssb, certified, parts, smoothed-parts, nearest-mean, knn-vote, bagged-nearest, bagging"},
    {"mode", "Common", "adds the defence certified, in this mode (default: uniform): "},
    {"model", "Common",
     "of rab, cert-ssb and certified: small-cnn (images), logistic, mlp, nearest-mean or nearest-neighbours; where "
     "built "
     "with PyTorch also resnet-cifar, resnet18 or torchscript:FILE"},
    {"models", "Common", "M, models in each ensemble"},
    {"sigma", "Common", "common noise scale, in input units (pixels in [0,1])"},
    {"alpha", "Common", "chance that a sample's certificate fails, in (0,1)"},
    {"seed", "Common", "key of the noise (default: from the operating system, once the data are fixed)"},
    {"label_column", "Data and attack", "csv: the name or number (from 1) of the column of labels"},
    {"header", "Data and attack", "csv: whether the first line holds names, yes or no"},
    {"column_ranges", "Data and attack",
     "csv, npy: a file of column,low,high (a name, a number from 1, or *), known beforehand; rows are scaled by it to "
     "[0,1]"},
    {"categories", "Data and attack",
     "csv: a file {\"column\": {\"text\": number}}, known beforehand, of columns that hold texts; the labels' too"},
    {"resize", "Data and attack", "images: height x width of every image, such as 64x64"},
    {"channels", "Data and attack", "images: 1 (grey) or 3 (colour) for all"},
    {"test_share", "Data and attack", "share of the rows kept for testing, where the data have no test set"},
    {"train_rows", "Data and attack", "only the first n training rows"},
    {"test_rows", "Data and attack", "only the first n test rows"},
    {"delta", "Data and attack",
     "strength of the trigger (default): L2 norm before clipping (one-pixel, four-pixel, blending: 1), side of the "
     "patch "
     "(badnets: 3), share of the picture (blended: 0.2), amplitude (sig: 40/255), of the warp (wanet: 0.5), L2 length "
     "by which poisoned rows are moved (label-consistent: 1.5)"},
    {"cover_rate", "Data and attack",
     "share that gets the trigger and keeps its label (default: wanet twice `rate`, others 0)"},
    {"picture", "Data and attack", "badnets, blended: a .npy file of one input, instead of a patch or noise"},
    {"target", "Data and attack", "the label the attacker wants, renumbered"},
    {"label_map", "Data and attack",
     "all-to-one, all-to-all, source-specific:A (renumbered) or clean-label (default: all-to-one; sig and "
     "label-consistent: clean-label)"},
    {"data_seed", "Data and attack", "key of which rows are poisoned (default: `seed`, where given)"},
    {"epochs", "Training", "passes over the training rows (default: 2; certified: 3)"},
    {"initial_weights", "Training",
     "torchscript:FILE: fresh (drawn for each member) or file (those of the file, which saw none of the training "
     "rows)"},
    {"batch", "Training", "rows per training step"},
    {"learning_rate", "Training", "step size of Adam"},
    {"averaged_tail", "Training",
     "share of the training steps, the last, whose parameters are averaged (default: 0; certified: 2/3)"},
    {"dp_clip", "Training",
     "DP-SGD of rab, cert-ssb and certified: largest norm of a row's gradient; 0: plain training"},
    {"dp_noise", "Training", "DP-SGD: noise on the sum of gradients, in units of dp_clip; adds nothing to a radius"},
    {"test_noise", "Votes and certificates",
     "noise draws behind a vote: none, one, or mean:k (default: one; certified: mean:16)"},
    {"test_noise_scale", "Votes and certificates",
     "common, own (not rab), or a number (default: common; cert-ssb: own; certified: half of `sigma`)"},
    {"bound", "Votes and certificates",
     "clopper-pearson or jeffreys-sequence (hard votes), or of mean scores mixture, betting, hoeffding-bentkus, kl, "
     "maurer-pontil, hoeffding (default: clopper-pearson; with stop_at_radius: jeffreys-sequence)"},
    {"radii", "Votes and certificates", "radii to report at; a,b,...,c for steps"},
    {"storage", "Votes and certificates", "storage-update's radius after adopting a label: min or slack"},
    {"stop_at_radius", "Votes and certificates",
     "train only until enough test samples are decided: certified at this radius, or beyond it for good"},
    {"decide_fraction", "Votes and certificates", "with stop_at_radius: how many are enough"},
    {"allow_no_certificate", "Votes and certificates", "run even where M and alpha can certify nothing"},
    {"keep_votes", "Votes and certificates", "keep each member's votes too"},
    {"keep_models", "Votes and certificates", "keep the models too, so that predict can ask them about new inputs"},
    {"parts", "Parts of the training set",
     "k, parts of the training set (default: parts a fifth of its rows; smoothed-parts a twelfth; modes with +parts "
     "100)"},
    {"part_by", "Parts of the training set",
     "what decides the part of a row: position, id, or content (defence parts only)"},
    {"part_model", "Parts of the training set",
     "members of parts, smoothed-parts and bagging: nearest-mean, logistic or small-cnn (default: nearest-mean)"},
    {"part_map", "Parts of the training set",
     "what they see of an image: none (itself), square-root, mean-2 or mean-4 (default: parts and bagging "
     "square-root; smoothed-parts mean-4)"},
    {"part_members", "Parts of the training set", "smoothed-parts: M, members of each part (default: 200)"},
    {"part_sigma", "Parts of the training set", "smoothed-parts: noise scale of the training rows (default: 1)"},
    {"alpha_part", "Parts of the training set",
     "chance that one part's report is false (default: the best for unanimous votes)"},
    {"election", "Parts of the training set",
     "how the defence parts elects a class: plurality, run-off (two rounds), or finite:d (d models see each row)"},
    {"neighbours", "Nearest rows and bags of rows",
     "how many of the nearest rows vote (default: knn-vote 5/12 of the training rows; model nearest-neighbours 15)"},
    {"bag", "Nearest rows and bags of rows",
     "bagging and bagged-nearest: rows drawn for each bag (default: 1/400 of the training rows, 30 of 12,000)"},
    {"ascent_steps", "Noise scales by ascent", "steps of the sigma ascent"},
    {"ascent_draws", "Noise scales by ascent", "noise draws per step and sample"},
    {"ascent_rate", "Noise scales by ascent", "step size of the ascent"},
    {"sigma_min", "Noise scales by ascent", "smallest noise scale of the ascent (default: sigma)"},
    {"sigma_max", "Noise scales by ascent", "largest noise scale of the ascent"},
    {"ascent_estimator", "Noise scales by ascent",
     "pathwise, detached (the published code's), or grid: the best of 16 scales instead of an ascent"},
    {"assume", "The defence certified", "an assumption that you state, where the mode asks for one (repeatable)"},
    {"train_scales", "The defence certified", "mode frozen: a .npy file of one scale per training row"},
    {"trusted_rows", "The defence certified",
     "modes quantised and semi_elastic: rows known clean, taken from the end of the training rows"},
    {"semi_elasticity", "The defence certified", "their selector's slope, of log sigma per input unit"},
    {"rows_changed", "The defence certified",
     "mode semi_elastic: how many training rows the attacker may have changed, many or (certifying more) one"},
    {"grid_width", "The defence certified", "mode quantised: steps of log sigma"},
    {"flip_probability", "The defence certified", "+label-noise: chance that a member flips a label"},
    {"flipped_labels", "The defence certified", "+label-noise: how many changed labels are covered"},
});

/// Brief: the modes of the table of modes, with the flags that each takes.
[[nodiscard]] inline std::string mode_list_text() {
  std::string text;
  for (const mode_facts& mode : mode_table()) {
    if (mode.defence != "certified") continue;
    text += concatenate(text.empty() ? "" : ", ", mode.name, mode.takes_parts ? "[+parts]" : "",
                        mode.takes_joint ? "[+joint]" : "", mode.takes_label_noise ? "[+label-noise]" : "");
    if (!mode.certified) text += " (certifies nothing)";
  }
  return text;
}

/// Brief: the whole help of a setting; that of the mode lists the modes.
[[nodiscard]] inline std::string help_of(const setting_words& setting) {
  return std::string(setting.help) + (setting.name == "mode" ? mode_list_text() : std::string());
}

}  // namespace v1
}  // namespace certssb
