// SPDX-License-Identifier: MIT
#pragma once
// Brief: the defences whose models are trained without noise: one for each part of the training set, by any election,
// or one for each bag of rows.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/core/stopwatch.hpp"
#include "certssb/data/row_sets.hpp"
#include "certssb/ensemble/bags.hpp"
#include "certssb/ensemble/parts.hpp"
#include "certssb/radius/run_off.hpp"
#include "certssb/run/trained_defence.hpp"
#include "certssb/run/vote_parts.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Brief: distinct shifts below `models`.
/// Determinism: a function of the arguments.
[[nodiscard]] inline std::vector<std::size_t> draw_shifts(std::size_t models, std::size_t count,
                                                          const random_key& key) {
  std::vector<std::size_t> shifts(models);
  std::iota(shifts.begin(), shifts.end(), std::size_t{0});
  random_stream stream(key.derive(1).at(stage::parts));
  shuffle(std::span(shifts), stream);
  shifts.resize(count);
  return shifts;
}

/// Brief: the rows of every model, where the model at (hash + shift) mod k sees a row.
[[nodiscard]] inline std::vector<std::vector<std::size_t>> shifted_positions(const row_parts& hashes,
                                                                             std::span<const std::size_t> shifts) {
  std::vector<std::vector<std::size_t>> all(hashes.parts());
  for (std::size_t i = 0; i < hashes.rows(); ++i) {
    for (const std::size_t shift : shifts) all[(hashes[i] + shift) % hashes.parts()].push_back(i);
  }
  return all;
}

/// Brief: every model's order of the classes; a score that is not a number comes after all numbers.
/// Shapes: scores [M,n,K]; result [M, n K].
template <std::floating_point Scalar>
[[nodiscard]] hard_votes order_all(const std::vector<Scalar>& scores, std::size_t samples, std::size_t classes) {
  const std::size_t row = samples * classes;
  hard_votes orders(row, classes);
  std::vector<label_type> of_model(row);
  std::vector<Scalar> numbers(classes);
  for (std::size_t first = 0; first < scores.size(); first += row) {
    for (std::size_t at = 0; at < row; at += classes) {
      for (std::size_t c = 0; c < classes; ++c) {
        const Scalar score = scores[first + at + c];
        numbers[c] = std::isnan(score) ? -std::numeric_limits<Scalar>::infinity() : score;
      }
      order_classes(std::span<const Scalar>(numbers), std::span(of_model).subspan(at, classes));
    }
    orders.add_votes(of_model);
  }
  return orders;
}

}  // namespace detail

/// Brief: the defence that such votes make: without the scores, and for a run-off with every model's order instead.
template <std::floating_point Scalar>
[[nodiscard]] trained_defence<Scalar> without_noise_from(const defence_settings& settings, std::size_t rows,
                                                         std::optional<voted_parts<Scalar>> parts,
                                                         std::vector<ballot<Scalar>> ballots) {
  trained_defence<Scalar> trained{.settings = settings,
                                  .noise = noise_law::gaussian,
                                  .train_scales = training_scales::constant(rows, 1.0),
                                  .ballots = std::move(ballots)};
  for (ballot<Scalar>& votes : trained.ballots) {
    const std::size_t n = votes.votes.samples();
    const std::size_t classes = votes.votes.classes();
    if (settings.elect.rule == election_rule::run_off) {
      parts->preferences.push_back(detail::order_all(votes.scores, n, classes));
    }
    votes.scores = {};
    if (settings.bagged() && !settings.smoothing.keep_votes) votes.member_votes = {};
  }
  trained.parts = std::move(parts);
  return trained;
}

/// Brief: trains the models that the settings ask for, each on its own rows, and takes their votes.
/// Throws: argument_error for more parts, or models of finite aggregation, than rows; as vote_plain_parts.
/// Cost: as vote_plain_parts. A run-off keeps all scores while it is held: k n K numbers.
/// Determinism: a function of rows, settings and key, for any executor.
template <std::floating_point Scalar, class Context, class Rows>
[[nodiscard]] trained_defence<Scalar> train_without_noise(const Context& context, const defence_settings& settings,
                                                          const Rows& rows, const row_sets_of<Rows>& tests,
                                                          const random_key& key) {
  const stopwatch watch;
  const std::size_t d = settings.elect.models_per_row;
  const bool runs_off = settings.elect.rule == election_rule::run_off;
  std::optional<voted_parts<Scalar>> parts;
  std::vector<std::vector<std::size_t>> positions;
  if (settings.bagged()) {
    positions = draw_bags(rows.size(), settings.bag, settings.smoothing.models, key);
  } else {
    expect(d == 1 || settings.parts <= rows.size() / d, "election: ", settings.elect.name(), " of ", settings.parts,
           " parts trains ", settings.parts * d, " models, more than the ", rows.size(), " training rows");
    parts.emplace(voted_parts<Scalar>{row_parts::of(rows, settings.parts * d, settings.cut, key)});
    if (settings.elect.rule == election_rule::finite) {
      parts->shifts = detail::draw_shifts(settings.parts * d, d, key);
      positions = detail::shifted_positions(parts->cut, parts->shifts);
    } else {
      positions = parts->cut.positions();
    }
  }
  auto trained =
      without_noise_from<Scalar>(settings, rows.size(), std::move(parts),
                                 vote_plain_parts(context, rows, positions, tests, key,
                                                  {.rows_repeat = settings.bagged(), .keep_scores = runs_off}));
  trained.train_seconds = watch.seconds();
  return trained;
}

}  // namespace v1
}  // namespace certssb
