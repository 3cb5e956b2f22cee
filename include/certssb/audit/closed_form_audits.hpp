// SPDX-License-Identifier: MIT
#pragma once
// Brief: instances of learners with a closed form, and of members on bags, attacked by the changes that are worst for them.

#include "certssb/audit/attack_claim.hpp"
#include "certssb/audit/parts_audit.hpp"
#include "certssb/audit/random_instances.hpp"
#include "certssb/certificate/closed_certificates.hpp"
#include "certssb/certificate/closed_forms.hpp"
#include "certssb/core/label.hpp"
#include "certssb/data/dataset.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/radius/bagged_nearest.hpp"
#include "certssb/tensor/host_array.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: training rows in a small space and a test input at its origin.
struct rows_about_origin {
  std::size_t dimension;
  std::size_t classes;
  std::vector<double> values;
  std::vector<label_type> labels;

  [[nodiscard]] dataset<host_array<double>> rows() const {
    return {host_array<double>(values, dimension), labels, classes, {dimension}, value_range{-1e6, 1e6}};
  }
  [[nodiscard]] closed_answers distances() const {
    return find_mean_distances(find_class_means(rows()), host_array<double>(std::vector<double>(dimension), dimension));
  }
  [[nodiscard]] std::vector<std::size_t> counts() const { return find_class_means(rows()).counts; }

  /// Brief: with the rows of class y moved by `away` from the origin along their mean, and those of c by `toward` to it.
  [[nodiscard]] rows_about_origin moved(std::size_t y, double away, std::size_t c, double toward) const {
    rows_about_origin changed = *this;
    const class_means means = find_class_means(rows());
    const closed_answers to = distances();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto own = static_cast<std::size_t>(labels[i]);
      const double step = own == y ? away : own == c ? -toward : 0.0;
      for (std::size_t p = 0; p < dimension; ++p) {
        changed.values[i * dimension + p] += step * means.mean(own)[p] / to.values[own];
      }
    }
    return changed;
  }
};

}  // namespace detail

/// Brief: nearest class means, of which two are moved along their lines to the test input, as is cheapest.
/// Maths: to close a gap g between the distances, rows of class y move by g n_c / (n_y + n_c) each, and those of c by
/// g n_y / (n_y + n_c). tightness is the least share of these moves that takes the class, found by bisection.
[[nodiscard]] inline claim_outcome audit_nearest_mean(const instance_draws& draws) {
  detail::rows_about_origin at{draws.count(1, 4), draws.count(2, 4), {}, {}};
  for (std::size_t i = 0; i < at.classes + draws.count(0, 12); ++i) {
    const std::size_t label = i < at.classes ? i : draws.count(0, at.classes - 1);
    at.labels.push_back(static_cast<label_type>(label));
    for (const double x : draws.normals(at.dimension)) at.values.push_back(x + 1.5 * static_cast<double>(label));
  }
  const std::vector<std::size_t> counts = at.counts();
  const closed_answers distances = at.distances();
  const certificate c = certificates_of_means(distances, counts).front();
  claim_outcome found{.claimed = c.radius.value() > 1e-9};
  if (!found.claimed) return found;
  const auto y = static_cast<std::size_t>(c.label);
  const auto mine = static_cast<double>(counts[y]);
  for (std::size_t rival = 0; rival < at.classes; ++rival) {
    if (rival == y) continue;
    const auto theirs = static_cast<double>(counts[rival]);
    const double gap = distances.values[rival] - distances.values[y];
    const double length = gap * std::sqrt(mine * theirs / (mine + theirs));
    const auto taken = [&](double share) {
      const auto changed =
          at.moved(y, share * gap * theirs / (mine + theirs), rival, share * gap * mine / (mine + theirs));
      return changed.distances().nearest(0, counts) != c.label;
    };
    double inside = 0.0;
    double outside = 1.5;
    if (!taken(outside)) continue;
    for (int step = 0; step < 50; ++step) {
      const double middle = 0.5 * (inside + outside);
      (taken(middle) ? outside : inside) = middle;
    }
    found.tightness = std::min(found.tightness, outside * length / c.radius.value());
  }
  found.violated = found.tightness < 1.0;
  return found;
}

/// Brief: the nearest rows, each of which may come to have any label.
/// Maths: tightness is the least number of rows that change the winner, over the number survived and one.
[[nodiscard]] inline claim_outcome audit_knn_vote(const instance_draws& draws) {
  const std::size_t classes = draws.count(2, 4);
  const std::vector<label_type> labels = detail::random_labels(draws, draws.count(1, 8), classes);
  std::vector<std::int64_t> counts(classes);
  for (const label_type label : labels) ++counts[static_cast<std::size_t>(label)];
  const vote_counts votes(counts, classes, static_cast<std::int64_t>(labels.size()));
  const certificate c = certificates_of_neighbours(votes).front();
  const double needed =
      detail::least_price(detail::winning_sets(labels, classes), std::vector<double>(labels.size(), 1.0), 0);
  const auto survived = static_cast<double>(c.rows.value());
  return {.claimed = true, .violated = needed <= survived, .tightness = needed / (survived + 1.0)};
}

namespace detail {

/// Brief: the nearest row of a bag; every set of rows may come to lie nearest, under any label.
template <class Facts>
[[nodiscard]] claim_outcome audit_bags(const instance_draws& draws) {
  const std::size_t classes = draws.count(2, 3);
  const std::size_t bag = draws.count(2, 5);
  const std::vector<label_type> labels = random_labels(draws, draws.count(2, 8), classes);
  const bagged_nearest bags(labels.size(), bag);
  const auto answer = [&](std::span<const label_type> by_distance) {
    return closed_answers{classes, bags.probabilities(by_distance, classes), {bags.error()}};
  };
  const certificate c = certificates_of_bags<Facts>(bounds_of_bags(answer(labels)), labels.size(), bag).front();
  claim_outcome found{.claimed = c.rows.has_value()};
  if (!c.rows) return found;
  auto needed = std::numeric_limits<double>::infinity();
  for (std::uint32_t set = 1; set < (1U << labels.size()); ++set) {
    for (std::size_t rival = 0; rival < classes; ++rival) {
      std::vector<label_type> nearest;
      std::vector<label_type> others;
      for (std::size_t i = 0; i < labels.size(); ++i) {
        const bool changed = (set >> i & 1U) != 0;
        (changed ? nearest : others).push_back(changed ? static_cast<label_type>(rival) : labels[i]);
      }
      const auto rows = static_cast<double>(nearest.size());
      nearest.insert(nearest.end(), others.begin(), others.end());
      const closed_answers changed = answer(nearest);
      if (static_cast<label_type>(find_top(changed.of(0))) != c.label) needed = std::min(needed, rows);
    }
  }
  found.violated = needed <= static_cast<double>(*c.rows);
  found.tightness = needed / static_cast<double>(*c.rows + 1);
  return found;
}

}  // namespace detail

/// Brief: the most probable class of the nearest row of a bag.
/// Maths: tightness as audit_knn_vote.
[[nodiscard]] inline claim_outcome audit_bagged_nearest(const instance_draws& draws) {
  return detail::audit_bags<bagged_nearest_facts>(draws);
}

/// Brief: members on bags that name the class of their nearest row, with bounds as sharp as their probabilities.
/// Maths: tightness as audit_knn_vote.
[[nodiscard]] inline claim_outcome audit_bagging(const instance_draws& draws) {
  return detail::audit_bags<bagging_facts>(draws);
}

}  // namespace v1
}  // namespace certssb
