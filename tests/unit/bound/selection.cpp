// SPDX-License-Identifier: MIT
#include "certssb/bound/selection.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/memoised.hpp"
#include "certssb/vote/stopped_votes.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace certssb;

TEST_CASE("without a split hard votes pay alpha/2, whatever the number of classes", "[bound]") {
  const std::vector<std::int64_t> counts{3, 90, 7};
  const bounded_top top = no_split::bound_top(vote_count{counts, 100}, clopper_pearson{}, 0.01);
  CHECK(top.label == 1);
  CHECK(top.lower == clopper_pearson::lower(90, 100, 0.005));
  CHECK(top.upper == 1.0 - top.lower);
}

TEST_CASE("without a split mean scores pay alpha/(2K)", "[bound]") {
  const std::vector<double> means{0.05, 0.9, 0.05};
  const bounded_top top = no_split::bound_top(mean_score{means, {}, 100}, hoeffding{}, 0.06);
  CHECK(top.label == 1);
  CHECK(top.lower == hoeffding::lower(0.9, 100, 0.01));
}

TEST_CASE("with a split the selection members choose and the others certify at alpha", "[bound]") {
  const std::vector<std::int64_t> first{6, 4};
  const std::vector<std::int64_t> rest{30, 60};
  const split_statistic votes{vote_count{first, 10}, vote_count{rest, 90}};
  const bounded_top top = split::bound_top(votes, clopper_pearson{}, 0.01);
  CHECK(top.label == 0);
  CHECK(top.lower == clopper_pearson::lower(30, 90, 0.01));

  const bounded_top both = two_sided::bound_top(votes, clopper_pearson{}, 0.01);
  CHECK(both.label == 0);
  CHECK(both.lower == clopper_pearson::lower(30, 90, 0.005));
  CHECK(both.upper == clopper_pearson::upper(60, 90, 0.005));
}

TEST_CASE("the two-sided form bounds every class both ways at alpha/(2K)", "[bound]") {
  const std::vector<std::int64_t> counts{10, 60, 12, 18};
  const bounded_top top = two_sided::bound_top(vote_count{counts, 100}, clopper_pearson{}, 0.08);
  CHECK(top.label == 1);
  CHECK(top.lower == clopper_pearson::lower(60, 100, 0.01));
  CHECK(top.upper == clopper_pearson::upper(18, 100, 0.01));
  CHECK(top.upper < 1.0 - top.lower);
}

TEST_CASE("votes that decided when to stop pay alpha/K, or alpha/(2K) two-sided", "[bound]") {
  const stopped_votes stopped(vote_counts({10, 60, 30}, 3, 100));
  const bounded_top top = every_class::bound_top(stopped[0], jeffreys_sequence{}, 0.03);
  CHECK(top.label == 1);
  CHECK(top.lower == jeffreys_sequence::lower(60, 100, 0.01));
  CHECK(top.upper == 1.0 - top.lower);
  const bounded_top both = two_sided::bound_top(stopped[0], jeffreys_sequence{}, 0.06);
  CHECK(both.lower == jeffreys_sequence::lower(60, 100, 0.01));
  CHECK(both.upper == jeffreys_sequence::upper(30, 100, 0.01));
}

TEST_CASE("scores that sum to more than 1 are bounded two-sided alone", "[bound]") {
  const std::vector<double> scores{0.9, 0.8};
  const score_table table(std::span<const double>(scores), 1, 1, 2);
  CHECK_THROWS_WITH(no_split::bound_top(table[0], hoeffding{}, 0.1), Catch::Contains("use two_sided"));
  CHECK_NOTHROW(two_sided::bound_top(table[0], hoeffding{}, 0.1));
}

TEST_CASE("a memoised bound gives the bound's own answers", "[bound]") {
  const clopper_pearson bound;
  const memoised_bound quick(bound);
  const std::vector<std::int64_t> counts{20, 80};
  for (int again = 0; again < 2; ++again) {
    for (const double alpha : {0.01, 0.1}) {
      for (const std::int64_t trials : {100, 200}) {
        const vote_count votes{counts, trials};
        CHECK(quick.lower(votes, 1, alpha) == bound.lower(80, trials, alpha));
        CHECK(quick.upper(votes, 0, alpha) == bound.upper(20, trials, alpha));
      }
    }
  }
}
