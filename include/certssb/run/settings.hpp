// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of a run, in plain types: the data and the attack, the training, the mode of the defence
// `certified`, and the certification; and the settings of each defence that follow from them.

#include "certssb/bound/named.hpp"
#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/certificate/parts_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/ensemble/parts.hpp"
#include "certssb/model/clipped_gradient.hpp"
#include "certssb/model/input_map.hpp"
#include "certssb/model/names.hpp"
#include "certssb/run/data_settings.hpp"
#include "certssb/run/defences.hpp"
#include "certssb/run/election.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how the members are trained and how they vote. Each defence has its own choice for absent values.
struct training_settings {
  double sigma = 0.5;                     ///< the common noise scale, in input units
  std::string model = "small-cnn";        ///< of rab, cert-ssb and certified: a name that model_facts_of knows
  std::string initial_weights = "fresh";  ///< of torchscript: models: drawn for each member, or those of the file
  std::size_t models = 20;                ///< M, members per ensemble
  std::optional<std::size_t> epochs;
  std::size_t batch = 128;
  std::optional<double> averaged_tail;    ///< share of the training steps, the last, whose parameters are averaged
  std::optional<std::string> test_noise;  ///< none, one or mean:k: noise draws behind a vote
  std::optional<std::string> test_noise_scale;  ///< common, own, or a number
  std::size_t ascent_steps = 10;
  std::size_t ascent_draws = 2;
  double ascent_rate = 0.05;
  std::optional<double> sigma_min;  ///< smallest scale of the ascent; by default sigma
  double sigma_max = 3.0;
  std::string ascent_estimator = "pathwise";  ///< pathwise, detached or grid
  double dp_clip = 0.0;   ///< of rab, cert-ssb and certified: largest norm of a row's gradient in training; 0: none
  double dp_noise = 0.0;  ///< noise on the sum of those gradients, in units of dp_clip
  double learning_rate = 1e-3;

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(std::isfinite(sigma) && sigma > 0.0, "sigma: expected a finite number above 0, got ", sigma);
    static_cast<void>(model_facts_of(model));
    expect(initial_weights == "fresh" || initial_weights == "file", "initial_weights: expected fresh or file, got ",
           initial_weights);
    expect(!begins_at_file() || model.starts_with(torchscript_prefix),
           "initial_weights: file is for torchscript:FILE models, got model ", model);
    expect(models > 0 && models < (1U << 24U), "models: expected a number from 1 to 2^24 - 1, got ", models);
    expect(!epochs || (*epochs > 0 && *epochs <= 1'000'000), "epochs: expected a number from 1 to 1000000, got ",
           epochs.value_or(0));
    expect(!averaged_tail || (*averaged_tail >= 0.0 && *averaged_tail <= 1.0),
           "averaged_tail: expected a number in [0,1], got ", averaged_tail.value_or(0.0));
    expect(batch > 0 && batch <= 1'000'000'000, "batch: expected a number from 1 to 10^9, got ", batch);
    expect(ascent_steps <= 1'000'000'000, "ascent_steps: expected a number up to 10^9, got ", ascent_steps);
    expect(ascent_draws > 0 && ascent_draws <= 1'000'000, "ascent_draws: expected a number from 1 to 10^6, got ",
           ascent_draws);
    expect(std::isfinite(ascent_rate) && ascent_rate > 0.0, "ascent_rate: expected a finite number above 0, got ",
           ascent_rate);
    const double floor = sigma_min.value_or(sigma);
    expect(std::isfinite(floor) && floor > 0.0, "sigma_min: expected a finite number above 0, got ", floor);
    expect(std::isfinite(sigma_max) && sigma_max > 0.0, "sigma_max: expected a finite number above 0, got ", sigma_max);
    constexpr auto names = std::to_array<std::string_view>({"pathwise", "detached", "grid"});
    expect(std::ranges::find(names, ascent_estimator) != names.end(),
           "ascent_estimator: expected pathwise, detached or grid, got ", ascent_estimator);
    dp_options{.clip = dp_clip, .noise = dp_noise}.validate();
    expect(std::isfinite(learning_rate) && learning_rate > 0.0, "learning_rate: expected a finite number above 0, got ",
           learning_rate);
  }

  /// Brief: whether members begin at weights from elsewhere, which must have seen none of the training rows.
  [[nodiscard]] bool begins_at_file() const { return initial_weights == "file"; }

  /// Brief: the settings of the sigma ascent.
  [[nodiscard]] ascent_options ascent() const {
    return {.initial = sigma,
            .floor = sigma_min.value_or(sigma),
            .ceiling = sigma_max,
            .steps = ascent_steps,
            .draws = ascent_draws,
            .rate = ascent_rate};
  }
};

/// Brief: the mode of the defence `certified`, and the evidence that it needs.
struct mode_settings {
  std::optional<std::string> mode;          ///< as mode_request reads it; where given, the defence `certified` is added
  std::vector<std::string> assume;          ///< assumptions that the caller states
  std::optional<std::string> train_scales;  ///< frozen: a .npy file of one scale per training row
  std::size_t trusted_rows = 500;           ///< a selector's rows known clean, taken from the end of the training rows
  double semi_elasticity = 0.005;           ///< the selector's slope, of log sigma per input unit
  std::string rows_changed = "many";        ///< semi_elastic: how many training rows may have been changed, or one
  double grid_width = 0.05;                 ///< quantised: steps of log sigma
  double flip_probability = 0.2;            ///< +label-noise: the chance that a member flips a label
  std::size_t flipped_labels = 1;           ///< +label-noise: how many changed labels are covered

