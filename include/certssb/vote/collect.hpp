// SPDX-License-Identifier: MIT
#pragma once
// Brief: collects the votes of members: of all M, or of as many as a stopping rule asks for.

#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the votes of the ensemble on one set of test inputs, and the scales of the noise on them: `scales`, or
/// `own_scales` if each member found its own.
/// Shapes: scales [n]; votes [n,K]; scores [M,n,K] or empty; own_scales [M,n] or empty.
template <std::floating_point Scalar>
struct ballot {
  noise_scales scales;
  vote_counts votes;
  std::vector<Scalar> scores;
  std::vector<double> own_scales;
};

/// Brief: the scores of one member on one set of test inputs, and the noise scales that it found for them, if it did.
/// Shapes: scores [n,K]; own_scales [n] or empty.
template <std::floating_point Scalar>
struct member_answer {
  std::vector<Scalar> scores;
  std::vector<double> own_scales;
};

/// Brief: decides after each member, in member order, whether enough members have voted.
/// Members: add(votes), given the member's hard votes on all test inputs, set after set, returns true to stop.
template <class Rule>
concept stopping_rule = requires(Rule& rule, std::span<const label_type> votes) {
  { rule.add(votes) } -> std::convertible_to<bool>;
};

/// Brief: no early stopping: all members are trained.
struct every_member {};
inline constexpr every_member train_all{};

/// Brief: the number of members trained before the stopping rule is asked again. It is fixed, so that results do not
/// depend on threads.
inline constexpr std::size_t stopping_round = 16;

/// Brief: calls `answer(m)` for m = 0 .. models - 1, which gives one member_answer per ballot, and adds them to the
/// ballots. With a stopping rule, members 0 .. T - 1 count, where T is the first number of members at which the rule
/// says to stop.
/// Requires: `answer` may be called from several threads at once; the ballots have no votes yet.
/// Throws: argument_error for models = 0; cancelled when the observer stops it; whatever `answer` throws.
/// Cost: `models` answers, or at most 15 more than T.
/// Determinism: the same votes for any executor. With a rule, members are trained in rounds of 16, the rule sees them
/// in order, and members of the last round after T are discarded.
template <class Answer, std::floating_point Scalar, executor Executor, observer Observer, class Rule>
void collect_votes(std::size_t models, const Answer& answer, std::vector<ballot<Scalar>>& ballots, bool keep_scores,
                   const Executor& workers, Observer& watch, Rule& rule) {
  expect(models > 0, "collect_votes: needs at least 1 model");
  progress_counter counter(watch, "training", models);
  using answers = std::vector<member_answer<Scalar>>;
  const auto put = [](const auto& part, std::size_t m, auto& whole) {
    if (whole.size() < (m + 1) * part.size()) whole.resize((m + 1) * part.size());
    std::ranges::copy(part, whole.begin() + static_cast<std::ptrdiff_t>(m * part.size()));
  };
  const auto add = [&](std::size_t m, const answers& given) {
    for (std::size_t k = 0; k < ballots.size(); ++k) {
      ballots[k].votes.add(std::span<const Scalar>(given[k].scores));
      if (keep_scores) put(given[k].scores, m, ballots[k].scores);
      put(given[k].own_scales, m, ballots[k].own_scales);
    }
  };
  if constexpr (std::same_as<std::remove_const_t<Rule>, every_member>) {
    std::mutex adding;
    workers.for_each(models, [&](std::size_t m) {
      counter.expect_running();
      const answers given = answer(m);
      {
        const std::lock_guard hold(adding);
        add(m, given);
      }
      counter.advance();
    });
  } else {
    static_assert(stopping_rule<Rule>, "collect_votes: the rule needs add(span of the member's hard votes) -> bool");
    for (std::size_t first = 0; first < models; first += stopping_round) {
      std::vector<answers> round(std::min(stopping_round, models - first));
      workers.for_each(round.size(), [&](std::size_t j) {
        counter.expect_running();
        round[j] = answer(first + j);
        counter.advance();
      });
      for (std::size_t j = 0; j < round.size(); ++j) {
        add(first + j, round[j]);
        std::vector<label_type> votes;
        for (std::size_t k = 0; k < ballots.size(); ++k) {
          const std::size_t classes = ballots[k].votes.classes();
          for (std::size_t i = 0; i < ballots[k].votes.samples(); ++i) {
            votes.push_back(static_cast<label_type>(
                hard_vote(std::span<const Scalar>(round[j][k].scores).subspan(i * classes, classes))));
          }
        }
        if (rule.add(std::span<const label_type>(votes))) return;
      }
    }
  }
}

}  // namespace v1
}  // namespace certssb
