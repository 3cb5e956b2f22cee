// SPDX-License-Identifier: MIT
#pragma once
// Brief: recomputes a finished run from its raw votes and scales, by a second implementation of bounds, modes and
// storage-update that shares no code with the first; and says what that cannot know.

#include "certssb/report/json.hpp"
#include "certssb/report/results.hpp"
#include "certssb/verify/bounds.hpp"
#include "certssb/verify/check_attack.hpp"
#include "certssb/verify/check_files.hpp"
#include "certssb/verify/check_settings.hpp"
#include "certssb/verify/check_summary.hpp"
#include "certssb/verify/evidence.hpp"
#include "certssb/verify/findings.hpp"
#include "certssb/verify/foreign.hpp"
#include "certssb/verify/identities.hpp"
#include "certssb/verify/mode.hpp"
#include "certssb/verify/modes.hpp"
#include "certssb/verify/parts.hpp"
#include "certssb/verify/pictures.hpp"
#include "certssb/verify/row_modes.hpp"
#include "certssb/verify/samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace plain {

/// Brief: checks all evaluations on one set of test inputs. Returns the bounds of its samples.
[[nodiscard]] inline std::vector<sample_bound> check_inputs(findings& f, const std::string& inputs,
                                                            const ballot_evidence& ballot, const mode_source& source) {
  const defence_result& d = source.defence;
  const std::string place = d.name + ", " + inputs;
  f.at(place);
  check_ballot(f, ballot, source, inputs);
  std::vector<sample_bound> bounds = bound_samples(ballot, d.bound, d.models, d.alpha);
  bool first = true;
  for (const evaluation_result& stated : d.evaluations) {
    if (stated.inputs != inputs) continue;
    f.at(place + ", " + stated.mode + (stated.storage_update ? " + storage-update" : ""));
    f.guard([&] {
      const mode m = state_mode(stated.mode, source);
      check_mode(f, m, stated, source.run);
      const std::vector<counted> all = count_samples(bounds, m, stated, ballot, source);
      check_samples(f, ballot, bounds, all, stated, first);
      check_storage_gap(f, bounds, m, stated, ballot, source);
      check_summary(f, ballot, all, m, stated, source);
    });
    first = false;
  }
  return bounds;
}

inline void check_defence(findings& f, const std::filesystem::path& folder, const run_results& run,
                          const defence_result& d, known_samples& known) {
  f.at(d.name);
  f.guard([&] { check_settings(f, run, d); });
  const std::vector<double> sigma = check_scales(f, folder, run, d);
  const attack_evidence attack = read_attack(
      folder, sigma.size(), {std::isfinite(run.data.pattern_l2_frobenius), run.arrays.contains("relabelled_rows.npy")});
  const bool of_rows = !row_mode_of(d).empty();
  if (of_rows || votes_in_parts(d)) {
    for (const std::string& inputs : input_sets()) {
      f.at(d.name + ", " + inputs);
      check_identities(f, inputs, sample_table(folder / d.name / ("samples_" + inputs + ".csv")), known);
    }
    if (of_rows) {
      check_row_mode(f, folder, run, d, attack);
    } else {
      check_parts(f, folder, run, d, sigma, attack);
    }
    return;
  }
  std::vector<sample_bound> all;
  for (const std::string& inputs : input_sets()) {
    f.at(d.name + ", " + inputs);
    const ballot_evidence ballot = read_ballot(folder / d.name, inputs, basis_of(d.bound), keeps_votes(run, d));
    check_identities(f, inputs, ballot.samples, known);
    if (inputs == "triggered") check_pictured_scales(f, run, d, ballot);
    const double trigger = inputs == "triggered" ? std::min(run.data.trigger_l2_max, unknown_length) : 0.0;
    const mode_source source{run, d, folder / d.name, sigma, ballot.sigma_test, attack, trigger};
    const std::vector<sample_bound> bounds = check_inputs(f, inputs, ballot, source);
    all.insert(all.end(), bounds.begin(), bounds.end());
  }
  f.at(d.name);
  if (d.stopping.empty()) return;
  const defence_options options(run, d);
  const double wanted = normal(stopping_radius(options) / options.number("sigma"));
  check_stopping(
      f, d,
      static_cast<std::size_t>(std::ranges::count_if(all, [&](const sample_bound& b) { return b.lower > wanted; })));
}

/// Brief: notes the assumptions, and what is for the eye alone.
inline void leave_assumptions(findings& f, const run_results& run) {
  std::string assumptions;
  for (const std::string& name : run.assumptions) assumptions += (assumptions.empty() ? "" : ", ") + name;
  if (!assumptions.empty()) f.leave("that the assumptions hold: " + assumptions);
  f.leave("what report.html and the pictures show, and the timing");
}

/// Brief: notes what the folder of a run cannot show.
inline void leave_open(findings& f, const run_results& run) {
  f.at("");
  const bool own_data = defence_options(run).is_null("attack");
  f.leave(own_data ? "the data and the attack, which were the caller's own"
                   : "that data, poisoned rows and the norms of their patterns are those of the configuration",
          own_data ? settled_by::nothing : settled_by::data);
  f.leave("that votes and noise scales come from training on the poisoned rows with the recorded key",
          settled_by::replay);
  f.leave("accuracy and attack success rate of the undefended model", settled_by::replay);
  if (std::ranges::any_of(run.defences, [](const defence_result& d) { return !d.stopping.empty(); })) {
    f.leave("how many samples were decided before the last model");
  }
  if (key_was_drawn(run)) f.leave("that the operating system drew the key of the noise, once the data were fixed");
  leave_assumptions(f, run);
}

}  // namespace plain

/// Brief: recomputes every certificate and every number of a run's folder from its raw votes, scores, scales and
/// patterns, and compares them with what the run states. Says what cannot be recomputed from the folder.
/// Maths: a number that is stated may be smaller than the recomputed one by rounding (1e-9 of it), never larger.
/// Throws: data_error if results.json cannot be read or breaks its schema; everything else that is wrong, for instance
/// a missing file, is a violation.
/// Cost: reads every file once; n^2/2 distances per evaluation with storage-update.
[[nodiscard]] inline verify_report verify_run(const std::filesystem::path& folder) {
  const run_results run = read_results(folder / "results.json");
  plain::findings f;
  plain::known_samples known;
  plain::check_arrays(f, folder, run);
  f.guard([&] { plain::check_listing(f, folder, run); });
  if (!run.data.attacked) {
    plain::check_foreign(f, folder, run);
    plain::leave_assumptions(f, run);
    return f.take();
  }
  plain::check_key(f, run);
  plain::check_initial_weights(f, run);
  plain::check_defences(f, run);
  f.guard([&] { plain::check_data(f, run); });
  f.guard([&] { plain::check_attack(f, folder, run); });
  for (const defence_result& d : run.defences) {
    f.guard([&] { plain::check_defence(f, folder, run, d, known); });
  }
  f.guard([&] { plain::check_triggered(f, run, known); });
  f.guard([&] { plain::check_trigger(f, folder, run, known); });
  plain::check_undefended(f, run, known);
  plain::check_examples(f, run, known);
  f.guard([&] { plain::leave_open(f, run); });
  return f.take();
}

}  // namespace v1
}  // namespace certssb