  [[nodiscard]] mode_request request() const { return mode_request::parse(mode.value_or("uniform")); }

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(trusted_rows > 0 && trusted_rows <= 1'000'000'000,
           "trusted_rows: expected a number of rows from 1 to 10^9, got ", trusted_rows);
    expect(rows_changed == "many" || rows_changed == "one", "rows_changed: expected many or one, got ", rows_changed);
    expect(std::isfinite(semi_elasticity) && semi_elasticity > 0.0,
           "semi_elasticity: expected a finite number above 0, got ", semi_elasticity);
    expect(std::isfinite(grid_width) && grid_width > 0.0, "grid_width: expected a finite number above 0, got ",
           grid_width);
    expect(flip_probability >= 0.0 && flip_probability < 0.5, "flip_probability: expected a number in [0,1/2), got ",
           flip_probability);
    expect(flipped_labels <= 100'000, "flipped_labels: expected a number up to 100000, got ", flipped_labels);
  }

  /// Brief: throws argument_error where the mode certifies nothing, or needs a file or an assumption that is not stated.
  void expect_assumptions() const {
    const mode_request wanted = request();
    const mode_facts facts = facts_of(wanted.base);
    const bool fixed = facts.training == member_training::fixed_scales;
    expect(facts.defence == "certified", "mode: ", facts.name, " is that of the defence ", facts.defence);
    expect(facts.certified, "mode: ", facts.name, " certifies nothing; it is shown beside the defence cert-ssb");
    expect(!fixed || train_scales.has_value(), "mode: ", facts.name,
           " needs train_scales, a file of one scale per training row");
    const auto expect_stated = [&](std::string_view name) {
      expect(std::ranges::find(assume, name) != assume.end(), "mode: ", wanted.name(), " assumes ", name,
             "; state it with assume ", name);
    };
    for (const std::string_view name : facts.to_state) expect_stated(name);
    if (fixed && wanted.label_noise) expect_stated(assume::scales_independent_of_labels::name);
  }
};

/// Brief: how the training set is cut into parts, for the defences parts and smoothed-parts and for modes with +parts.
struct part_settings {
  std::optional<std::size_t> parts;  ///< k; each defence has its own choice
  std::string part_by = "position";  ///< what decides the part of a row: position, id or content
  std::optional<double> alpha_part;  ///< the chance that one part's report is false; by default the best for its votes
  std::optional<std::string> model;  ///< the learner of the members, by name
  std::optional<std::string> map = {};      ///< what members see of a row, by the name of a map
  std::optional<double> sigma;              ///< smoothed-parts: noise scale of the training rows
  std::optional<std::size_t> members = {};  ///< smoothed-parts: M, members of each part
  std::string election = "plurality";       ///< defence parts: plurality, run-off or finite:d
  std::size_t training_rows = 12'000;       ///< what defaults go by; run_experiment sets it

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(!parts || (*parts > 0 && *parts < (1U << 24U)), "parts: expected a number from 1 to 2^24 - 1, got ",
           parts.value_or(0));
    static_cast<void>(part_by_of(part_by));
    static_cast<void>(certssb::election::parse(election));
    if (map) static_cast<void>(input_map_of(*map));
    expect(!alpha_part || (*alpha_part > 0.0 && *alpha_part < 1.0), "alpha_part: expected a number in (0,1), got ",
           alpha_part.value_or(0.0));
    expect(!sigma || (std::isfinite(*sigma) && *sigma > 0.0), "part_sigma: expected a finite number above 0, got ",
           sigma.value_or(0.0));
    expect(!members || (*members > 0 && *members < (1U << 24U)),
           "part_members: expected a number from 1 to 2^24 - 1, got ", members.value_or(0));
  }
};

/// Brief: the settings of the defences that look at the nearest rows, or at bags of rows.
struct row_settings {
  std::optional<std::size_t> neighbours;  ///< knn-vote and model nearest-neighbours: the nearest rows that vote
  std::optional<std::size_t> bag;         ///< bagging and bagged-nearest: rows drawn for each bag

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(neighbours != 0U, "neighbours: expected a number of rows of at least 1, got 0");
    expect(!bag || (*bag >= 2 && *bag <= 1'000'000'000), "bag: expected a number of rows from 2 to 10^9, got ",
           bag.value_or(0));
  }
};

