// SPDX-License-Identifier: MIT
#pragma once
// Brief: turns the votes of a defence into certificates, in every mode that was asked for.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/run/issue_closed_form.hpp"
#include "certssb/run/issue_parts.hpp"
#include "certssb/run/issued_certificates.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/run/trained_defence.hpp"
#include "certssb/storage/memory.hpp"
#include "certssb/storage/region_gap.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/vote/stopped_votes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the time of each part of certification.
struct evaluation_times {
  double certify_s = 0.0;
  double storage_s = 0.0;
};

/// Brief: bounds the votes on one set of test inputs: votes of early stopping by a bound that is valid at any time,
/// hard votes as counts, and otherwise the scores of every member.
/// Throws: argument_error if the bound that is asked for does not fit, or scores that it needs were not kept.
template <std::floating_point Scalar>
[[nodiscard]] bounded_votes bound_ballot(const ballot<Scalar>& votes, const certification_settings& settings) {
  const std::string name = settings.bound_name();
  if (settings.stop_at_radius) {
    return bound_votes(stopped_votes(votes.votes), jeffreys_sequence{}, every_class{}, settings.alpha);
  }
  if (name == clopper_pearson::name) return bound_votes(votes.votes, clopper_pearson{}, no_split{}, settings.alpha);
  if (name == jeffreys_sequence::name)
    return bound_votes(votes.votes, jeffreys_sequence{}, every_class{}, settings.alpha);
  const score_table scores(std::span<const Scalar>(votes.scores), static_cast<std::size_t>(votes.votes.trials()),
                           votes.votes.samples(), votes.votes.classes());
  return bound_votes(scores, named_bound<mean_score>(name), no_split{}, settings.alpha);
}

/// Brief: the evidence that the modes of a defence need besides its votes.
template <std::floating_point Scalar>
[[nodiscard]] mode_evidence evidence_of(const trained_defence<Scalar>& trained, std::size_t which,
                                        const mode_settings& settings, std::size_t row_size) {
  const smoothing_options& smoothing = trained.settings.smoothing;
  mode_evidence evidence;
  evidence.noise = trained.noise;
  evidence.enclosed = !trained.exact_bounds.empty();
  evidence.training = trained.train_scales;
  evidence.test = trained.ballots[which].scales;
  evidence.test_scales_from_data = trained.test_scales_from_data;
  if (smoothing.test_sigma && smoothing.vote.draws > 0) {
    evidence.joint_noise = test_noise{*smoothing.test_sigma, smoothing.vote.draws};
  }
  evidence.constant_within = trained.constant_within;
  evidence.selector = elasticity{settings.semi_elasticity, row_size,
                                 settings.rows_changed == "one" ? changed_rows::one : changed_rows::many};
  evidence.flips = label_flips(settings.flip_probability, static_cast<std::uint32_t>(settings.flipped_labels));
  evidence.stated = settings.assume;
  return evidence;
}

/// Brief: the certificates that one mode issues on these bounds.
[[nodiscard]] inline issued_certificates issue_stated(const bounded_votes& votes, const stated_mode& mode) {
  return {.mode = std::string(mode.name),
          .certified = mode.certified,
          .norm = std::string(mode.norm),
          .assumptions = mode.assumptions,
          .conditional_on = mode.conditions,
          .certificates = mode.issue(votes),
          .statement = mode};
}

/// Brief: the certificates after storage-update, in the order of the samples, with the event of each, and how near
/// regions of different labels came.
/// Shapes: inputs [n, ...], as many as certificates.
/// Cost: as storage_update, and n^2/2 distances, most of them in part.
template <tensor Tensor, executor Executor>
[[nodiscard]] issued_certificates update_storage(issued_certificates before, const Tensor& inputs,
                                                 const certification_settings& settings, const Executor& executor) {
  const auto answers = storage_update(inputs, std::span<const certificate>(before.certificates),
                                      storage_policy_of(settings.storage), executor);
  std::vector<label_type> labels;
  std::vector<double> radii;
  for (const certificate& c : before.certificates) {
    labels.push_back(c.label);
    radii.push_back(c.stated_radius());
  }
  before.storage_gap =
      region_gap(inputs, std::span<const label_type>(labels), std::span<const double>(radii), executor);
  before.certificates = after_storage(before.certificates, answers);
  for (const char* event : {"keep", "trim", "adopt", "abstain"}) before.storage_events[event] = 0;
  for (const stored_answer& answer : answers) ++before.storage_events[std::string(event_name(answer.event))];
  return before;
}

