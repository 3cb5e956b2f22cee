// SPDX-License-Identifier: MIT
#pragma once
// Brief: the defences of learners with a closed form: nothing is trained or sampled.

#include "certssb/certificate/closed_forms.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/data/row_sets.hpp"
#include "certssb/data/split.hpp"
#include "certssb/model/nearest_mean.hpp"
#include "certssb/run/model_shelf.hpp"
#include "certssb/run/trained_defence.hpp"
#include "certssb/run/vote_parts.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what the training rows answer for every test input; the ballots hold the votes of the neighbours, or one vote
/// for the class that is named.
/// Throws: cancelled; as count_nearest, find_bag_probabilities and find_mean_distances.
/// Cost: as these.
/// Determinism: a function of rows, tests and settings, for any executor.
template <std::floating_point Scalar, class Rows, executor Executor, observer Observer>
[[nodiscard]] trained_defence<Scalar> answer_in_closed_form(const defence_settings& settings, const Rows& rows,
                                                            const row_sets_of<Rows>& tests, const Executor& workers,
                                                            Observer& watch, const model_shelf& shelf = {}) {
  constexpr std::size_t piece = 256;  // test inputs between two looks at the observer
  const stopwatch since;
  trained_defence<Scalar> trained{.settings = settings,
                                  .noise = noise_law::gaussian,
                                  .train_scales = training_scales::constant(rows.size(), 1.0),
                                  .ballots = detail::empty_ballots(tests, 1.0)};
  closed_form& closed = trained.closed.emplace();
  closed.class_counts.resize(rows.classes());
  for (const label_type label : rows.labels()) ++closed.class_counts[static_cast<std::size_t>(label)];
  const bool of_means = settings.mode.base == nearest_mean_facts::name;
  const std::optional<class_means> means = of_means ? std::optional(find_class_means(rows)) : std::nullopt;
  if (means) shelf.keep(0, *means);
  std::size_t inputs = 0;
  for (std::size_t k = 0; k < tests.size(); ++k) inputs += tests[k].size();
  progress_counter counter(watch, "test inputs", inputs);
  for (std::size_t k = 0; k < tests.size(); ++k) {
    const Rows& test = tests[k];
    std::vector<std::int64_t> votes;
    closed_answers answers;
    for (std::size_t first = 0; first < test.size(); first += piece) {
      counter.expect_running();
      const Rows some = rows_between(test, first, std::min(test.size(), first + piece));
      if (settings.neighbours > 0) {
        const vote_counts counts = count_nearest(rows, some.inputs(), settings.neighbours, workers);
        votes.insert(votes.end(), counts.values().begin(), counts.values().end());
      } else {
        answers.append(of_means ? find_mean_distances(*means, some.inputs(), workers)
                                : find_bag_probabilities(rows, some.inputs(), settings.bag, workers));
      }
      counter.advance(some.size());
    }
    vote_counts& cast = trained.ballots[k].votes;
    if (settings.neighbours > 0) {
      cast = vote_counts(std::move(votes), rows.classes(), static_cast<std::int64_t>(settings.neighbours));
      continue;
    }
    std::vector<label_type> named;
    for (std::size_t i = 0; i < test.size(); ++i) {
      named.push_back(of_means ? answers.nearest(i, closed.class_counts)
                               : static_cast<label_type>(find_top(answers.of(i))));
    }
    cast.add_votes(named);
    closed.answers.push_back(std::move(answers));
  }
  trained.train_seconds = since.seconds();
  return trained;
}

/// Brief: the answers of kept class means of `rows` training rows, as answer_in_closed_form gives them.
/// Throws: as find_mean_distances.
template <std::floating_point Scalar, class Rows, executor Executor>
[[nodiscard]] trained_defence<Scalar> answer_by_means(const defence_settings& settings, const class_means& means,
                                                      std::size_t rows, const row_sets<Rows>& tests,
                                                      const Executor& workers) {
  trained_defence<Scalar> trained{.settings = settings,
                                  .noise = noise_law::gaussian,
                                  .train_scales = training_scales::constant(rows, 1.0),
                                  .ballots = detail::empty_ballots(tests, 1.0)};
  closed_form& closed = trained.closed.emplace(closed_form{.class_counts = means.counts});
  for (std::size_t k = 0; k < tests.size(); ++k) {
    closed.answers.push_back(find_mean_distances(means, tests[k].inputs(), workers));
    std::vector<label_type> named;
    for (std::size_t i = 0; i < tests[k].size(); ++i) named.push_back(closed.answers[k].nearest(i, means.counts));
    trained.ballots[k].votes.add_votes(named);
  }
  return trained;
}

}  // namespace v1
}  // namespace certssb
