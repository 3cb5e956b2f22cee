// SPDX-License-Identifier: MIT
#pragma once
// Brief: the certificates of learners with a closed form and of members on bags, from what was computed of their training
// rows, and whether they cover an attack that is known row by row.

#include "certssb/certificate/attack_extent.hpp"
#include "certssb/certificate/certificate.hpp"
#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/closed_form_facts.hpp"
#include "certssb/certificate/closed_forms.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/radius/bagging.hpp"
#include "certssb/radius/nearest_mean.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: a certificate of one deterministic model, which names nothing yet.
template <class Facts>
[[nodiscard]] certificate blank_certificate(label_type predicted) {
  return {.predicted = predicted,
          .result = outcome::bounds_overlap,
          .mode = Facts::name,
          .norm = Facts::norm,
          .bound = "none",
          .selection = "none",
          .models = 1};
}

/// Brief: the statement of mode `nearest_mean` on one sample: no row may be changed at will. Where no other class has
/// rows any radius holds; 1e100 stands for that.
struct mean_statement {
  static constexpr bool certified = true;
  [[nodiscard]] static double radius(const nearest_mean_answer& answer, std::size_t /*rows*/) {
    return std::min(answer.radius, 1e100);
  }
};

}  // namespace detail

/// Brief: mode `knn_vote`, from the votes of the nearest rows.
[[nodiscard]] inline std::vector<certificate> certificates_of_neighbours(const vote_counts& votes) {
  std::vector<certificate> all;
  all.reserve(votes.samples());
  for (std::size_t i = 0; i < votes.samples(); ++i) {
    const surviving_class answer = survive_by_counts(votes[i].counts);
    certificate& c = all.emplace_back(detail::blank_certificate<knn_vote_facts>(answer.label));
    c.label = answer.label;
    c.rows = answer.survives;
    c.result = outcome::certified;
  }
  return all;
}

/// Brief: the probabilities of mode `bagged_nearest` as bounds, which may be wrong by what the answers say.
/// Throws: argument_error unless there is one error for each sample.
[[nodiscard]] inline bounded_votes bounds_of_bags(const closed_answers& answers) {
  bounded_votes bounds{{}, answers.classes, "none", "none", 0.0};
  for (std::size_t i = 0; i < answers.samples(); ++i) {
    const std::span<const double> p = answers.of(i);
    const top_two top = find_top_two(p);
    bounds.samples.push_back(
        {{static_cast<label_type>(top.first), std::clamp(p[top.first] - answers.errors[i], 0.0, 1.0),
          std::clamp(p[top.second] + answers.errors[i], 0.0, 1.0)},
         1});
  }
  return bounds;
}

/// Brief: modes `bagged_nearest` and `bagging`, from bounds of what members on bags of `bag` out of `rows` rows name.
/// Throws: as bagging.
template <class Facts>
[[nodiscard]] std::vector<certificate> certificates_of_bags(const bounded_votes& bounds, std::size_t rows,
                                                            std::size_t bag) {
  const bagging rule(rows, bag);
  std::map<std::pair<double, double>, std::optional<std::size_t>> known;
  std::vector<certificate> all;
  all.reserve(bounds.samples.size());
  for (const auto& [top, models] : bounds.samples) {
    const auto [found, unknown] = known.try_emplace({top.lower, top.upper});
    if (unknown) found->second = rule.survives(top.lower, top.upper);
    certificate& c = all.emplace_back(detail::blank_certificate<Facts>(top.label));
    c.lower = top.lower;
    c.upper = top.upper;
    c.bound = bounds.bound;
    c.selection = bounds.selection;
    c.alpha = bounds.alpha;
    c.models = models;
    c.rows = found->second;
    if (c.rows) {
      c.label = top.label;
      c.result = outcome::certified;
    } else if (top.lower > top.upper) {
      c.result = outcome::nothing_left;
    } else if (top.upper == 1.0 - top.lower) {
      c.result = outcome::bound_not_above_half;
    }
  }
  return all;
}

/// Brief: mode `nearest_mean`, from the distances to the class means.
/// Shapes: counts [K], the rows of each class.
/// Throws: as nearest_mean_radius.
[[nodiscard]] inline std::vector<certificate> certificates_of_means(const closed_answers& answers,
                                                                    std::span<const std::size_t> counts) {
  std::vector<certificate> all;
  all.reserve(answers.samples());
  for (std::size_t i = 0; i < answers.samples(); ++i) {
    const nearest_mean_answer answer = nearest_mean_radius(answers.of(i), counts, answers.errors[i]);
    certificate& c = all.emplace_back(detail::blank_certificate<nearest_mean_facts>(answers.nearest(i, counts)));
    if (answer.label == abstain) continue;
    c.label = answer.label;
    c.radius = certified_radius::issue_region(detail::mean_statement{}, answer, 0);
    c.rows = 0;
    c.result = outcome::certified;
  }
  return all;
}

/// Brief: whether certificates that count rows cover an attack: whether as many rows as it changes are survived.
/// Shapes: result as certificates; the attack's lengths are of all training rows.
/// Throws: as rows_changed_by.
[[nodiscard]] inline std::vector<bool> cover_by_rows(std::span<const certificate> certificates,
                                                     const attack_extent& attack) {
  const std::size_t changed = rows_changed_by(attack).size();
  std::vector<bool> covered;
  for (const certificate& c : certificates) covered.push_back(c.rows.has_value() && changed <= *c.rows);
  return covered;
}

/// Brief: whether certificates of a radius over all training features cover an attack: no label is changed, and its
/// patterns together are shorter.
/// Shapes: result as certificates.
[[nodiscard]] inline std::vector<bool> cover_by_length(std::span<const certificate> certificates,
                                                       const attack_extent& attack) {
  double square = 0.0;
  for (const double length : attack.l2) square += length * length;
  const double together = std::sqrt(square) * (1.0 + static_cast<double>(attack.l2.size() + 8) * 0x1p-53);
  const bool relabels =
      attack.changed_labels > 0 || std::ranges::any_of(attack.relabelled, [](auto changed) { return changed != 0; });
  std::vector<bool> covered;
  for (const certificate& c : certificates) covered.push_back(!relabels && together < c.radius.value());
  return covered;
}

}  // namespace v1
}  // namespace certssb
