// SPDX-License-Identifier: MIT
#pragma once
// Brief: mode `memory`: what storage-update certifies.

#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/memory_facts.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/gaussian_l2.hpp"
#include "certssb/storage/update_rule.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the stateful predictor that answered these samples in this order, and keeps its store, gives the stored label
/// to every later input that is closer than the stored radius.
/// Maths: regions of different labels are disjoint and never change, so the regions around an input agree (Theorem M).
/// The radius is less than the stored one by what the rounding of a later input's distance could hide.
/// This is a statement about test inputs, and it holds for all radii. It says nothing about the training set, about the
/// label being right, or about earlier answers. It is not comparable with the modes of the training set; its norm has
/// another name for this reason.
/// Reference: Alfarra et al. (UAI 2022), memory-based certification; Cert-SSB, storage-update.
class memory_mode {
public:
  static constexpr std::string_view name = memory_facts::name;
  static constexpr std::string_view norm = "l2_of_test_inputs";
  static constexpr bool certified = true;
  static constexpr auto assumptions = std::to_array<std::string_view>({"one_stateful_predictor", "order_as_given"});

  /// Brief: for the answers of storage-update to n samples.
  explicit memory_mode(std::span<const stored_answer> answers) {
    for (const stored_answer& answer : answers) radii_.push_back(answer.remembered);
  }

  /// Brief: its row in the table of modes (certificate/named.hpp).
  [[nodiscard]] static mode_facts facts() { return memory_facts::facts(); }

  [[nodiscard]] static name_list conditional_on() noexcept { return conditions; }
  [[nodiscard]] std::size_t samples() const noexcept { return radii_.size(); }
  /// Brief: the budget of the vote; the stored radius does not depend on it.
  [[nodiscard]] static double budget(double lower, double upper) { return gaussian_l2::budget(lower, upper); }
  [[nodiscard]] double radius(double, std::size_t sample) const { return radii_[sample]; }
  [[nodiscard]] double scale(std::size_t sample) const noexcept { return radii_[sample]; }
  [[nodiscard]] static std::size_t rows() noexcept { return 0; }
  [[nodiscard]] static double per_pattern(double, std::size_t) noexcept { return 0.0; }
  [[nodiscard]] static bool covers(double, const attack_extent&) noexcept { return false; }

private:
  static constexpr auto conditions = std::to_array<std::string_view>({"store", "order_of_samples"});

  std::vector<double> radii_;
};

static_assert(certificate_mode<memory_mode>);

/// Brief: the certificates of mode `memory`: the stored label and radius of each sample, adopted or not. Their budget
/// is 0, since the radius does not come from the votes.
/// Shapes: asked and answers [n], as given to and by storage_update.
/// Throws: argument_error if lengths disagree.
[[nodiscard]] inline std::vector<certificate> remembered(std::span<const certificate> asked,
                                                         std::span<const stored_answer> answers) {
  expect(asked.size() == answers.size(), "remembered: ", asked.size(), " certificates but ", answers.size(),
         " answers");
  const memory_mode mode(answers);
  std::vector<certificate> all(asked.begin(), asked.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    certificate& c = all[i];
    c.mode = mode.name;
    c.norm = mode.norm;
    c.candidate = {};
    c.radius = {};
    c.rows.reset();  // nothing is said of training rows
    c.frontier.clear();
    c.scale = mode.scale(i);
    c.budget = 0.0;
    if (!answers[i].stored) {
      if (c.has_radius()) c.result = outcome::nothing_left;
      c.label = abstain;
      continue;
    }
    c.label = c.predicted = answers[i].label;
    c.result = outcome::certified;
    c.radius = certified_radius::issue(mode, 0.0, i);
  }
  return all;
}

}  // namespace v1
}  // namespace certssb
