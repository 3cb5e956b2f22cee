// SPDX-License-Identifier: MIT
#include "certssb/vote/stopped_votes.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace certssb;

TEST_CASE("stopped votes are the same counts under another type", "[vote]") {
  const stopped_votes votes(vote_counts({3, 7, 6, 4}, 2, 10));
  CHECK(votes.trials() == 10);
  CHECK(votes.samples() == 2);
  CHECK(votes.classes() == 2);
  CHECK(votes[0].top() == 1);
  CHECK(votes[1].counts[0] == 6);
  CHECK(votes[1].trials == 10);
  CHECK(decltype(votes[0])::design == sampling_design::any_time);
}
