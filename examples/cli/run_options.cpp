// SPDX-License-Identifier: MIT
#include "run_options.hpp"

#include "arrays.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/certificate/assume.hpp"

#include <algorithm>
#include <cmath>

namespace certssb::cli {

void run_options::add_to(CLI::App& app) {
  app.add_option("--dataset", dataset, "idx:FOLDER, images in MNIST's format")->capture_default_str();
  app.add_option("--classes", classes, "labels of the data set, or all; of two the first is the positive class")
      ->capture_default_str();
  app.add_option("--train-rows", train_rows, "only the first n training images");
  app.add_option("--test-rows", test_rows, "only the first n test images");
  app.add_option("--attack", attack, "one-pixel, four-pixel, blending or none")
      ->check(CLI::IsMember({"one-pixel", "four-pixel", "blending", "none"}))
      ->capture_default_str();
  app.add_option("--delta", delta, "L2 norm of the trigger, before clipping")->capture_default_str();
  app.add_option("--rate", rate, "share of the training rows that is poisoned")->capture_default_str();
  app.add_option("--target", target, "the label the attacker wants, renumbered")->capture_default_str();
  app.add_option("--label-map", label_map, "all-to-one")->check(CLI::IsMember({"all-to-one"}))->capture_default_str();
  app.add_option("--sigma", sigma, "common noise scale, in input units (pixels in [0,1])")->capture_default_str();
  app.add_option("--models", models, "M, models in each ensemble")->capture_default_str();
  app.add_option("--epochs", epochs, "passes over the training rows (default: 2; certified: 3)");
  app.add_option("--averaged-tail", averaged_tail,
                 "share of the training steps, the last, whose parameters are averaged (default: 0; certified: 2/3)");
  app.add_option("--batch", batch, "rows a training step")->capture_default_str();
  app.add_option("--alpha", alpha, "chance that a sample's certificate fails, in (0,1)")->capture_default_str();
  app.add_option("--bound", bound,
                 "clopper-pearson or jeffreys-sequence (hard votes), or of mean scores mixture, betting, "
                 "hoeffding-bentkus, kl, maurer-pontil, hoeffding (default: clopper-pearson; with --stop-at-radius: "
                 "jeffreys-sequence)")
      ->check(CLI::IsMember(std::vector<std::string>(bound_names.begin(), bound_names.end())));
  app.add_option("--radii", radii, "radii to report at; a,b,...,c for steps")->capture_default_str();
  app.add_option("--defences", defences, "some of rab, cert-ssb, certified")->capture_default_str();
  app.add_option("--mode", mode,
                 "adds the defence certified, in this mode, MODE[+joint][+label-noise] (default: uniform)");
  app.add_option("--assume", assume, "an assumption that you state, where the mode asks for one (repeatable)");
  app.add_option("--train-scales", train_scales, "mode frozen: a .npy file of one scale a training row");
  app.add_option("--trusted-rows", trusted_rows,
                 "modes quantised and semi_elastic: rows known clean, taken from the end of the training rows")
      ->capture_default_str();
  app.add_option("--semi-elasticity", semi_elasticity, "their selector's slope, of log sigma per input unit")
      ->capture_default_str();
  app.add_option(
         "--rows-changed", rows_changed,
         "mode semi_elastic: how many training rows the attacker may have changed, many or (certifying more) one")
      ->check(CLI::IsMember({"many", "one"}))
      ->capture_default_str();
  app.add_option("--grid-width", grid_width, "mode quantised: steps of log sigma")->capture_default_str();
  app.add_option("--flip-probability", flip_probability, "+label-noise: chance that a member flips a label")
      ->capture_default_str();
  app.add_option("--flipped-labels", flipped_labels, "+label-noise: how many changed labels are covered")
      ->capture_default_str();
  app.add_option("--stop-at-radius", stop_at_radius,
                 "train only until enough test samples are decided: certified at this radius, or without hope of it");
  app.add_option("--decide-fraction", decide_fraction, "with --stop-at-radius: how many are enough")
      ->capture_default_str();
  app.add_option("--test-noise", test_noise,
                 "noise draws behind a vote: none, one, or mean:k (default: one; certified: mean:16)");
  app.add_option("--test-noise-scale", test_noise_scale,
                 "common, own (not rab), or a number (default: common; cert-ssb: own; certified: half of --sigma)");
  app.add_option("--ascent-steps", ascent_steps, "steps of the sigma ascent")->capture_default_str();
  app.add_option("--ascent-draws", ascent_draws, "noise draws a step and sample")->capture_default_str();
  app.add_option("--ascent-rate", ascent_rate, "step size of the ascent")->capture_default_str();
  app.add_option("--sigma-min", sigma_min, "smallest noise scale of the ascent (default: sigma)");
  app.add_option("--sigma-max", sigma_max, "largest noise scale of the ascent")->capture_default_str();
  app.add_option("--ascent-estimator", ascent_estimator,
                 "pathwise, detached (the published code's), or grid: the best of 16 scales instead of an ascent")
      ->check(CLI::IsMember({"pathwise", "detached", "grid"}))
      ->capture_default_str();
  app.add_option("--storage", storage, "storage-update's radius after adopting a label: min or slack")
      ->check(CLI::IsMember({"min", "slack"}))
      ->capture_default_str();
  app.add_flag("--allow-no-certificate", allow_no_certificate, "run even where M and alpha can certify nothing");
  app.add_flag("--dry-run", dry_run, "only say what time and memory the run will take, from a short calibration");
  app.add_option("--seed", seed, "key of all randomness (default: from the operating system)");
  app.add_option("--threads", threads, "threads; 0: as many as the machine has")->capture_default_str();
  app.add_option("--out", out, "folder for the results")->capture_default_str();
  say.add_to(app);
}

void run_options::validate() const {
  expect(dataset.starts_with("idx:") && dataset.size() > 4, "--dataset: expected idx:FOLDER, got ", dataset);
  expect(train_rows != 0U && test_rows != 0U, "--train-rows and --test-rows: expected at least 1, got 0");
  expect(std::isfinite(delta) && delta > 0.0, "--delta: expected a finite number above 0, got ", delta);
  expect(rate > 0.0 && rate <= 1.0, "--rate: expected a number in (0,1], got ", rate);
  expect(std::isfinite(sigma) && sigma > 0.0, "--sigma: expected a finite number above 0, got ", sigma);
  expect(models > 0 && models < (1U << 24U), "--models: expected 1 to 2^24 - 1, got ", models);
  expect(epochs != 0U, "--epochs: expected at least 1, got 0");
  expect(!averaged_tail || (*averaged_tail >= 0.0 && *averaged_tail <= 1.0),
         "--averaged-tail: expected a number in [0,1], got ", averaged_tail.value_or(0.0));
  expect(batch > 0, "--batch: expected at least 1, got 0");
  expect(alpha > 0.0 && alpha < 1.0, "--alpha: expected a number in (0,1), got ", alpha);
  expect(threads <= 4096, "--threads: expected at most 4096, got ", threads);
  expect(!out.empty(), "--out: expected a folder, got nothing");
  static_cast<void>(parse_radii(radii));
  expect(!stop_at_radius || (std::isfinite(*stop_at_radius) && *stop_at_radius > 0.0),
         "--stop-at-radius: expected a finite number above 0, got ", stop_at_radius.value_or(0.0));
  expect(!stop_at_radius || bound_name() == jeffreys_sequence::name, "--bound: with --stop-at-radius only ",
         jeffreys_sequence::name, " holds, which is valid at any time, got ", bound_name());
  expect(flip_probability >= 0.0 && flip_probability < 0.5, "--flip-probability: expected a number in [0,1/2), got ",
         flip_probability);
  expect(flipped_labels <= 100'000, "--flipped-labels: expected at most 100000, got ", flipped_labels);
  expect(std::isfinite(semi_elasticity) && semi_elasticity > 0.0,
         "--semi-elasticity: expected a finite number above 0, got ", semi_elasticity);
  expect(std::isfinite(grid_width) && grid_width > 0.0, "--grid-width: expected a finite number above 0, got ",
         grid_width);
  expect(decide_fraction > 0.0 && decide_fraction <= 1.0, "--decide-fraction: expected a number in (0,1], got ",
         decide_fraction);
  if (has_defence("certified")) expect_assumptions();
  for (const std::string& name : split(defences)) {
    expect(name == "rab" || name == "cert-ssb" || name == "certified",
           "--defences: expected some of rab, cert-ssb, certified, got ", defences);
  }
  for (const std::string& name : defence_names()) {
    if (name == "cert-ssb") ascent().validate();
    static_cast<void>(settings(name));
  }
}

bool run_options::has_defence(std::string_view name) const {
  const std::vector<std::string> names = defence_names();
  return std::ranges::find(names, name) != names.end();
}

std::string run_options::bound_name() const {
  return bound.value_or(std::string(stop_at_radius ? jeffreys_sequence::name : clopper_pearson::name));
}

bool run_options::counts_votes() const {
  return bound_name() == clopper_pearson::name || bound_name() == jeffreys_sequence::name;
}

/// What the program cannot see for itself, the caller must say.
void run_options::expect_assumptions() const {
  const mode_request wanted = requested();
  const auto expect_stated = [&](std::string_view name, std::string_view why) {
    expect(std::ranges::find(assume, name) != assume.end(), "--mode ", wanted.base, " assumes that ", why,
           "; state it with --assume ", name);
  };
  if (wanted.base == "frozen") {
    expect(!train_scales.empty(), "--mode frozen needs --train-scales, a file of one scale a training row");
    expect_stated(assume::scales_independent_of_features::name, "no scale was computed from the training features");
    if (wanted.label_noise) expect_stated(assume::scales_independent_of_labels::name, "nor from the labels");
  }
  if (wanted.uses_selector()) {
    expect(trusted_rows > 0, "--trusted-rows: expected at least 1, got 0");
    expect_stated(assume::selector_fixed_independently_of_data::name,
                  "the trusted rows are clean and were chosen without a look at the others");
  }
}

namespace {

std::size_t draws_of(const std::string& test_noise) {
  if (test_noise == "none") return 0;
  if (test_noise == "one") return 1;
  const bool mean = test_noise.starts_with("mean:");
  const double draws = mean ? as_real(test_noise.substr(5)).value_or(0.0) : 0.0;
  expect(draws >= 1.0 && draws <= 1e6 && draws == std::floor(draws),
         "--test-noise: expected none, one or mean:k with k >= 1, got ", test_noise);
  return static_cast<std::size_t>(draws);
}

}  // namespace

// The choices of `certified` were made on held-out training rows (docs/sound_settings.md).
defence_settings run_options::settings(const std::string& defence) const {
  const bool certified = defence == "certified";
  const bool joint = certified && requested().joint;
  const bool exact = certified && requested().base == "knn1_exact";
  const std::string scale = test_noise_scale.value_or(defence == "cert-ssb" ? "own"
                                                      : certified && !joint ? "half"
                                                                            : "common");
  defence_settings s{
      .epochs = epochs.value_or(certified ? 3 : 2),
      .averaged_tail = averaged_tail.value_or(certified ? 2.0 / 3.0 : 0.0),
      .test_noise = test_noise.value_or(exact                 ? "none"
                                        : certified && !joint ? "mean:16"
                                                              : "one"),
      .test_noise_scale = "own",
      .smoothing = {.sigma = sigma, .test_sigma = {}, .models = models, .vote = {}, .keep_scores = !counts_votes()}};
  s.smoothing.vote.draws = draws_of(s.test_noise);
  expect(!joint || s.smoothing.vote.draws > 0,
         "--mode: +joint covers moves of the test input, which needs noise on it, got --test-noise none");
  expect(!exact || s.smoothing.vote.draws == 0, "--mode: knn1_exact is of test inputs without noise, got --test-noise ",
         s.test_noise);
  if (scale == "own" && defence == "cert-ssb") return s;
  if (scale == "own" && certified) {
    expect(!joint, "--test-noise-scale: +joint wants one scale fixed beforehand, got own");
    s.smoothing.own_scales = ascent();
    return s;
  }
  const double test_sigma = scale == "common" || scale == "own" ? sigma
                            : scale == "half"                   ? 0.5 * sigma
                                                                : as_real(scale).value_or(0.0);
  expect(std::isfinite(test_sigma) && test_sigma > 0.0,
         "--test-noise-scale: expected common, own or a number above 0, got ", scale);
  s.test_noise_scale = concatenate(test_sigma);
  s.smoothing.test_sigma = test_sigma;
  return s;
}

ascent_options run_options::ascent() const {
  return {.initial = sigma,
          .floor = sigma_min.value_or(sigma),
          .ceiling = sigma_max,
          .steps = ascent_steps,
          .draws = ascent_draws,
          .rate = ascent_rate};
}

std::vector<std::string> run_options::defence_names() const {
  const std::vector<std::string> asked = split(defences);
  std::vector<std::string> names;
  for (const char* name : {"rab", "cert-ssb", "certified"}) {
    const bool by_mode = std::string_view(name) == "certified" && mode.has_value();
    if (by_mode || std::ranges::find(asked, name) != asked.end()) names.emplace_back(name);
  }
  return names;
}

option_list run_options::config(std::uint64_t key) const {
  const auto rows = [](const std::optional<std::size_t>& given) -> option_value {
    if (given) return std::uint64_t{*given};
    return std::string("all");
  };
  return {{"dataset", dataset},
          {"classes", classes},
          {"train_rows", rows(train_rows)},
          {"test_rows", rows(test_rows)},
          {"attack", attack},
          {"delta", delta},
          {"rate", rate},
          {"target", target},
          {"label_map", label_map},
          {"sigma", sigma},
          {"models", std::uint64_t{models}},
          {"epochs", std::uint64_t{epochs.value_or(2)}},
          {"batch", std::uint64_t{batch}},
          {"alpha", alpha},
          {"bound", bound_name()},
          {"radii", parse_radii(radii)},
          {"defences", defence_names()},
          {"mode", mode.value_or("uniform")},
          {"assume", assume},
          {"trusted_rows", std::uint64_t{trusted_rows}},
          {"semi_elasticity", semi_elasticity},
          {"rows_changed", rows_changed},
          {"grid_width", grid_width},
          {"flip_probability", flip_probability},
          {"flipped_labels", std::uint64_t{flipped_labels}},
          {"stop_at_radius", stop_at_radius.value_or(0.0)},
          {"decide_fraction", decide_fraction},
          {"test_noise", test_noise.value_or("one")},
          {"test_noise_scale", test_noise_scale.value_or("own")},
          {"ascent_steps", std::uint64_t{ascent_steps}},
          {"ascent_draws", std::uint64_t{ascent_draws}},
          {"ascent_rate", ascent_rate},
          {"sigma_min", sigma_min.value_or(sigma)},
          {"sigma_max", sigma_max},
          {"ascent_estimator", ascent_estimator},
          {"storage", storage},
          {"allow_no_certificate", allow_no_certificate},
          {"seed", key},
          {"seed_given", seed.has_value()}};
}

}  // namespace certssb::cli
