// SPDX-License-Identifier: MIT
#include "certssb/vote/collect.hpp"

#include "certssb/backend/tbb.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <vector>

using namespace certssb;

namespace {

// Member m votes for class 1 on input i where (m + i) % 3 == 0; two sets, of 2 and 1 inputs.
std::vector<member_answer<double>> answer(std::size_t m) {
  const auto scores = [m](std::size_t i) { return (m + i) % 3 == 0 ? 1.0 : 0.25; };
  return {{{0.5, scores(0), 0.5, scores(1)}, {}}, {{0.5, scores(2)}, {static_cast<double>(m + 1)}}};
}

std::vector<ballot<double>> empty() {
  std::vector<ballot<double>> ballots;
  ballots.push_back({test_scales::constant(2, 1.0), vote_counts(2, 2), {}, {}, {}});
  ballots.push_back({test_scales::constant(1, 1.0), vote_counts(1, 2), {}, {}, {}});
  return ballots;
}

// Stops after `enough` members and remembers what it saw.
struct stop_after {
  std::size_t enough;
  std::vector<std::vector<label_type>> seen = {};
  bool add(std::span<const label_type> votes) {
    seen.emplace_back(votes.begin(), votes.end());
    return seen.size() == enough;
  }
};

const collect_options keep{.keep_scores = true};
silent_observer silent;

std::vector<std::int64_t> counts(const ballot<double>& b) { return {b.votes.values().begin(), b.votes.values().end()}; }

}  // namespace

