// SPDX-License-Identifier: MIT
#include "certssb/vote/mean_score.hpp"
#include "certssb/vote/split_votes.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;

TEST_CASE("means are taken over the members, sample by sample", "[vote]") {
  // [M=2, n=2, K=2]
  const std::vector<double> scores{0.25, 0.75, 1.0, 0.0, 0.75, 0.25, 0.5, 0.5};
  const score_table table(std::span<const double>(scores), 2, 2, 2);
  CHECK(table.trials() == 2);
  CHECK(table.samples() == 2);
  CHECK(std::vector<double>(table.values().begin(), table.values().end()) == std::vector<double>{0.5, 0.5, 0.75, 0.25});
  CHECK(table[0].top() == 0);
  CHECK(table[1].exclusive);
}

TEST_CASE("each class's scores are kept in member order", "[vote]") {
  // [M=3, n=2, K=2]
  const std::vector<float> scores{0.25F, 0.75F, 1.0F, 0.0F, 0.75F, 0.125F, 0.5F, 0.5F, 0.5F, 0.5F, 0.0F, 0.875F};
  const score_table table(std::span<const float>(scores), 3, 2, 2);
  const auto series = [&](std::size_t i, std::size_t c) {
    const mean_score votes = table[i];
    return std::vector<double>(votes.series(c).begin(), votes.series(c).end());
  };
  CHECK(series(0, 0) == std::vector<double>{0.25, 0.75, 0.5});
  CHECK(series(0, 1) == std::vector<double>{0.75, 0.125, 0.5});
  CHECK(series(1, 0) == std::vector<double>{1.0, 0.5, 0.0});
  CHECK(series(1, 1) == std::vector<double>{0.0, 0.5, 0.875});
}

TEST_CASE("a row that exceeds 1 by rounding is divided by its sum, one that exceeds it by more is marked", "[vote]") {
  const std::vector<float> rounded{0.7F, 0.3001F};
  const score_table near(std::span<const float>(rounded), 1, 1, 2);
  CHECK(near[0].exclusive);
  CHECK(near[0].means[0] + near[0].means[1] == Approx(1.0).epsilon(1e-15));
  const std::vector<float> independent{0.7F, 0.6F, 0.5F, 0.5F};
  const score_table far(std::span<const float>(independent), 1, 2, 2);
  CHECK_FALSE(far[0].exclusive);
  CHECK(far[1].exclusive);
}

TEST_CASE("a split takes the first members for selection and the rest for certification", "[vote]") {
  const std::vector<double> scores{1.0, 0.0, 0.5, 0.5, 0.0, 1.0};
  const auto votes = split_scores(std::span<const double>(scores), 3, 1, 2, 1);
  CHECK(votes[0].selection.trials == 1);
  CHECK(votes[0].selection.top() == 0);
  CHECK(votes[0].certification.trials == 2);
  CHECK(votes[0].certification.means[1] == 0.75);
  CHECK_THROWS_WITH(split_scores(std::span<const double>(scores), 3, 1, 2, 3), Catch::Contains("selection_members"));
  CHECK_THROWS_WITH(split_scores(std::span<const double>(scores), 3, 1, 2, 0), Catch::Contains("selection_members"));
  CHECK_THROWS_WITH(split_scores(std::span<const double>(scores), 4, 1, 2, 1), Catch::Contains("expected 4 x 1 x 2"));
}

TEST_CASE("scores outside [0,1] or of another shape are refused, by name", "[vote]") {
  const auto make = [](std::vector<double> scores, std::size_t m, std::size_t n, std::size_t k) {
    return score_table(std::span<const double>(scores), m, n, k);
  };
  CHECK_THROWS_WITH(make({0.5, 1.5}, 1, 1, 2), Catch::Contains("must lie in [0,1], got 1.5"));
  CHECK_THROWS_WITH(make({0.5, -0.5}, 1, 1, 2), Catch::Contains("got -0.5"));
  CHECK_THROWS_WITH(make({0.5, std::nan("")}, 1, 1, 2), Catch::Contains("got nan"));
  CHECK_THROWS_WITH(make({0.5, 0.5, 0.5}, 1, 1, 2), Catch::Contains("expected 1 x 1 x 2 scores, got 3"));
  CHECK_THROWS_WITH(make({0.5}, 1, 1, 1), Catch::Contains("at least 2 classes"));
  CHECK_THROWS_WITH(make({}, 0, 1, 2), Catch::Contains("at least 1 member"));
}