/// Brief: mode `memory`: these certificates, remembered by one predictor that answers the samples in order.
/// Shapes: as update_storage.
/// Cost: as update_storage.
template <tensor Tensor, executor Executor>
[[nodiscard]] issued_certificates remember(const issued_certificates& asked, const Tensor& inputs,
                                           const certification_settings& settings, const Executor& executor) {
  const auto answers = storage_update(inputs, std::span<const certificate>(asked.certificates),
                                      storage_policy_of(settings.storage), executor);
  const memory_mode mode(answers);
  const name_list assumptions = mode.assumptions;
  const name_list conditions = mode.conditional_on();
  return {.mode = std::string(mode.name),
          .certified = memory_mode::certified,
          .norm = std::string(mode.norm),
          .assumptions = {assumptions.begin(), assumptions.end()},
          .conditional_on = {conditions.begin(), conditions.end()},
          .certificates = remembered(asked.certificates, answers)};
}

/// Brief: certifies the votes on one set of test inputs in every mode of the defence: its own, and, where its settings
/// say so, the published radius, alone and after storage-update.
/// Shapes: inputs [n, ...], the test inputs `which` of the defence.
/// Throws: argument_error if evidence or an assumption that the mode needs is missing.
/// Cost: n bounds, and with a store n^2 distances.
template <std::floating_point Scalar, tensor Tensor, executor Executor>
[[nodiscard]] std::vector<issued_certificates> certify_outcome(const trained_defence<Scalar>& trained,
                                                               std::size_t which, const Tensor& inputs,
                                                               const run_settings& settings, const Executor& executor,
                                                               evaluation_times* times = nullptr) {
  const stopwatch since;
  const auto evidence_of_modes = [&] {
    return evidence_of(trained, which, settings.certified, tensor_traits<Tensor>::row_size(inputs));
  };
  if (trained.parts || trained.closed || trained.settings.bagged()) {
    std::vector<issued_certificates> one;
    if (trained.settings.smoothed_parts()) {
      one.push_back(issue_smoothed_parts(trained, which, evidence_of_modes(), settings.certification));
    } else if (trained.parts) {
      one.push_back(issue_plain_parts(trained, which));
    } else if (trained.closed) {
      one.push_back(issue_closed_form(trained, which));
    } else {
      one.push_back(issue_bagging(trained, bound_ballot(trained.ballots[which], settings.certification)));
    }
    if (times != nullptr) times->certify_s += since.seconds();
    return one;
  }
  const bounded_votes bounds = trained.exact_bounds.empty()
                                   ? bound_ballot(trained.ballots[which], settings.certification)
                                   : trained.exact_bounds[which];
  const mode_evidence evidence = evidence_of_modes();
  std::vector<issued_certificates> all;
  if (trained.settings.mode.base == memory_mode::name) {
    const auto asked = issue_stated(bounds, state_mode(mode_request::parse("uniform"), evidence));
    all.push_back(remember(asked, inputs, settings.certification, executor));
  } else {
    all.push_back(issue_stated(bounds, state_mode(trained.settings.mode, evidence)));
  }
  if (trained.settings.published) {
    all.push_back(issue_stated(bounds, state_mode(mode_request::parse("published"), evidence)));
  }
  if (times != nullptr) times->certify_s += since.seconds();
  if (trained.settings.published) {
    const stopwatch storing;
    all.push_back(update_storage(all.back(), inputs, settings.certification, executor));
    if (times != nullptr) times->storage_s += storing.seconds();
  }
  return all;
}

}  // namespace v1
}  // namespace certssb
