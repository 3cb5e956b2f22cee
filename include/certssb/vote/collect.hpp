// SPDX-License-Identifier: MIT
#pragma once
// Brief: collects the votes of members: of all M, or of as many as a stopping rule asks for.

#include "certssb/core/executor.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/label.hpp"
#include "certssb/core/observer.hpp"
#include "certssb/noise/scales.hpp"
#include "certssb/vote/block.hpp"
#include "certssb/vote/hard_votes.hpp"
#include "certssb/vote/vote_count.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the votes of the ensemble on one set of test inputs, and the scales of the noise on them: `scales`, or
/// `own_scales` if each member found its own.
/// Shapes: scales [n]; votes [n,K]; scores [M,n,K] or empty; own_scales [M,n] or empty; member_votes [M,n] or of
/// no samples.
template <std::floating_point Scalar>
struct ballot {
  test_scales scales;
  vote_counts votes;
  std::vector<Scalar> scores;
  std::vector<double> own_scales;
  hard_votes member_votes = {};
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

/// Brief: what is kept of single members, and how many members make one piece of work.
struct collect_options {
  bool keep_scores = false;            ///< every member's scores, [M,n,K]
  bool keep_votes = false;             ///< every member's hard votes, [M,n]
  std::size_t block = 1;               ///< members per block; with a stopping rule 16 at most
  std::vector<std::size_t> only = {};  ///< if not empty, the members that are asked, without a stopping rule
};

namespace detail {

/// Brief: the blocks that make up the members asked for.
/// Throws: argument_error for a member that does not exist.
[[nodiscard]] inline std::vector<member_block> blocks_asked(std::size_t models, const collect_options& options) {
  if (options.only.empty()) return blocks_between(0, models, options.block);
  std::vector<member_block> blocks;
  for (const std::size_t m : options.only) {
    expect(m < models, "collect_votes: expected a member below ", models, ", got ", m);
    blocks.push_back({m, 1});
  }
  return blocks;
}

}  // namespace detail

/// Brief: adds the first `members` members of an answer to the ballots. Answers may come in any order.
/// Requires: each member is added once.
/// Throws: argument_error if the answer's sets are not those of the ballots, or `members` is 0 or exceeds its members.
template <std::floating_point Scalar>
void add_answer(std::vector<ballot<Scalar>>& ballots, const block_answer<Scalar>& given, std::size_t members,
                bool keep_votes) {
  expect(given.sets.size() == ballots.size(), "add_answer: expected answers on ", ballots.size(), " sets, got ",
         given.sets.size());
  expect(members > 0 && members <= given.block.count, "add_answer: members must lie in [1, ", given.block.count,
         "], got ", members);
  const auto place = [&](const auto& part, auto& whole) {
    const std::size_t row = part.size() / given.block.count;
    whole.resize(std::max(whole.size(), (given.block.first + members) * row));
    std::copy_n(part.begin(), members * row, whole.begin() + static_cast<std::ptrdiff_t>(given.block.first * row));
  };
  for (std::size_t k = 0; k < ballots.size(); ++k) {
    ballot<Scalar>& to = ballots[k];
    const set_answer<Scalar>& set = given.sets[k];
    expect(set.votes.samples() == to.votes.samples() && set.votes.classes() == to.votes.classes() &&
               set.votes.members() == given.block.count,
           "add_answer: set ", k, ": expected ", given.block.count, " members' votes on ", to.votes.samples(),
           " samples and ", to.votes.classes(), " classes, got ", set.votes.members(), ", ", set.votes.samples(),
           " and ", set.votes.classes());
    for (std::size_t m = 0; m < members; ++m) to.votes.add_votes(set.votes.of_member(m));
    place(set.scores, to.scores);
    place(set.own_scales, to.own_scales);
    if (!keep_votes) continue;
    if (to.member_votes.samples() == 0) to.member_votes = hard_votes(to.votes.samples(), to.votes.classes());
    to.member_votes.place(given.block.first, set.votes, members);
  }
}

/// Brief: calls `answer(block)`, which gives a block_answer, for blocks that make up members 0 .. models - 1, and adds
/// the answers to the ballots. An answer may also be loaded, or come from another machine. With a stopping rule,
/// members 0 .. T - 1 count, where T is the first number of members at which the rule says to stop. With options.only,
/// only those members are asked; the kept votes and scores of the others are then 0.
/// Requires: `answer` may be called from several threads at once; the ballots have no votes yet; no member comes twice
/// in options.only.
/// Throws: argument_error for models = 0, and for an answer to another block; cancelled when the observer stops it;
/// whatever `answer` throws.
/// Cost: `models` members, or at most 15 more than T.
/// Determinism: the same votes for any executor and any size of blocks. With a rule, members are trained in rounds of
/// 16, the rule sees them in order, and members of the last round after T are discarded.
template <class AnswerBlock, std::floating_point Scalar, class Executor, class Observer, class Rule>
void collect_blocks(std::size_t models, const AnswerBlock& answer, std::vector<ballot<Scalar>>& ballots,
                    const collect_options& options, const Executor& workers, Observer& watch, Rule& rule) {
  static_assert(require_executor<Executor>());
  static_assert(require_observer<Observer>());
  expect(models > 0, "collect_votes: needs at least 1 model");
  progress_counter counter(watch, "training", options.only.empty() ? models : options.only.size());
  const auto ask = [&](const member_block& block) {
    counter.expect_running();
    block_answer<Scalar> given = answer(block);
    expect(given.block == block, "collect_votes: asked for ", block.count, " members from ", block.first, ", got ",
           given.block.count, " from ", given.block.first);
    return given;
  };
  if constexpr (std::same_as<std::remove_const_t<Rule>, every_member>) {
    std::mutex adding;
    const std::vector<member_block> blocks = detail::blocks_asked(models, options);
    workers.for_each(blocks.size(), [&](std::size_t b) {
      const block_answer<Scalar> given = ask(blocks[b]);
      {
        const std::lock_guard hold(adding);
        add_answer(ballots, given, given.block.count, options.keep_votes);
      }
      counter.advance(given.block.count);
    });
  } else {
    static_assert(stopping_rule<Rule>, "collect_votes: the rule needs add(span of the member's hard votes) -> bool");
    expect(options.only.empty(), "collect_votes: a stopping rule wants all members, not some");
    for (std::size_t first = 0; first < models; first += stopping_round) {
      const std::vector<member_block> blocks =
          blocks_between(first, std::min(models, first + stopping_round), options.block);
      std::vector<block_answer<Scalar>> round(blocks.size());
      workers.for_each(blocks.size(), [&](std::size_t b) {
        round[b] = ask(blocks[b]);
        counter.advance(blocks[b].count);
      });
      for (const block_answer<Scalar>& given : round) {
        for (std::size_t m = 0; m < given.block.count; ++m) {
          std::vector<label_type> votes;
          for (const set_answer<Scalar>& set : given.sets) {
            const std::vector<label_type> named = set.votes.of_member(m);
            votes.insert(votes.end(), named.begin(), named.end());
          }
          if (!rule.add(std::span<const label_type>(votes))) continue;
          add_answer(ballots, given, m + 1, options.keep_votes);
          return;
        }
        add_answer(ballots, given, given.block.count, options.keep_votes);
      }
    }
  }
}

/// Brief: the same member by member: `answer(m)` gives one member_answer per ballot.
/// Requires: as collect_blocks.
/// Throws: as collect_blocks and answer_block.
/// Cost: as collect_blocks.
/// Determinism: as collect_blocks.
template <class Answer, std::floating_point Scalar, class Executor, class Observer, class Rule>
void collect_votes(std::size_t models, const Answer& answer, std::vector<ballot<Scalar>>& ballots,
                   const collect_options& options, const Executor& workers, Observer& watch, Rule& rule) {
  std::vector<set_shape> shapes;
  for (const ballot<Scalar>& set : ballots) shapes.push_back({set.votes.samples(), set.votes.classes()});
  const auto in_block = [&](const member_block& block) {
    return answer_block<Scalar>(block, answer, shapes, options.keep_scores);
  };
  collect_blocks(models, in_block, ballots, options, workers, watch, rule);
}

}  // namespace v1
}  // namespace certssb
