// SPDX-License-Identifier: MIT
#pragma once
// Brief: turns the votes of a defence into certificates, in every mode that was asked for.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/certificate/part_statement.hpp"
#include "certssb/certificate/plain_parts.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/run/defend.hpp"
#include "certssb/run/run_settings.hpp"
#include "certssb/storage/memory.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/vote/stopped_votes.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: one mode's certificates on one set of test inputs.
struct issued_certificates {
  std::string mode;
  bool certified = false;  ///< whether the mode certifies anything
  std::string norm;        ///< of the radii
  std::vector<std::string> assumptions;
  std::vector<std::string> conditional_on;
  std::vector<certificate> certificates;
  std::optional<stated_mode> statement = {};  ///< none for a mode that says nothing of the training rows
  /// Where parts vote: whether each certificate covers an attack, with the labels as observed or its changed ones.
  std::function<std::vector<bool>(const attack_extent&, bool)> covers = {};
  /// Where parts with smoothing inside vote: the norm that patterns on so many rows may have, for each sample.
  std::function<std::vector<double>(std::size_t)> per_pattern = {};
  std::map<std::string, std::size_t> storage_events = {};  ///< how many samples storage-update kept, trimmed, ...

  [[nodiscard]] bool after_storage() const { return !storage_events.empty(); }
  /// Brief: whether the certificates depend on regions around the test inputs.
  [[nodiscard]] bool uses_store() const { return after_storage() || (!statement && !covers); }
};

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

namespace detail {

/// Brief: what the certificates of parts assume of the cut.
[[nodiscard]] inline std::vector<std::string> assumptions_of_cut(const row_parts& cut) {
  return {"parts_fixed_beforehand", "parts_by_" + std::string(part_by_name(cut.by()))};
}

[[nodiscard]] inline storage_policy policy_of(const certification_settings& settings) {
  return settings.storage == "min" ? storage_policy::min : storage_policy::slack;
}

}  // namespace detail

/// Brief: the certificates after storage-update, in the order of the samples, and the event of each.
/// Shapes: inputs [n, ...], as many as certificates.
/// Cost: as storage_update.
template <tensor Tensor, executor Executor>
[[nodiscard]] issued_certificates update_storage(issued_certificates before, const Tensor& inputs,
                                                 const certification_settings& settings, const Executor& executor) {
  const auto answers =
      storage_update(inputs, std::span<const certificate>(before.certificates), detail::policy_of(settings), executor);
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
  const auto answers =
      storage_update(inputs, std::span<const certificate>(asked.certificates), detail::policy_of(settings), executor);
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

/// Brief: the certificates of one deterministic model per part.
template <std::floating_point Scalar>
[[nodiscard]] issued_certificates issue_plain_parts(const trained_defence<Scalar>& trained, std::size_t which) {
  const row_parts& cut = trained.parts->cut;
  const auto statement = std::make_shared<const plain_parts>(
      trained.ballots[which].member_votes, std::vector<std::uint32_t>(cut.values().begin(), cut.values().end()),
      cut.parts_per_row());
  issued_certificates issued{.mode = trained.settings.mode.name(),
                             .certified = plain_parts::certified,
                             .norm = std::string(parts_facts::norm),
                             .assumptions = detail::assumptions_of_cut(cut),
                             .conditional_on = {},
                             .certificates = statement->issue()};
  issued.assumptions.emplace_back("training_is_deterministic");
  issued.covers = [statement](const attack_extent& attack, bool) { return statement->covers(attack); };
  return issued;
}

/// Brief: the certificates of parts with smoothing inside: each part reports at level alpha_part, and the parts vote.
/// Throws: as state_mode.
/// Cost: n k bounds, and n sorts of k budgets.
template <std::floating_point Scalar>
[[nodiscard]] issued_certificates issue_smoothed_parts(const trained_defence<Scalar>& trained, std::size_t which,
                                                       const mode_evidence& evidence,
                                                       const certification_settings& settings) {
  const defence_settings& own = trained.settings;
  const row_parts& cut = trained.parts->cut;
  const stated_mode mode = state_mode(own.mode.of_one_part(), evidence);
  expect(!own.mode.joint || evidence.joint_noise, "mode ", own.mode.name(),
         " needs the scale and draws of the test noise");
  const vote_counts& first = trained.parts->ballots.front()[which].votes;
  part_reports reports(cut.parts(), first.samples(), first.classes(), settings.alpha, own.alpha_part, own.failures);
  for (std::size_t j = 0; j < cut.parts(); ++j) {
    reports.report(
        j, bound_votes(trained.parts->ballots[j][which].votes, clopper_pearson{}, no_split{}, own.alpha_part), mode);
  }
  const auto statement = std::make_shared<const part_statement>(
      mode, trained.train_scales, std::vector<std::uint32_t>(cut.values().begin(), cut.values().end()),
      std::move(reports), own.mode.joint ? evidence.joint_noise : std::nullopt);
  issued_certificates issued{.mode = own.mode.name(),
                             .certified = part_statement::certified,
                             .norm = std::string(mode.norm),
                             .assumptions = mode.assumptions,
                             .conditional_on = mode.conditions,
                             .certificates = statement->issue(part_mode_name(own.mode), clopper_pearson::name,
                                                              no_split::name, first.trials())};
  for (std::string& name : detail::assumptions_of_cut(cut)) issued.assumptions.push_back(std::move(name));
  if (own.mode.joint) issued.assumptions.emplace_back(assume::test_scale_fixed_beforehand::name);
  issued.covers = [statement](const attack_extent& attack, bool labels) { return statement->covers(attack, labels); };
  issued.per_pattern = [statement](std::size_t rows) {
    std::vector<double> norms(statement->reports().samples());
    for (std::size_t i = 0; i < norms.size(); ++i) {
      norms[i] = statement->per_pattern(statement->reports().frontier(i), rows);
    }
    return norms;
  };
  return issued;
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
  if (trained.parts) {
    std::vector<issued_certificates> of_parts;
    of_parts.push_back(trained.settings.plain_parts()
                           ? issue_plain_parts(trained, which)
                           : issue_smoothed_parts(trained, which,
                                                  evidence_of(trained, which, settings.certified,
                                                              tensor_traits<Tensor>::row_size(inputs)),
                                                  settings.certification));
    if (times != nullptr) times->certify_s += since.seconds();
    return of_parts;
  }
  const bounded_votes bounds = trained.exact_bounds.empty()
                                   ? bound_ballot(trained.ballots[which], settings.certification)
                                   : trained.exact_bounds[which];
  const mode_evidence evidence =
      evidence_of(trained, which, settings.certified, tensor_traits<Tensor>::row_size(inputs));
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
