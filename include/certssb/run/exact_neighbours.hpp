// SPDX-License-Identifier: MIT
#pragma once
// Brief: the defence of mode knn1_exact, whose class probabilities are enclosed: nothing is trained.

#include "certssb/bound/smoothed_neighbour.hpp"
#include "certssb/certificate/knn1_exact.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/data/row_sets.hpp"
#include "certssb/run/trained_defence.hpp"

#include <concepts>
#include <cstddef>

namespace certssb {
inline namespace v1 {

/// Brief: encloses the class probabilities of every test input, in the place of votes.
/// Throws: cancelled; as enclose_neighbours.
/// Cost: as enclose_neighbours.
template <std::floating_point Scalar, class Rows, executor Executor, observer Observer>
[[nodiscard]] trained_defence<Scalar> enclose_neighbour_defence(const defence_settings& settings, const Rows& rows,
                                                                const row_sets_of<Rows>& tests,
                                                                const Executor& executor, Observer& watch) {
  constexpr double gap = 1e-3;
  const stopwatch since;
  const double sigma = settings.smoothing.sigma;
  trained_defence<Scalar> trained{.settings = settings,
                                  .noise = noise_law::gaussian,
                                  .train_scales = training_scales::constant(rows.size(), sigma),
                                  .ballots = {}};
  progress_counter counter(watch, "nearest neighbours", tests.size());
  for (std::size_t k = 0; k < tests.size(); ++k) {
    trained.exact_bounds.push_back(
        bound_neighbours(enclose_neighbours(rows, trained.train_scales, tests[k].inputs(), gap, executor)));
    trained.ballots.push_back({test_scales::constant(tests[k].size(), settings.smoothing.test_sigma.value_or(sigma)),
                               vote_counts(tests[k].size(), tests[k].classes()),
                               {},
                               {}});
    counter.advance();
  }
  trained.train_seconds = since.seconds();
  return trained;
}

}  // namespace v1
}  // namespace certssb
