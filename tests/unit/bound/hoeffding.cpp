// SPDX-License-Identifier: MIT
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/clopper_pearson.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace certssb;

// A bound valid for hard votes alone does not accept mean scores.
static_assert(confidence_bound<clopper_pearson, vote_count>);
static_assert(!confidence_bound<clopper_pearson, mean_score>);
static_assert(confidence_bound<hoeffding, vote_count>);
static_assert(confidence_bound<hoeffding, mean_score>);

TEST_CASE("Hoeffding's width is that of the members that voted", "[bound]") {
  for (const std::int64_t models : {50, 200, 1000}) {
    CAPTURE(models);
    const double width = std::sqrt(std::log(1000.0) / (2.0 * static_cast<double>(models)));
    CHECK(hoeffding::lower(0.9, models, 0.001) == Approx(0.9 - width).epsilon(1e-12));
    CHECK(hoeffding::lower(0.9, models, 0.001) < 0.9 - width);
    CHECK(hoeffding::upper(0.1, models, 0.001) == Approx(0.1 + width).epsilon(1e-12));
  }
  CHECK(hoeffding::lower(0.1, 50, 0.001) == 0.0);
  CHECK(hoeffding::upper(0.9, 50, 0.001) == 1.0);
}

TEST_CASE("on hard votes Clopper-Pearson is never looser than Hoeffding", "[bound]") {
  for (std::int64_t k = 0; k <= 100; ++k) {
    CAPTURE(k);
    const std::vector<std::int64_t> counts{k, 100 - k};
    const vote_count votes{counts, 100};
    CHECK(clopper_pearson::lower(votes, 0, 0.001) >= hoeffding::lower(votes, 0, 0.001));
    CHECK(clopper_pearson::upper(votes, 0, 0.001) <= hoeffding::upper(votes, 0, 0.001));
  }
}

TEST_CASE("Hoeffding names the argument that is wrong", "[bound]") {
  CHECK_THROWS_WITH(hoeffding::lower(1.5, 10, 0.1), Catch::Contains("mean must lie in [0,1], got 1.5"));
  CHECK_THROWS_WITH(hoeffding::lower(std::nan(""), 10, 0.1), Catch::Contains("mean"));
  CHECK_THROWS_WITH(hoeffding::upper(0.5, 0, 0.1), Catch::Contains("trials must be positive"));
  CHECK_THROWS_WITH(hoeffding::upper(0.5, 10, 1.0), Catch::Contains("alpha must lie in (0,1), got 1"));
}
