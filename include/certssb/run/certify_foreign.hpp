// SPDX-License-Identifier: MIT
#pragma once
// Brief: certificates of votes from elsewhere, of one ensemble or of the parts of a training set.

#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/mixture.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/bound/part_failures.hpp"
#include "certssb/bound/selection.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/certificate/part_statement.hpp"
#include "certssb/certificate/plain_parts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/attainable_parts.hpp"
#include "certssb/run/certify_outcome.hpp"
#include "certssb/run/foreign_votes.hpp"
#include "certssb/vote/mean_score.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: how votes from elsewhere are certified. Alphas are chosen before the votes are seen.
struct foreign_settings {
  mode_request mode;
  double alpha = 0.001;
  std::string bound = {};                 ///< by name; empty: clopper-pearson for counts, mixture for scores
  bool two_sided = false;                 ///< bound p_A and p_B apart
  std::optional<double> alpha_part = {};  ///< of one part's report; none: the best for unanimous votes
  std::size_t rows_touched = 0;           ///< of parts: for how many the energy that is left is wanted
};

/// Brief: certificates of votes from elsewhere; what parts add is empty without them.
struct foreign_certificates {
  issued_certificates issued;
  std::vector<double> energies = {};      ///< [n], left when `rows_touched` parts are changed at will
  std::size_t failures = 0;               ///< reports of parts that may be false
  std::optional<double> alpha_part = {};  ///< where parts smooth
};

/// Brief: what certificates of parts take on trust when the parts were made elsewhere. A row that a change moves to
/// another part touches two.
inline constexpr auto assumed_of_foreign_parts =
    std::to_array<std::string_view>({"parts_fixed_beforehand", "parts_share_no_row", "parts_share_no_draw",
                                     "parts_share_nothing_learnt_from_rows", "a_changed_row_touches_one_part"});

