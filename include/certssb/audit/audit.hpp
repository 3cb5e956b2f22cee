// SPDX-License-Identifier: MIT
#pragma once
// Brief: the audit: attacks every mode on learners whose worst poison is known.

#include "certssb/audit/closed_form_audits.hpp"
#include "certssb/audit/combined_audits.hpp"
#include "certssb/audit/exposure_audits.hpp"
#include "certssb/audit/held_scale_audits.hpp"
#include "certssb/audit/l1_audits.hpp"
#include "certssb/audit/low_bits_audit.hpp"
#include "certssb/audit/memory_audit.hpp"
#include "certssb/audit/neighbour_audit.hpp"
#include "certssb/audit/network_audit.hpp"
#include "certssb/audit/parts_audit.hpp"
#include "certssb/audit/published_audits.hpp"
#include "certssb/audit/selected_scale_audits.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a mode as it is audited.
struct audited_mode {
  std::string_view mode;
  bool certified;             ///< whether a violation refutes something that is claimed
  bool tight;                 ///< whether for some of these learners no larger claim would be true
  std::string_view learners;  ///< the learners of its instances
  std::string_view remark;    ///< for a mode that is not certified: what goes wrong
  claim_outcome (*instance)(const instance_draws&);
  std::size_t one_in = 1;  ///< run only one in so many instances, if each costs much
};

/// Brief: the modes of the library, in the order of the table of docs/guarantee.md.
inline constexpr auto audited_modes = std::to_array<audited_mode>({
    {"uniform", true, true, "half space, threshold", "", audit_uniform},
    {"given_scales", true, true, "half space, threshold", "", audit_given_scales},
    {"frozen", true, true, "half space, threshold", "", audit_frozen},
    {"ledger", true, true, "repeated and adaptive exposure", "", audit_ledger},
    {"floor", true, true, "half space, noised first", "", audit_floor},
    {"quantised", true, true, "half space, energy; scale in bins", "", audit_quantised},
    {"semi_elastic", true, false, "half space, energy; scale follows", "", audit_semi_elastic_many},
    {"semi_elastic_one_row", true, false, "half space, energy; scale follows", "", audit_semi_elastic_one},
    {"uniform_l1", true, true, "threshold", "", audit_uniform_l1},
    {"laplace_l1", true, true, "threshold", "", audit_laplace_l1},
    {"knn1_exact", true, false, "nearest neighbour", "", audit_knn1_exact},
    {"uniform+joint", true, true, "half space with test input", "", audit_flags<uniform_mode, audited_flags::joint>},
    {"frozen+joint", true, true, "half space with test input", "", audit_flags<frozen_mode, audited_flags::joint>},
    {"floor+joint", true, true, "half space with test input", "", audit_flags<floor_mode, audited_flags::joint>},
    {"ledger+joint", true, true, "half space with test input", "", audit_flags<ledger_mode, audited_flags::joint>},
    {"quantised+joint", true, true, "half space with test input", "",
     audit_flags<quantised_mode, audited_flags::joint>},
    {"uniform+label-noise", true, false, "half space with labels", "",
     audit_flags<uniform_mode, audited_flags::label_noise>},
    {"frozen+label-noise", true, false, "half space with labels", "",
     audit_flags<frozen_mode, audited_flags::label_noise>},
    {"floor+label-noise", true, false, "half space with labels", "",
     audit_flags<floor_mode, audited_flags::label_noise>},
    {"ledger+label-noise", true, false, "half space with labels", "",
     audit_flags<ledger_mode, audited_flags::label_noise>},
    {"uniform+joint+label-noise", true, false, "half space, test input, labels", "",
     audit_flags<uniform_mode, audited_flags::joint_and_label_noise>},
    {"frozen+joint+label-noise", true, false, "half space, test input, labels", "",
     audit_flags<frozen_mode, audited_flags::joint_and_label_noise>},
    {"floor+joint+label-noise", true, false, "half space, test input, labels", "",
     audit_flags<floor_mode, audited_flags::joint_and_label_noise>},
    {"ledger+joint+label-noise", true, false, "half space, test input, labels", "",
     audit_flags<ledger_mode, audited_flags::joint_and_label_noise>},
    {"uniform_many_classes", true, true, "half space, 3 to 6 classes", "",
     audit_flags<uniform_mode, audited_flags::many_classes>},
    {"frozen_many_classes", true, true, "half space, 3 to 6 classes", "",
     audit_flags<frozen_mode, audited_flags::many_classes>},
    {"parts", true, true, "every set of parts", "", audit_parts},
    {"uniform+parts", true, true, "half space in each part", "", audit_smoothed_parts<uniform_mode, false>},
    {"frozen+parts", true, true, "half space in each part", "", audit_smoothed_parts<frozen_mode, false>},
    {"uniform+parts+joint", true, true, "half spaces with test input", "", audit_smoothed_parts<uniform_mode, true>},
    {"frozen+parts+joint", true, true, "half spaces with test input", "", audit_smoothed_parts<frozen_mode, true>},
    {"nearest_mean", true, true, "class means", "", audit_nearest_mean},
    {"knn_vote", true, true, "every set of neighbours", "", audit_knn_vote},
    {"bagged_nearest", true, false, "nearest rows, every set", "", audit_bagged_nearest},
    {"bagging", true, false, "nearest rows, every set", "", audit_bagging},
    {"memory", true, true, "streams of test inputs", "", audit_memory},
    {"frozen_network", true, false, "trained networks, by gradient", "", audit_frozen_network, 25},
    {"uniform_low_bits", true, false, "half space, reader of low bits", "", audit_uniform_low_bits, 50},
    {"given_scales_recomputed", false, false, "energy; scale by ascent",
     "given_scales where the ascent runs again on the poisoned rows: the new scale alone gives the poison away",
     audit_given_scales_recomputed},
    {"published", false, false, "half space",
     "the test sample's scale in the radius; the true radius has the training rows' scale, which is smaller",
     audit_published},
    {"published_redrawn", false, false, "half space, 2 to 20 epochs",
     "the noise redrawn every epoch and charged once; the true radius is smaller by the root of the epochs",
     audit_published_redrawn},
    {"ungridded", false, false, "half space, reader of low bits",
     "noise added in floating point, not rounded to a grid: the lowest bits give away what the noise should hide",
     audit_ungridded, 50},
});