/// Brief: the settings of certification.
struct certification_settings {
  double alpha = 0.001;              ///< the chance that one sample's certificate fails
  std::optional<std::string> bound;  ///< by default clopper-pearson, with early stopping jeffreys-sequence
  std::vector<double> radii = {0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5};  ///< reported at
  std::string storage = "min";           ///< what storage-update leaves a sample that adopts a label: min or slack
  std::optional<double> stop_at_radius;  ///< train only until enough samples are certified at it, or lost for it
  double decide_fraction = 0.9;          ///< with stop_at_radius: how many are enough
  bool allow_no_certificate = false;     ///< run even where M and alpha can certify nothing

  /// Throws: argument_error naming the first setting out of range.
  void validate() const {
    expect(alpha > 0.0 && alpha < 1.0, "alpha: expected a number in (0,1), got ", alpha);
    expect(std::ranges::find(bound_names, bound_name()) != bound_names.end(), "bound: no bound is called ",
           bound_name());
    expect(!radii.empty() && std::isfinite(radii.back()) && radii.front() >= 0.0, "radii: expected numbers >= 0");
    for (std::size_t i = 1; i < radii.size(); ++i) {
      expect(radii[i] > radii[i - 1], "radii: expected ascending numbers, got ", radii[i], " after ", radii[i - 1]);
    }
    expect(storage == "min" || storage == "slack", "storage: expected min or slack, got ", storage);
    expect(!stop_at_radius || (std::isfinite(*stop_at_radius) && *stop_at_radius > 0.0),
           "stop_at_radius: expected a finite number above 0, got ", stop_at_radius.value_or(0.0));
    expect(!stop_at_radius || bound_name() == jeffreys_sequence::name, "bound: with stop_at_radius only ",
           jeffreys_sequence::name, " holds, which is valid at any time, got ", bound_name());
    expect(decide_fraction > 0.0 && decide_fraction <= 1.0, "decide_fraction: expected a number in (0,1], got ",
           decide_fraction);
  }

  [[nodiscard]] std::string bound_name() const {
    return bound.value_or(std::string(stop_at_radius ? jeffreys_sequence::name : clopper_pearson::name));
  }
  /// Brief: whether hard votes are bounded, not every member's scores.
  [[nodiscard]] bool counts_votes() const {
    return bound_name() == clopper_pearson::name || bound_name() == jeffreys_sequence::name;
  }
};

/// Brief: the settings of one defence: those asked for, and its own choice for the others.
struct defence_settings {
  std::string name;
  mode_request mode;
  std::size_t epochs = 2;
  std::size_t batch = 128;
  double averaged_tail = 0.0;
  std::string test_noise = "one";
  std::string test_noise_scale = "own";  ///< own, or a number
  std::string estimator = "pathwise";
  ascent_options ascent = {};
  dp_options dp = {};  ///< of the members' training
  smoothing_options smoothing = {};
  bool published = false;  ///< issues the published radius too, and that one after storage-update
  std::size_t parts = 1;   ///< k, parts of the training set
  part_by cut = part_by::position;
  double alpha_part = 0.0;                ///< the level of one part's report; 0 where nothing is left to chance
  std::size_t failures = 0;               ///< how many reports may be false
  std::string model = "small-cnn";        ///< the learner of the members
  std::string initial_weights = "fresh";  ///< of a torchscript: model
  input_map map = input_map::none;        ///< what they see of their inputs
  election elect = {};                    ///< how plain parts elect a class
  std::size_t neighbours = 0;             ///< knn-vote and model nearest-neighbours: the nearest rows that vote
  std::size_t bag = 0;                    ///< bagging and bagged-nearest: rows drawn for each bag
  double learning_rate = 1e-3;

  /// Brief: each part has one deterministic model, or members of its own under noise.
  [[nodiscard]] bool plain_parts() const { return mode.base == parts_facts::name; }
  [[nodiscard]] bool smoothed_parts() const { return mode.parts; }
  /// Brief: nothing is trained or sampled.
  [[nodiscard]] bool closed_form() const { return facts_of(mode.base).training == member_training::closed_form; }
  /// Brief: each member is trained on a bag of rows.
  [[nodiscard]] bool bagged() const { return mode.base == bagging_facts::name; }
  /// Brief: the training rows carry noise.
  [[nodiscard]] bool noised() const { return !plain_parts() && !bagged() && !closed_form(); }

  /// Brief: votes are taken at scales found from the test inputs.
  [[nodiscard]] bool own_test_scale() const { return test_noise_scale == "own" && smoothing.vote.draws > 0; }
};

}  // namespace v1
}  // namespace certssb
