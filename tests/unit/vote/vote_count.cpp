// SPDX-License-Identifier: MIT
#include "certssb/vote/vote_count.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

using namespace certssb;

TEST_CASE("a hard vote goes to the largest score, a tie to the lowest class", "[vote]") {
  vote_counts votes(3, 3);
  const std::vector<float> scores{0.1F, 0.7F, 0.2F, 0.5F, 0.0F, 0.5F, 0.2F, 0.4F, 0.4F};
  votes.add(std::span<const float>(scores));
  CHECK(votes.trials() == 1);
  CHECK(std::vector<std::int64_t>(votes.values().begin(), votes.values().end()) ==
        std::vector<std::int64_t>{0, 1, 0, 1, 0, 0, 0, 1, 0});
}

TEST_CASE("a score that is not a number loses to every number, and the member still votes", "[vote]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double low = -std::numeric_limits<double>::infinity();
  const auto vote = [](std::vector<double> scores) { return hard_vote(std::span<const double>(scores)); };
  CHECK(vote({nan, low, nan}) == 1);
  CHECK(vote({0.1, nan, 0.2}) == 2);
  CHECK(vote({nan, 0.1, 0.2}) == 2);
  CHECK(vote({nan, nan, nan}) == 0);
}

TEST_CASE("merged tables equal one table in any order", "[vote]") {
  const std::vector<double> one{0.9, 0.1, 0.2, 0.8};
  const std::vector<double> two{0.3, 0.7, 0.4, 0.6};
  vote_counts all(2, 2);
  all.add(std::span<const double>(one));
  all.add(std::span<const double>(two));
  vote_counts first(2, 2);
  vote_counts second(2, 2);
  second.add(std::span<const double>(one));
  first.add(std::span<const double>(two));
  first.merge(second);
  CHECK(first.trials() == 2);
  CHECK(std::ranges::equal(first.values(), all.values()));
  vote_counts turned(2, 2);
  turned.add(std::span<const double>(two));
  second.merge(turned);
  CHECK(std::ranges::equal(second.values(), all.values()));
  CHECK(first[1].counts[1] == 2);
  CHECK(first[0].top() == 0);
}

TEST_CASE("counts that cannot be votes are refused, by name", "[vote]") {
  using values = std::vector<std::int64_t>;
  CHECK_NOTHROW(vote_counts(values{3, 4, 0, 0}, 2, 10));
  CHECK_THROWS_WITH(vote_counts(values{3, -1}, 2, 10), Catch::Contains("sample 0 has a negative count, -1"));
  CHECK_THROWS_WITH(vote_counts(values{1, 1, 6, 5}, 2, 10), Catch::Contains("sample 1 sum to more than 10"));
  CHECK_THROWS_WITH(vote_counts(values{std::numeric_limits<std::int64_t>::max(), 5}, 2, 10),
                    Catch::Contains("sum to more than 10"));
  CHECK_THROWS_WITH(vote_counts(values{1, 1}, 2, 0), Catch::Contains("trials must be positive"));
  CHECK_THROWS_WITH(vote_counts(values{1, 1, 1}, 2, 5), Catch::Contains("whole rows"));
  CHECK_THROWS_WITH(vote_counts(values{}, 2, 5), Catch::Contains("whole rows"));
  CHECK_THROWS_WITH(vote_counts(values{1, 1}, 1, 5), Catch::Contains("at least 2 classes, got 1"));
  CHECK_THROWS_WITH(vote_counts(0, 2), Catch::Contains("at least 1 sample"));
  CHECK_THROWS_WITH(vote_counts(3, 1), Catch::Contains("at least 2 classes"));
  vote_counts votes(2, 2);
  const std::vector<double> scores{0.5, 0.5};
  CHECK_THROWS_WITH(votes.add(std::span<const double>(scores)), Catch::Contains("expected 2 x 2 scores, got 2"));
  CHECK_THROWS_WITH(votes.merge(vote_counts(2, 3)), Catch::Contains("expected 2 x 2 counts, got 2 x 3"));
}
