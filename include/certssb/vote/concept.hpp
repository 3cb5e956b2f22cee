// SPDX-License-Identifier: MIT
#pragma once
// Brief: what a vote statistic is: a summary of M members' answers on one test sample, sufficient for a bound.
//
//   hard votes            vote_count      how many members name each class
//   hard votes, stopped   stopped_count   the same, where the votes decided how many members there are
//   soft votes            mean_score      each class's scores in member order, and their mean
//
// Hard and soft votes are different smoothed classifiers: certify the one that is deployed.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace certssb {
inline namespace v1 {

/// Brief: how the number of members was chosen: before any vote, or by looking at the votes.
enum class sampling_design { fixed_number, any_time };

/// Brief: one test sample's statistic over K classes.
/// Members: trials = M, the number of members; classes() = K; top(), the leading class (ties to the lowest index);
/// exclusive: whether one member's votes sum to at most 1 over the classes, so that p_B <= 1 - p_A; design: how M was
/// chosen, part of the type.
template <class Statistic>
concept vote_statistic = requires(const Statistic& votes) {
  { votes.trials } -> std::convertible_to<std::int64_t>;
  { votes.classes() } -> std::convertible_to<std::size_t>;
  { votes.top() } -> std::convertible_to<std::size_t>;
  { votes.exclusive } -> std::convertible_to<bool>;
  { Statistic::design } -> std::convertible_to<sampling_design>;
};

/// Brief: a statistic of votes that are 0 or 1: its counts are binomial.
template <class Statistic>
concept hard_vote_statistic = vote_statistic<Statistic> && requires(const Statistic& votes) {
  { votes.counts } -> std::convertible_to<std::span<const std::int64_t>>;
};

/// Brief: the statistics of n test samples that share their members.
/// Members: samples() = n; table[i], sample i's statistic.
template <class Table>
concept vote_table = requires(const Table& table, std::size_t i) {
  { table.samples() } -> std::convertible_to<std::size_t>;
  { table[i] } -> vote_statistic;
};

}  // namespace v1
}  // namespace certssb
