// SPDX-License-Identifier: MIT
// What all bounds have in common, and what each refuses.
#include "certssb/bound/alpha_split.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/bound/randomised_clopper_pearson.hpp"
#include "certssb/vote/stopped_votes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

using namespace certssb;

static_assert(!confidence_bound<betting, vote_count> && !confidence_bound<jeffreys_sequence, mean_score>);
static_assert(!confidence_bound<clopper_pearson, stopped_count> && !confidence_bound<kl_chernoff, stopped_count>);

namespace {

constexpr std::string_view of_counts[] = {"hoeffding", "clopper-pearson",  "kl", "hoeffding-bentkus", "maurer-pontil",
                                          "mixture",   "jeffreys-sequence"};

double lower(std::string_view name, std::int64_t k, std::int64_t n, double alpha) {
  const std::vector<std::int64_t> counts{k, n - k};
  return named_bound<vote_count>(name).lower(vote_count{counts, n}, 0, alpha);
}

double upper(std::string_view name, std::int64_t k, std::int64_t n, double alpha) {
  const std::vector<std::int64_t> counts{k, n - k};
  return named_bound<vote_count>(name).upper(vote_count{counts, n}, 0, alpha);
}

}  // namespace

TEST_CASE("bounds of counts grow with successes, with alpha, and with trials at the same share", "[bound]") {
  for (const std::string_view name : of_counts) {
    for (std::int64_t k = 1; k <= 100; ++k) {
      CAPTURE(name, k);
      CHECK(lower(name, k, 100, 0.01) >= lower(name, k - 1, 100, 0.01));
      CHECK(lower(name, k, 100, 0.02) >= lower(name, k, 100, 0.01));
      CHECK(lower(name, k * 10, 1000, 0.01) >= lower(name, k, 100, 0.01));
    }
  }
}

TEST_CASE("bounds stay inside [0,1] and around the mean at the edges", "[bound]") {
  for (const std::string_view name : of_counts) {
    for (const std::int64_t n : {1, 3, 1000, 10000000}) {
      for (const double alpha : {1e-300, 1e-12, 0.001, 0.05}) {
        CAPTURE(name, n, alpha);
        CHECK(lower(name, 0, n, alpha) == 0.0);
        CHECK(upper(name, n, n, alpha) == 1.0);
        for (const std::int64_t k : {std::int64_t{0}, n / 3, n / 2, n - 1, n}) {
          const double mean = static_cast<double>(k) / static_cast<double>(n);
          CHECK(lower(name, k, n, alpha) >= 0.0);
          CHECK(lower(name, k, n, alpha) <= mean);
          CHECK(upper(name, k, n, alpha) >= mean);
          CHECK(upper(name, k, n, alpha) <= 1.0);
        }
      }
    }
  }
}

TEST_CASE("all votes for give alpha^(1/M) under KL and Bentkus too, and none for its complement without cancellation",
          "[bound]") {
  for (const std::int64_t n : {1, 11, 1000, 10000000}) {
    for (const double alpha : {1e-300, 0.001, 0.05}) {
      CAPTURE(n, alpha);
      const double complement = -std::expm1(std::log(alpha) / static_cast<double>(n));
      const double all = std::pow(alpha, 1.0 / static_cast<double>(n));
      for (const std::string_view name : {"kl", "hoeffding-bentkus"}) {
        CHECK(lower(name, n, n, alpha) == Approx(all).epsilon(1e-9).margin(0.0));
        CHECK(lower(name, n, n, alpha) <= all);
        CHECK(upper(name, 0, n, alpha) == Approx(complement).epsilon(1e-7));
        CHECK(upper(name, 0, n, alpha) >= complement);
      }
    }
  }
}

TEST_CASE("KL is never wider than Hoeffding, Bentkus never wider than KL, Clopper-Pearson never wider than any",
          "[bound]") {
  for (std::int64_t k = 0; k <= 200; ++k) {
    CAPTURE(k);
    CHECK(lower("kl", k, 200, 0.001) >= lower("hoeffding", k, 200, 0.001));
    CHECK(upper("kl", k, 200, 0.001) <= upper("hoeffding", k, 200, 0.001));
    CHECK(lower("hoeffding-bentkus", k, 200, 0.001) >= lower("kl", k, 200, 0.001));
    for (const std::string_view name : of_counts) {
      CHECK(lower("clopper-pearson", k, 200, 0.001) >= lower(name, k, 200, 0.001) - 1e-12);
      CHECK(upper("clopper-pearson", k, 200, 0.001) <= upper(name, k, 200, 0.001) + 1e-12);
    }
  }
}