TEST_CASE("without a rule every member votes", "[vote]") {
  auto ballots = empty();
  collect_votes(7, answer, ballots, keep, tbb_executor(2), silent, train_all);
  // Members 0, 3, 6 name class 1 on the first input, 2 and 5 on the second, 1 and 4 on the third.
  CHECK(counts(ballots[0]) == std::vector<std::int64_t>{4, 3, 5, 2});
  CHECK(counts(ballots[1]) == std::vector<std::int64_t>{5, 2});
  REQUIRE(ballots[1].scores.size() == 14);
  for (std::size_t m = 0; m < 7; ++m) CHECK(ballots[1].scores[2 * m + 1] == answer(m)[1].scores[1]);
  CHECK(ballots[0].own_scales.empty());
  CHECK(ballots[1].own_scales == std::vector<double>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("asked for some members, only those vote, each in its place", "[vote]") {
  auto ballots = empty();
  const collect_options some{.keep_scores = true, .keep_votes = true, .only = {5, 2}};
  collect_votes(7, answer, ballots, some, tbb_executor(2), silent, train_all);
  CHECK(ballots[0].votes.trials() == 2);
  // Both name class 1 on the second input.
  CHECK(counts(ballots[0]) == std::vector<std::int64_t>{2, 0, 0, 2});
  REQUIRE(ballots[0].member_votes.members() == 6);
  for (const std::size_t m : {2U, 5U}) {
    CHECK(ballots[0].member_votes.of_member(m) == std::vector<label_type>{0, 1});
    CHECK(ballots[1].own_scales[m] == static_cast<double>(m + 1));
  }
  const collect_options absent{.only = {7}};
  CHECK_THROWS_WITH(collect_votes(7, answer, ballots, absent, serial_executor{}, silent, train_all),
                    Catch::Contains("expected a member below 7, got 7"));
  stop_after rule{3};
  CHECK_THROWS_WITH(collect_votes(7, answer, ballots, some, serial_executor{}, silent, rule),
                    Catch::Contains("a stopping rule wants all members"));
}

TEST_CASE("a stopping rule sees members in order, and those after it said stop are thrown away", "[vote]") {
  for (const std::size_t enough : {1U, 15U, 16U, 17U, 40U}) {
    CAPTURE(enough);
    std::atomic<std::size_t> trained{0};
    const auto counted = [&](std::size_t m) {
      ++trained;
      return answer(m);
    };
    const auto collect = [&](const auto& run) {
      auto ballots = empty();
      stop_after rule{enough};
      collect_votes(100, counted, ballots, keep, run, silent, rule);
      for (std::size_t m = 0; m < enough; ++m) {
        CHECK(rule.seen[m] == std::vector<label_type>{m % 3 == 0, m % 3 == 2, m % 3 == 1});
      }
      CHECK(rule.seen.size() == enough);
      return ballots;
    };
    const auto serial = collect(serial_executor{});
    CHECK(trained <= enough + 15);
    const auto threaded = collect(tbb_executor(2));
    CHECK(serial[0].votes.trials() == static_cast<std::int64_t>(enough));
    CHECK(serial[0].scores.size() == 4 * enough);
    // The same votes as a run that was told the number beforehand.
    auto fixed = empty();
    collect_votes(enough, answer, fixed, keep, serial_executor{}, silent, train_all);
    for (std::size_t k = 0; k < 2; ++k) {
      CHECK(counts(serial[k]) == counts(fixed[k]));
      CHECK(counts(threaded[k]) == counts(fixed[k]));
      CHECK(serial[k].scores == fixed[k].scores);
      CHECK(threaded[k].scores == fixed[k].scores);
      CHECK(threaded[k].own_scales == fixed[k].own_scales);
    }
  }
}

TEST_CASE("a rule that never stops gets all members, and an observer stops the round", "[vote]") {
  auto ballots = empty();
  stop_after never{0};
  collect_votes(37, answer, ballots, {}, tbb_executor(2), silent, never);
  CHECK(never.seen.size() == 37);
  CHECK(ballots[0].votes.trials() == 37);
  CHECK(ballots[0].scores.empty());

  auto others = empty();
  auto stop_at_twenty = [](const progress& now) { return now.done < 20; };
  CHECK_THROWS_AS(collect_votes(100, answer, others, {}, serial_executor{}, stop_at_twenty, never), cancelled);
  CHECK_THROWS_AS(collect_votes(0, answer, others, {}, serial_executor{}, silent, never), argument_error);
}

TEST_CASE("blocks of any size give the same ballots, and members' votes where they are kept", "[vote]") {
  const auto collect = [](const auto& run, std::size_t block, auto& rule) {
    auto ballots = empty();
    collect_votes(43, answer, ballots, {.keep_scores = true, .keep_votes = true, .block = block}, run, silent, rule);
    return ballots;
  };
  for (const std::size_t enough : {0U, 1U, 20U, 43U}) {
    stop_after first_rule{enough};
    const auto expected = collect(serial_executor{}, 1, first_rule);
    const std::size_t members = enough == 0 ? 43 : enough;
    CHECK(expected[1].votes.trials() == static_cast<std::int64_t>(members));
    REQUIRE(expected[0].member_votes.members() == members);
    for (std::size_t m = 0; m < members; ++m) {
      CHECK(expected[0].member_votes.of_member(m) == std::vector<label_type>{m % 3 == 0, m % 3 == 2});
      CHECK(expected[1].member_votes(m, 0) == (m % 3 == 1));
    }
    for (const std::size_t block : {2U, 7U, 16U, 50U}) {
      CAPTURE(enough, block);
      stop_after rule{enough};
      const auto got = collect(tbb_executor(2), block, rule);
      CHECK(rule.seen == first_rule.seen);
      for (std::size_t k = 0; k < 2; ++k) {
        CHECK(counts(got[k]) == counts(expected[k]));
        CHECK(got[k].scores == expected[k].scores);
        CHECK(got[k].own_scales == expected[k].own_scales);
        CHECK(got[k].member_votes == expected[k].member_votes);
      }
    }
  }
  auto ballots = empty();
  CHECK_THROWS_AS(collect_votes(4, answer, ballots, {.block = 0}, serial_executor{}, silent, train_all),
                  argument_error);
  CHECK(ballots[0].member_votes.members() == 0);
}

TEST_CASE("answers that were saved give the same ballot, in whatever order they are added", "[vote]") {
  auto expected = empty();
  const collect_options options{.keep_scores = true, .keep_votes = true, .block = 4};
  collect_votes(10, answer, expected, options, serial_executor{}, silent, train_all);
  const std::vector<set_shape> shapes{{2, 2}, {1, 2}};
  std::vector<std::string> saved;
  for (const member_block& block : blocks_between(0, 10, 4)) {
    saved.push_back(save_answer(answer_block<double>(block, answer, shapes, true)));
  }
  REQUIRE(saved.size() == 3);
  auto backwards = empty();
  for (std::size_t b = 3; b-- > 0;) {
    const auto given = load_answer<double>(saved[b]);
    add_answer(backwards, given, given.block.count, true);
  }
  auto resumed = empty();
  std::size_t asked = 0;
  const auto from_files = [&](const member_block& block) {
    if (block.first < 8) return load_answer<double>(saved[block.first / 4]);
    ++asked;
    return answer_block<double>(block, answer, shapes, true);
  };
  collect_blocks(10, from_files, resumed, options, serial_executor{}, silent, train_all);
  CHECK(asked == 1);
  for (const auto* ballots : {&backwards, &resumed}) {
    for (std::size_t k = 0; k < 2; ++k) {
      CHECK(counts((*ballots)[k]) == counts(expected[k]));
      CHECK((*ballots)[k].votes.trials() == 10);
      CHECK((*ballots)[k].scores == expected[k].scores);
      CHECK((*ballots)[k].own_scales == expected[k].own_scales);
      CHECK((*ballots)[k].member_votes == expected[k].member_votes);
    }
  }
}

TEST_CASE("answers to other blocks, or on other sets, are refused", "[vote]") {
  const std::vector<set_shape> shapes{{2, 2}, {1, 2}};
  auto ballots = empty();
  const auto wrong = [&](const member_block& block) {
    return answer_block<double>({block.first + 1, block.count}, answer, shapes, false);
  };
  CHECK_THROWS_WITH(collect_blocks(4, wrong, ballots, {.block = 2}, serial_executor{}, silent, train_all),
                    "collect_votes: asked for 2 members from 0, got 2 from 1");
  auto given = answer_block<double>({0, 3}, answer, shapes, false);
  CHECK_THROWS_WITH(add_answer(ballots, given, 4, false), "add_answer: members must lie in [1, 3], got 4");
  given.sets.pop_back();
  CHECK_THROWS_WITH(add_answer(ballots, given, 3, false), "add_answer: expected answers on 2 sets, got 1");
  const std::vector<set_shape> one_more{{2, 2}, {1, 2}, {1, 2}};
  const auto by_member = [](std::size_t m) { return answer(m); };
  CHECK_THROWS_AS(answer_block<double>({0, 1}, by_member, one_more, false), argument_error);
  const std::vector<set_shape> three_classes{{2, 3}, {1, 2}};
  CHECK_THROWS_AS(answer_block<double>({0, 1}, by_member, three_classes, false), argument_error);
}
