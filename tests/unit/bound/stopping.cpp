// SPDX-License-Identifier: MIT
#include "certssb/bound/stopping.hpp"
#include "certssb/core/normal.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace certssb;

TEST_CASE("decisions are the evidence's, whatever the count", "[bound]") {
  const double p0 = normal_cdf(0.5);
  const decision_rule rule(0.01, 3, p0);
  for (const std::int64_t t : {1, 10, 60, 200}) {
    const auto at = rule.after(t);
    for (std::int64_t k = (t + 2) / 3; k <= t; ++k) {
      CAPTURE(t, k);
      const std::vector<std::int64_t> counts{(t - k) / 2, k, t - k - (t - k) / 2};
      const decision now = decision_rule::decide(counts, at);
      const std::int64_t most = std::max({counts[0], counts[1], counts[2]});
      CHECK((now == decision::certified) == (jeffreys_sequence::log_e(most, t, p0) >= std::log(300.0)));
      CHECK((now == decision::futile) == (jeffreys_sequence::log_e(t - most, t, 1.0 - p0) >= std::log(100.0)));
      if (now == decision::certified) CHECK(jeffreys_sequence::lower(most, t, 0.01 / 3) >= p0 - 1e-9);
    }
  }
}

TEST_CASE("unanimous samples are certified, scattered ones futile, and the share asked for stops", "[bound]") {
  // Four samples: two unanimous, one that alternates, one that is 0 three times of four.
  early_stopping rule(decision_rule(0.001, 2, normal_cdf(0.5)), 4, 0.75);
  std::int64_t spent = 0;
  for (bool done = false; !done; ++spent) {
    REQUIRE(spent < 1000);
    done = rule.add(std::vector<label_type>{0, 1, spent % 2, spent % 4 == 3 ? 1 : 0});
  }
  const stopping_point last = rule.points().back();
  CHECK(static_cast<std::int64_t>(rule.points().size()) == spent);
  CHECK(last.models == spent);
  CHECK(last.certified == 2);
  CHECK(last.futile == 1);
  CHECK(last.decided == 0.75);
  CHECK(rule.points().front().decided == 0.0);
}

TEST_CASE("early stopping refuses what it cannot use, by name", "[bound]") {
  CHECK_THROWS_WITH(decision_rule(0.0, 2, 0.9), Catch::Contains("alpha"));
  CHECK_THROWS_WITH(decision_rule(0.1, 1, 0.9), Catch::Contains("at least 2 classes, got 1"));
  CHECK_THROWS_WITH(decision_rule(0.1, 2, 0.4), Catch::Contains("p0 must lie in [1/2,1), got 0.4"));
  const decision_rule rule(0.1, 2, 0.9);
  CHECK_THROWS_WITH(early_stopping(rule, 0, 0.5), Catch::Contains("at least 1 sample"));
  CHECK_THROWS_WITH(early_stopping(rule, 2, 0.0), Catch::Contains("decide_fraction must lie in (0,1], got 0"));
  early_stopping stop(rule, 2, 0.5);
  CHECK_THROWS_WITH(stop.add(std::vector<label_type>{0}), Catch::Contains("expected 2 votes, got 1"));
  CHECK_THROWS_WITH(stop.add(std::vector<label_type>{0, 2}), Catch::Contains("2 classes, got 2"));
}