TEST_CASE("randomised Clopper-Pearson is Clopper-Pearson at u = 1, and above it below", "[bound]") {
  for (std::int64_t k = 0; k <= 50; ++k) {
    CAPTURE(k);
    const double exact = clopper_pearson::lower(k, 50, 0.01);
    CHECK(randomised_clopper_pearson(1.0).lower(k, 50, 0.01) == Approx(exact).epsilon(1e-11));
    CHECK(randomised_clopper_pearson(0.5).lower(k, 50, 0.01) >= exact * (1.0 - 1e-11));
    CHECK(randomised_clopper_pearson(0.5).upper(50 - k, 50, 0.01) ==
          Approx(1.0 - randomised_clopper_pearson(0.5).lower(k, 50, 0.01)).epsilon(1e-10).margin(1e-12));
  }
  CHECK_THROWS_WITH(randomised_clopper_pearson(1.5), Catch::Contains("u must lie in [0,1], got 1.5"));
}

TEST_CASE("scores of 0 and 1 are bounded as their counts, and the order matters to betting alone", "[bound]") {
  std::vector<double> x(60, 1.0);
  for (const std::size_t j : {3U, 20U, 41U}) x[j] = 0.0;
  const double mean = 0.95;
  std::vector<double> sorted = x;
  std::ranges::sort(sorted);
  const mean_score votes{std::span(&mean, 1), x, 60};
  const mean_score reordered{std::span(&mean, 1), sorted, 60};
  for (const std::string_view name : {"hoeffding", "kl", "hoeffding-bentkus", "maurer-pontil", "mixture"}) {
    CAPTURE(name);
    const named_bound<mean_score> bound(name);
    CHECK(bound.lower(votes, 0, 0.01) == Approx(lower(name, 57, 60, 0.01)).epsilon(1e-12));
    CHECK(bound.upper(votes, 0, 0.01) == Approx(upper(name, 57, 60, 0.01)).epsilon(1e-12));
    CHECK(bound.lower(reordered, 0, 0.01) == Approx(bound.lower(votes, 0, 0.01)).epsilon(1e-12));
  }
  CHECK(std::abs(betting::lower(votes, 0, 0.01) - betting::lower(reordered, 0, 0.01)) > 1e-4);
}

TEST_CASE("each bound names the argument that is wrong", "[bound]") {
  for (const std::string_view name : of_counts) {
    CAPTURE(name);
    CHECK_THROWS_WITH(lower(name, 1, 10, 0.0), Catch::Contains("alpha must lie in (0,1), got 0"));
    CHECK_THROWS_WITH(upper(name, 1, 10, std::nan("")), Catch::Contains("alpha must lie in (0,1), got nan"));
    CHECK_THROWS_WITH(lower(name, 1, 0, 0.1), Catch::Contains("trials must be positive, got 0"));
    CHECK_THROWS_AS(lower(name, 11, 10, 0.1), argument_error);
    CHECK_THROWS_AS(upper(name, -1, 10, 0.1), argument_error);
  }
  const double mean = 0.5;
  const std::vector<double> holes{0.5, std::nan("")};
  const mean_score bad{std::span(&mean, 1), holes, 2};
  for (const std::string_view name : {"kl", "hoeffding-bentkus", "maurer-pontil", "betting", "mixture"}) {
    CAPTURE(name);
    CHECK_THROWS_WITH(named_bound<mean_score>(name).lower(bad, 0, 0.1), Catch::Contains("must lie in [0,1], got nan"));
  }
  CHECK_THROWS_WITH(jeffreys_sequence::log_e(1, 2, 1.0), Catch::Contains("p0 must lie in (0,1), got 1"));
}

TEST_CASE("a bound that is not valid for the votes is refused by name", "[bound]") {
  CHECK_THROWS_WITH(named_bound<vote_count>("magic"), Catch::Contains("no confidence bound is called magic"));
  CHECK_THROWS_WITH(named_bound<vote_count>("betting"), Catch::Contains("scores in a fixed order, not for counts"));
  CHECK_THROWS_WITH(named_bound<mean_score>("clopper-pearson"),
                    Catch::Contains("counts of hard votes, not for scores"));
  CHECK_THROWS_WITH(named_bound<stopped_count>("kl"), Catch::Contains("number of models fixed beforehand"));
}

TEST_CASE("the split of alpha says which share each bound gets", "[bound]") {
  const vote_counts votes({5, 5, 0, 9, 1, 0}, 3, 10);
  const auto parts = alpha_split::whole_set(0.01, 2).parts(votes, no_split{});
  CHECK(parts[2].value == 0.005);
  CHECK(parts[3].value == 2.0);
  CHECK(parts[4].value == 0.0025);
  CHECK(alpha_split::per_sample(0.03).parts(stopped_votes(votes), every_class{}).back().value == 0.01);
  CHECK(alpha_split::per_sample(0.06).parts(votes, two_sided{}).back().value == 0.01);
  CHECK_THROWS_WITH(alpha_split::per_sample(1.0), Catch::Contains("alpha must lie in (0,1), got 1"));
  CHECK_THROWS_WITH(alpha_split::whole_set(0.1, 0), Catch::Contains("at least 1 sample"));
}
