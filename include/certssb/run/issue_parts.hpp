// SPDX-License-Identifier: MIT
#pragma once
// Brief: the certificates of parts that vote, plain or with smoothing inside.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/assume.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/certificate/part_statement.hpp"
#include "certssb/certificate/parts_facts.hpp"
#include "certssb/certificate/plain_parts.hpp"
#include "certssb/certificate/run_off_parts.hpp"
#include "certssb/ensemble/parts.hpp"
#include "certssb/run/issued_certificates.hpp"
#include "certssb/run/settings.hpp"
#include "certssb/run/trained_defence.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: what the certificates of parts assume of the cut.
[[nodiscard]] inline std::vector<std::string> assumptions_of_cut(const row_parts& cut) {
  return {"parts_fixed_beforehand", "parts_by_" + std::string(part_by_name(cut.by()))};
}

}  // namespace detail

/// Brief: the certificates of one deterministic model per part, by the election of the settings.
template <std::floating_point Scalar>
[[nodiscard]] issued_certificates issue_plain_parts(const trained_defence<Scalar>& trained, std::size_t which) {
  const voted_parts<Scalar>& parts = *trained.parts;
  const row_parts& cut = parts.cut;
  issued_certificates issued{.mode = trained.settings.mode.name(),
                             .certified = parts_facts::certified,
                             .norm = std::string(parts_facts::norm),
                             .assumptions = detail::assumptions_of_cut(cut),
                             .conditional_on = {},
                             .certificates = {}};
  issued.assumptions.emplace_back("training_is_deterministic");
  if (!parts.shifts.empty()) issued.assumptions.emplace_back("shifts_fixed_beforehand");
  const auto state = [&](const auto& statement) {
    issued.certificates = statement->issue();
    issued.covers = [statement](const attack_extent& attack, bool) { return statement->covers(attack); };
  };
  std::vector<std::uint32_t> part_of(cut.values().begin(), cut.values().end());
  if (parts.preferences.empty()) {
    state(std::make_shared<const plain_parts>(trained.ballots[which].member_votes, std::move(part_of),
                                              cut.parts_per_row(), parts.shifts));
  } else {
    state(std::make_shared<const run_off_parts>(parts.preferences[which], std::move(part_of), cut.parts_per_row()));
  }
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

}  // namespace v1
}  // namespace certssb