/// Brief: the findings of the attacks on one mode.
struct mode_audit {
  audited_mode mode;
  std::size_t instances = 0;
  std::size_t violations = 0;     ///< instances with a change inside the claim that changes the label
  std::size_t flipped = 0;        ///< instances with a change inside or near the claim that changes the label
  double tightness = 0.0;         ///< the smallest of: smallest violating change found / largest claimed
  double median_tightness = 0.0;  ///< infinite if no violating change was found near the claim

  [[nodiscard]] bool refuted() const noexcept { return mode.certified && violations > 0; }
};

/// Brief: attacks random instances of a mode, until `instances` of them have claimed something.
/// Throws: argument_error for instances = 0, or a mode that claims nothing in 1,000 draws.
/// Cost: below two milliseconds per instance, but for semi_elastic_one_row and knn1_exact (15), frozen_network (400), and
/// uniform_low_bits and ungridded (500).
/// Determinism: instance i of a mode depends on (key, mode's name, i) alone, not on the executor.
template <executor Executor = serial_executor>
[[nodiscard]] mode_audit audit_mode(const audited_mode& mode, std::size_t instances, const random_key& key,
                                    const Executor& workers = {}) {
  expect(instances > 0, "audit: needs at least 1 instance");
  instances = (instances + mode.one_in - 1) / mode.one_in;
  std::uint32_t name = 2166136261U;
  for (const char c : mode.mode) name = (name ^ static_cast<unsigned char>(c)) * 16777619U;
  std::vector<claim_outcome> found(instances);
  workers.for_each(instances, [&](std::size_t i) {
    random_stream stream(random_key{key.seed, stage::audit, 0, static_cast<std::uint32_t>(i), name});
    const instance_draws draws(stream);
    for (int tries = 0; tries < 1000 && !found[i].claimed; ++tries) found[i] = mode.instance(draws);
    expect(found[i].claimed, "audit: mode ", mode.mode, " claims nothing of 1000 learners in a row");
  });
  mode_audit result{mode, instances};
  std::vector<double> tightness;
  for (const claim_outcome& one : found) {
    result.violations += one.violated ? 1 : 0;
    if (std::isfinite(one.tightness)) ++result.flipped;
    tightness.push_back(one.tightness);
  }
  std::ranges::sort(tightness);
  result.tightness = tightness.front();
  result.median_tightness = tightness[(instances - 1) / 2];
  return result;
}

/// Brief: the same for each of these modes.
template <executor Executor = serial_executor>
[[nodiscard]] std::vector<mode_audit> audit_modes(std::span<const audited_mode> modes, std::size_t instances,
                                                  const random_key& key, const Executor& workers = {}) {
  std::vector<mode_audit> results;
  for (const audited_mode& mode : modes) results.push_back(audit_mode(mode, instances, key, workers));
  return results;
}

}  // namespace v1
}  // namespace certssb
