// SPDX-License-Identifier: MIT
#include "certssb/radius/finite_aggregation.hpp"

#include "small_votes.hpp"

#include <catch2/catch.hpp>

#include <bitset>
#include <vector>

using namespace certssb;
using small_votes::for_each_vote;
using small_votes::leader_of;

namespace {

/// Whether the leader stays when all rows with some of the hashes are changed: every model reached may name anything,
/// and is worst when it names the rival.
bool withstands(const finite_aggregation& rule, const std::vector<label_type>& labels, std::size_t classes,
                unsigned long hashes) {
  const label_type leader = leader_of(labels, classes);
  for (std::size_t c = 0; c < classes; ++c) {
    std::vector<label_type> attacked(labels);
    for (std::size_t h = 0; h < labels.size(); ++h) {
      if ((hashes >> h & 1UL) == 0) continue;
      for (const std::size_t m : rule.reached(h)) attacked[m] = static_cast<label_type>(c);
    }
    if (leader_of(attacked, classes) != leader) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("no change of as many hashes as are survived moves the leader", "[radius]") {
  constexpr std::size_t models = 6;
  constexpr std::size_t classes = 3;
  for (const std::vector<std::size_t>& shifts :
       {std::vector<std::size_t>{0}, {3}, {0, 1}, {0, 4}, {1, 2, 5}, {0, 2, 4}, {0, 1, 2, 3, 4, 5}}) {
    const finite_aggregation rule(models, shifts);
    std::size_t survived = 0;
    std::size_t tight = 0;
    for_each_vote(models, 0, classes, [&](const std::vector<label_type>& labels) {
      const auto answer = rule.certify(labels, classes);
      CHECK(answer.label == leader_of(labels, classes));
      std::size_t fewest = models + 1;
      for (unsigned long hashes = 0; hashes < (1UL << models); ++hashes) {
        const std::size_t changed = std::bitset<models>(hashes).count();
        if (changed < fewest && !withstands(rule, labels, classes, hashes)) fewest = changed;
      }
      CAPTURE(labels, shifts);
      CHECK(answer.survives < fewest);
      survived += answer.survives;
      tight += answer.survives + 1 == fewest ? 1U : 0U;
      if (shifts.size() == 1) {
        CHECK(answer.survives == part_votes(labels, classes).survives());
        CHECK(answer.survives + 1 == fewest);
      }
    });
    if (shifts.size() <= 2) CHECK(survived > 0);
    CHECK(tight > 0);
  }
}

TEST_CASE("a hash reaches one model for each shift", "[radius]") {
  const finite_aggregation rule(6, {1, 4});
  CHECK(rule.reached(0) == std::vector<std::size_t>{1, 4});
  CHECK(rule.reached(5) == std::vector<std::size_t>{0, 3});
  CHECK(finite_aggregation(6, {7, 4}).reached(0) == std::vector<std::size_t>{1, 4});
}

TEST_CASE("finite aggregation refuses what is none, by name", "[radius]") {
  using shifts = std::vector<std::size_t>;
  CHECK_THROWS_WITH(finite_aggregation(6, shifts{}), Catch::Contains("at least 1 shift"));
  CHECK_THROWS_WITH(finite_aggregation(0, shifts{0}), Catch::Contains("a multiple of 1"));
  CHECK_THROWS_WITH(finite_aggregation(7, (shifts{0, 1})),
                    Catch::Contains("a multiple of 2, the number of shifts, got 7"));
  CHECK_THROWS_WITH(finite_aggregation(6, (shifts{2, 2})), Catch::Contains("must differ modulo 6"));
  CHECK_THROWS_WITH(finite_aggregation(6, (shifts{1, 7})), Catch::Contains("must differ modulo 6"));
  const finite_aggregation rule(2, {0});
  CHECK_THROWS_WITH(rule.certify(std::vector<label_type>{0}, 2), Catch::Contains("2 models but 1 labels"));
  CHECK_THROWS_WITH(rule.certify(std::vector<label_type>{0, abstain}, 2), Catch::Contains("got -1 (it abstains)"));
  CHECK_THROWS_WITH(rule.certify(std::vector<label_type>{0, 2}, 2), Catch::Contains("got 2"));
  CHECK_THROWS_WITH(rule.certify(std::vector<label_type>{0, 0}, 1), Catch::Contains("at least 2 classes"));
}
