// SPDX-License-Identifier: MIT
#pragma once
// Brief: certificates of votes from elsewhere, from a request in plain settings.

#include "certssb/core/expect.hpp"
#include "certssb/core/number_text.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/run/certify_foreign.hpp"
#include "certssb/run/foreign_request.hpp"
#include "certssb/run/read_arrays.hpp"
#include "certssb/storage/storage_update.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: votes from elsewhere, their certificates, and what the request adds to them.
struct foreign_answers {
  foreign_request request;
  foreign_votes votes;
  foreign_certificates certified;
  mode_evidence evidence;                ///< that the mode rests on
  std::string bound;                     ///< by which the votes were bounded
  std::vector<std::string> events = {};  ///< of storage-update, [n]; none without it
  std::vector<label_type> labels = {};   ///< true ones, [n]; none without them
  double certify_s = 0.0;                ///< the time that all of this took
};

namespace detail {

/// Brief: what a mode needs and the request lacks, said with the name of the setting.
inline void expect_given(bool given, const foreign_request& r, std::string_view names) {
  expect(given, "mode ", r.mode, " needs ", names);
}

/// Brief: what the flags of a mode need.
inline void add_flag_evidence(const foreign_request& r, const mode_request& wanted, mode_evidence& evidence) {
  if (wanted.joint) {
    const auto scale = parse_number<double>(r.sigma_test);
    expect_given(scale.has_value(), r, "sigma_test, one number: the constant scale of the test noise");
    expect_given(r.test_draws.has_value(), r, "test_draws, the noise draws behind one vote");
    evidence.joint_noise = test_noise{*scale, *r.test_draws};
  }
  if (wanted.label_noise) {
    expect_given(r.flip_probability && r.flipped_labels, r, "flip_probability and flipped_labels");
    evidence.flips = label_flips(*r.flip_probability, *r.flipped_labels);
  }
}

/// Brief: what the selector of the mode's scales is known to do. Where the caller does not state what the mode assumes,
/// that is said first, elsewhere.
inline void add_selector_evidence(const foreign_request& r, const mode_facts& facts, mode_evidence& evidence) {
  const bool states = std::ranges::all_of(
      facts.to_state, [&](std::string_view name) { return std::ranges::find(r.assume, name) != r.assume.end(); });
  const auto needs = [&](evidence_kind kind) {
    return states && std::ranges::find(facts.needs, kind) != facts.needs.end();
  };
  expect_given(!needs(evidence_kind::constant_radii) || !r.constant_within.empty(), r,
               "constant_within, how far each row may move at the same scale");
  expect_given(!needs(evidence_kind::selector_slope) || (r.semi_elasticity && r.row_size), r,
               "semi_elasticity and row_size");
  if (!r.constant_within.empty()) {
    const std::size_t rows = evidence.training ? evidence.training->size() : 1;
    evidence.constant_within = read_row_values(r.constant_within, rows);
  }
  if (r.semi_elasticity && r.row_size) {
    evidence.selector =
        elasticity{*r.semi_elasticity, *r.row_size, r.rows_changed == "one" ? changed_rows::one : changed_rows::many};
  }
}

}  // namespace detail

/// Brief: what a mode rests on, as far as the request says it. Votes from elsewhere are taken on trust.
/// Throws: argument_error naming what the mode needs and the request lacks; data_error for arrays that do not fit.
[[nodiscard]] inline mode_evidence foreign_evidence(const foreign_request& r, std::size_t samples) {
  const mode_request wanted = mode_request::parse(r.mode);
  const mode_facts facts = facts_of(wanted.base);
  mode_evidence evidence;
  evidence.foreign = true;
  evidence.stated = r.assume;
  evidence.noise = facts.noise;
  const bool of_training = wanted.base != published_mode::name;
  detail::expect_given(!of_training || !r.sigma.empty(), r, "`sigma`, the scales of the training rows");
  detail::expect_given(of_training || !r.sigma_test.empty(), r, "sigma_test, the scales of the test inputs");
  if (of_training) evidence.training = training_scales(read_row_values(r.sigma, 1));
  if (!r.sigma_test.empty()) {
    evidence.test_scales_from_data = !parse_number<double>(r.sigma_test);
    if (!of_training) evidence.test = test_scales(read_row_values(r.sigma_test, samples));
  }
  detail::add_flag_evidence(r, wanted, evidence);
  detail::add_selector_evidence(r, facts, evidence);
  return evidence;
}

/// Brief: reads the votes of a request and certifies them; with a policy, after storage-update.
/// Throws: argument_error where settings do not go together, or a mode lacks what it needs; data_error for arrays that do
/// not fit.
/// Cost: as certify_foreign; with storage-update n^2/2 distances.
[[nodiscard]] inline foreign_answers certify_request(const foreign_request& r) {
  const stopwatch since;
  foreign_votes votes = read_foreign_votes(r);
  expect(r.storage.empty() || votes.parts == 0, "`storage` is for votes of one ensemble, not of parts");
  expect(!r.rows_touched || votes.parts > 0, "rows_touched goes with votes of parts, [k,n,K]");
  const foreign_settings settings{.mode = mode_request::parse(r.mode),
                                  .alpha = r.alpha,
                                  .bound = r.bound,
                                  .two_sided = r.two_sided,
                                  .alpha_part = r.alpha_part,
                                  .rows_touched = r.rows_touched.value_or(0)};
  const bool plain = settings.mode.base == parts_facts::name;
  expect(!plain || (r.bound.empty() && !r.two_sided), "mode parts has no chance in it, so no bound");
  mode_evidence evidence = plain ? mode_evidence{} : foreign_evidence(r, votes.samples);
  foreign_certificates certified = certify_foreign(votes, evidence, settings);
  std::vector<certificate>& all = certified.issued.certificates;
  std::string bound(all.front().bound);
  std::vector<std::string> events;
  if (!r.storage.empty()) {
    const auto answers = storage_update(read_rows(r.inputs, all.size()), std::span<const certificate>(all),
                                        storage_policy_of(r.storage));
    all = after_storage(all, answers);
    for (const stored_answer& answer : answers) events.emplace_back(event_name(answer.event));
  }
  std::vector<label_type> labels;
  if (!r.labels.empty()) labels = read_labels(r.labels, votes.samples, 0, votes.classes);
  return {r,
          std::move(votes),
          std::move(certified),
          std::move(evidence),
          std::move(bound),
          std::move(events),
          std::move(labels),
          since.seconds()};
}

}  // namespace v1
}  // namespace certssb