namespace detail {

inline void assume_foreign_parts(issued_certificates& issued) {
  for (const std::string_view name : assumed_of_foreign_parts) issued.assumptions.emplace_back(name);
}

[[nodiscard]] inline bounded_votes bound_counts(const vote_counts& counts, const foreign_settings& s, double alpha) {
  const std::string name = s.bound.empty() ? std::string(clopper_pearson::name) : s.bound;
  if (name == jeffreys_sequence::name) {
    const jeffreys_sequence bound;
    return s.two_sided ? bound_votes(counts, bound, two_sided{}, alpha)
                       : bound_votes(counts, bound, every_class{}, alpha);
  }
  const named_bound<vote_count> bound(name);
  return s.two_sided ? bound_votes(counts, bound, two_sided{}, alpha) : bound_votes(counts, bound, no_split{}, alpha);
}

[[nodiscard]] inline bounded_votes bound_scores(const foreign_votes& votes, const foreign_settings& s) {
  const named_bound<mean_score> bound(s.bound.empty() ? std::string(mixture::name) : s.bound);
  const score_table table(std::span<const double>(votes.scores), votes.models, votes.samples, votes.classes);
  return s.two_sided ? bound_votes(table, bound, two_sided{}, s.alpha) : bound_votes(table, bound, no_split{}, s.alpha);
}

/// Brief: the class that a part's only model names, or `abstain`.
[[nodiscard]] inline label_type only_vote(const vote_count& votes) {
  for (std::size_t c = 0; c < votes.classes(); ++c) {
    if (votes.counts[c] > 0) return static_cast<label_type>(c);
  }
  return abstain;
}

[[nodiscard]] inline foreign_certificates certify_plain(const foreign_votes& votes) {
  expect(votes.models == 1, "mode parts: expected one deterministic model a part, so 1 trial, got ", votes.models,
         "; several under noise make a mode with +parts");
  foreign_certificates found{{.mode = std::string(parts_facts::name),
                              .certified = plain_parts::certified,
                              .norm = std::string(parts_facts::norm),
                              .assumptions = {"training_is_deterministic"},
                              .conditional_on = {},
                              .certificates = {}},
                             std::vector<double>(votes.samples, 0.0)};
  assume_foreign_parts(found.issued);
  std::vector<label_type> labels(votes.parts);
  for (std::size_t i = 0; i < votes.samples; ++i) {
    for (std::size_t j = 0; j < votes.parts; ++j) labels[j] = only_vote(votes.counts[j][i]);
    found.issued.certificates.push_back(certify_plain_parts(part_votes(labels, votes.classes)));
  }
  return found;
}

[[nodiscard]] inline foreign_certificates certify_smoothed(const foreign_votes& votes, const mode_evidence& evidence,
                                                           const foreign_settings& s) {
  expect(!s.two_sided && s.bound != jeffreys_sequence::name, "mode ", s.mode.name(),
         ": parts report by the bound of a fixed number of votes, one side at half of alpha_part; two_sided and ",
         jeffreys_sequence::name, " do not go with it");
  const auto models = static_cast<std::int64_t>(votes.models);
  const double alpha_part = s.alpha_part ? *s.alpha_part : best_alpha_part(votes.parts, models, s.alpha);
  const std::size_t failures = allowed_failures(votes.parts, alpha_part, s.alpha);
  expect(2 * failures < votes.parts, "alpha_part: at ", alpha_part, " as many as ", failures, " of ", votes.parts,
         " reports may be false, so that no votes certify anything");
  const stated_mode mode = state_mode(s.mode.of_one_part(), evidence);
  if (s.mode.joint) {  // whether the test noise is known and its assumption stated
    static_cast<void>(state_mode({.base = s.mode.base, .joint = true}, evidence));
  }
  part_reports reports(votes.parts, votes.samples, votes.classes, s.alpha, alpha_part, failures);
  std::string_view bound;
  for (std::size_t j = 0; j < votes.parts; ++j) {
    const bounded_votes bounds = bound_counts(votes.counts[j], s, alpha_part);
    bound = bounds.bound;
    reports.report(j, bounds, mode);
  }
  // No attack on known rows is asked about, so it does not matter here which part each row is in.
  const training_scales& scales = evidence.training_rows(s.mode.name());
  const part_statement statement(mode, scales, std::vector<std::uint32_t>(scales.size(), 0), std::move(reports),
                                 s.mode.joint ? evidence.joint_noise : std::nullopt);
  foreign_certificates found{{.mode = s.mode.name(),
                              .certified = part_statement::certified,
                              .norm = std::string(mode.norm),
                              .assumptions = mode.assumptions,
                              .conditional_on = mode.conditions,
                              .certificates = statement.issue(part_mode_name(s.mode), bound, no_split::name, models)},
                             {},
                             failures,
                             alpha_part};
  assume_foreign_parts(found.issued);
  if (s.mode.joint) found.issued.assumptions.emplace_back(assume::test_scale_fixed_beforehand::name);
  for (std::size_t i = 0; i < votes.samples; ++i) {
    found.energies.push_back(statement.reports().frontier(i).energy(s.rows_touched));
  }
  return found;
}

}  // namespace detail

/// Brief: the certificates of these votes in one mode. What this library would have seen to is assumed, and named.
/// Throws: argument_error if the mode does not fit the votes, if evidence or an assumption that it needs is missing,
/// for more parts touched than there are, and for an alpha_part at which no votes certify anything.
/// Cost: k n bounds, and with smoothed parts n sorts of k budgets.
[[nodiscard]] inline foreign_certificates certify_foreign(const foreign_votes& votes, const mode_evidence& evidence,
                                                          const foreign_settings& s) {
  const bool plain = s.mode.base == parts_facts::name;
  expect(plain || s.mode.parts || votes.parts == 0, "mode ", s.mode.name(), " is of one ensemble; votes of ",
         votes.parts, " parts take mode parts, or a mode with +parts");
  expect((!plain && !s.mode.parts) || votes.parts > 0, "mode ", s.mode.name(),
         " takes votes of shape [k,n,K], a table for each of k parts");
  expect(s.rows_touched <= votes.parts, "rows touched: expected at most ", votes.parts, ", the number of parts, got ",
         s.rows_touched);
  expect(!s.alpha_part || s.mode.parts, "alpha_part goes with a mode with +parts");
  if (plain) return detail::certify_plain(votes);
  if (s.mode.parts) return detail::certify_smoothed(votes, evidence, s);
  const bounded_votes bounds =
      votes.counts.empty() ? detail::bound_scores(votes, s) : detail::bound_counts(votes.counts.front(), s, s.alpha);
  return {issue_stated(bounds, state_mode(s.mode, evidence))};
}

}  // namespace v1
}  // namespace certssb
