// SPDX-License-Identifier: MIT
#include "certssb/radius/bagging.hpp"
#include "certssb/radius/bagged_nearest.hpp"

#include "small_votes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace certssb;
using small_votes::for_each_vote;

namespace {

/// The probability of each class by drawing every bag there is.
std::vector<double> by_all_bags(const std::vector<label_type>& labels, std::size_t bag, std::size_t classes) {
  std::vector<double> p(classes);
  double bags = 0.0;
  for_each_vote(bag, 0, labels.size(), [&](const std::vector<label_type>& drawn) {
    p[static_cast<std::size_t>(labels[static_cast<std::size_t>(*std::ranges::min_element(drawn))])] += 1.0;
    bags += 1.0;
  });
  for (double& value : p) value /= bags;
  return p;
}

/// Calls visit(list) with every list that at most r deletions and at most r insertions make of the labels by distance.
template <class Visit>
void for_each_attacked_order(const std::vector<label_type>& labels, std::size_t r, std::size_t classes, Visit&& visit) {
  const auto insert = [&](const auto& self, const std::vector<label_type>& list, std::size_t left) -> void {
    if (!list.empty()) visit(list);
    if (left == 0) return;
    for (std::size_t at = 0; at <= list.size(); ++at) {
      for (std::size_t c = 0; c < classes; ++c) {
        std::vector<label_type> longer(list);
        longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), static_cast<label_type>(c));
        self(self, longer, left - 1);
      }
    }
  };
  const auto remove = [&](const auto& self, const std::vector<label_type>& list, std::size_t from,
                          std::size_t left) -> void {
    insert(insert, list, r);
    for (std::size_t at = from; left > 0 && at < list.size(); ++at) {
      std::vector<label_type> shorter(list);
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at));
      self(self, shorter, at, left - 1);
    }
  };
  remove(remove, labels, 0, r);
}

}  // namespace

TEST_CASE("the closed form of a bag's nearest row is that of drawing every bag", "[radius]") {
  const std::vector<label_type> labels{2, 0, 0, 1, 2, 0};
  for (const std::size_t bag : {1U, 2U, 3U, 5U}) {
    const auto p = bagged_nearest(labels.size(), bag).probabilities(labels, 3);
    const auto expected = by_all_bags(labels, bag, 3);
    for (std::size_t c = 0; c < 3; ++c) CHECK(p[c] == Approx(expected[c]).margin(1e-14));
  }
}

TEST_CASE("no change of as many rows as bags survive moves the class", "[radius]") {
  constexpr std::size_t n = 7;
  for (const std::size_t bag : {1U, 2U, 3U}) {
    const bagged_nearest bags(n, bag);
    std::size_t survived = 0;
    for_each_vote(n, 0, 2, [&](const std::vector<label_type>& labels) {
      const auto answer = bags.certify(labels, 2);
      if (!answer.survives || *answer.survives > 2) return;
      survived += *answer.survives;
      for_each_attacked_order(labels, *answer.survives, 2, [&](const std::vector<label_type>& attacked) {
        const auto p = bagged_nearest(attacked.size(), bag).probabilities(attacked, 2);
        const auto y = static_cast<std::size_t>(answer.label);
        if (!(p[y] > p[1 - y])) FAIL_CHECK("survives " << *answer.survives);
      });
    });
    CHECK(survived > 0);
  }
}

TEST_CASE("the condition of bagging holds for every number of rows after the attack", "[radius]") {
  for (const std::size_t n : {10U, 50U, 1000U}) {
    for (const std::size_t b : {1U, 2U, 5U, 30U, 300U}) {
      for (const double gap : {0.0501, 0.3003, 0.7007, 0.9509}) {
        CAPTURE(n, b, gap);
        const auto rows = static_cast<double>(n);
        const auto bag = static_cast<double>(b);
        const auto holds = [&](std::size_t r) {
          for (std::size_t there = n; there <= n + r; ++there) {
            const auto m = static_cast<double>(there);
            if (std::pow(m / rows, bag) - 2.0 * std::pow((m - static_cast<double>(r)) / rows, bag) + 1.0 - gap >= 0.0)
              return false;
          }
          return true;
        };
        std::size_t expected = 0;
        while (expected + 1 < n && holds(expected + 1)) ++expected;
        CHECK(bagging(n, b).survives(0.975, 0.975 - gap) == expected);
      }
    }
  }
}

TEST_CASE("equal bounds certify nothing, and other input is refused by name", "[radius]") {
  CHECK_FALSE(bagging(10, 3).survives(0.5, 0.5).has_value());
  CHECK_FALSE(bagging(10, 3).survives(0.2, 0.5).has_value());
  CHECK(bagging(10, 3).survives(0.6, 0.4) == 0U);
  CHECK(bagging(10, 1).survives(1.0, 0.0) == 4U);  // 2 r / 10 < 1
  CHECK_THROWS_WITH(bagging(0, 3), Catch::Contains("at least 1 row"));
  CHECK_THROWS_WITH(bagging(10, 0), Catch::Contains("a bag must hold at least 1 row"));
  CHECK_THROWS_WITH(bagging(10, 2).survives(1.5, 0.0), Catch::Contains("lie in [0,1], got 1.5"));
  CHECK_THROWS_WITH(bagging(10, 2).survives(std::nan(""), 0.0), Catch::Contains("lie in [0,1], got nan"));
  const bagged_nearest bags(2, 2);
  CHECK_THROWS_WITH(bags.certify(std::vector<label_type>{0}, 2), Catch::Contains("2 rows but 1 labels"));
  CHECK_THROWS_WITH(bags.certify(std::vector<label_type>{0, 2}, 2), Catch::Contains("label 2 is outside [0, 2)"));
  CHECK_THROWS_WITH(bags.certify(std::vector<label_type>{0, 0}, 1), Catch::Contains("at least 2 classes"));
}
