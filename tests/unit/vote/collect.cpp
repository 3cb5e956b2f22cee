// SPDX-License-Identifier: MIT
#include "certssb/vote/collect.hpp"

#include "certssb/backend/tbb.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <numeric>

using namespace certssb;

namespace {

// Member m votes for class 1 on input i where (m + i) % 3 == 0; two sets, of 2 and 1 inputs.
std::vector<member_answer<double>> answer(std::size_t m) {
  const auto scores = [m](std::size_t i) { return (m + i) % 3 == 0 ? 1.0 : 0.25; };
  return {{{0.5, scores(0), 0.5, scores(1)}, {}}, {{0.5, scores(2)}, {static_cast<double>(m)}}};
}

std::vector<ballot<double>> empty() {
  std::vector<ballot<double>> ballots;
  ballots.push_back({noise_scales::constant(2, 1.0), vote_counts(2, 2), {}, {}});
  ballots.push_back({noise_scales::constant(1, 1.0), vote_counts(1, 2), {}, {}});
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

silent_observer silent;

std::vector<std::int64_t> counts(const ballot<double>& b) { return {b.votes.values().begin(), b.votes.values().end()}; }

}  // namespace

TEST_CASE("without a rule every member votes", "[vote]") {
  auto ballots = empty();
  collect_votes(7, answer, ballots, true, tbb_executor(2), silent, train_all);
  // Members 0, 3, 6 name class 1 on the first input, 2 and 5 on the second, 1 and 4 on the third.
  CHECK(counts(ballots[0]) == std::vector<std::int64_t>{4, 3, 5, 2});
  CHECK(counts(ballots[1]) == std::vector<std::int64_t>{5, 2});
  REQUIRE(ballots[1].scores.size() == 14);
  for (std::size_t m = 0; m < 7; ++m) CHECK(ballots[1].scores[2 * m + 1] == answer(m)[1].scores[1]);
  CHECK(ballots[0].own_scales.empty());
  CHECK(ballots[1].own_scales == std::vector<double>{0, 1, 2, 3, 4, 5, 6});
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
      collect_votes(100, counted, ballots, true, run, silent, rule);
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
    collect_votes(enough, answer, fixed, true, serial_executor{}, silent, train_all);
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
  collect_votes(37, answer, ballots, false, tbb_executor(2), silent, never);
  CHECK(never.seen.size() == 37);
  CHECK(ballots[0].votes.trials() == 37);
  CHECK(ballots[0].scores.empty());

  auto others = empty();
  auto stop_at_twenty = [](const progress& now) { return now.done < 20; };
  CHECK_THROWS_AS(collect_votes(100, answer, others, false, serial_executor{}, stop_at_twenty, never), cancelled);
  CHECK_THROWS_AS(collect_votes(0, answer, others, false, serial_executor{}, silent, never), argument_error);
}
