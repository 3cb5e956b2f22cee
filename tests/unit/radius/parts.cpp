// SPDX-License-Identifier: MIT
#include "certssb/radius/parts.hpp"

#include "small_votes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <bitset>
#include <optional>
#include <vector>

using namespace certssb;
using small_votes::for_each_vote;
using small_votes::leader_of;

namespace {

/// The fewest parts whose change makes another class lead, parts that abstain changed for nothing; by trying all.
std::optional<std::size_t> fewest_changes(const std::vector<label_type>& labels, std::size_t classes) {
  std::optional<std::size_t> fewest;
  for_each_vote(labels.size(), abstain, classes, [&](const std::vector<label_type>& attacked) {
    if (leader_of(attacked, classes) == leader_of(labels, classes)) return;
    std::size_t changed = 0;
    for (std::size_t j = 0; j < labels.size(); ++j) {
      changed += labels[j] != abstain && attacked[j] != labels[j] ? 1U : 0U;
    }
    fewest = std::min(fewest.value_or(changed), changed);
  });
  return fewest;
}

}  // namespace

TEST_CASE("parts survive exactly one change less than the cheapest attack", "[radius]") {
  for (const auto& [k, classes] : {std::pair(5U, 3U), std::pair(6U, 2U), std::pair(4U, 4U), std::pair(1U, 2U)}) {
    std::size_t certified = 0;
    for_each_vote(k, abstain, classes, [&, classes = classes](const std::vector<label_type>& labels) {
      const part_votes votes(labels, classes);
      if (votes.leader() == abstain) return;
      const auto fewest = fewest_changes(labels, classes);
      REQUIRE(fewest.has_value());
      CAPTURE(labels);
      // An attack of no change is that of the abstainers alone.
      CHECK((votes.survives() ? *votes.survives() + 1 : 0) == *fewest);
      certified += votes.survives() ? 1U : 0U;
    });
    CHECK(certified > 0);
  }
}

TEST_CASE("an attack on known parts is covered if and only if no labels of theirs change the leader", "[radius]") {
  constexpr std::size_t k = 5;
  constexpr std::size_t classes = 3;
  std::size_t covered = 0;
  for_each_vote(k, abstain, classes, [&](const std::vector<label_type>& labels) {
    const part_votes votes(labels, classes);
    if (votes.leader() == abstain) return;
    for (unsigned long subset = 0; subset < (1UL << k); ++subset) {
      const std::bitset<k> in(subset);
      std::vector<bool> lost(k);
      for (std::size_t j = 0; j < k; ++j) lost[j] = in[j];
      // The worst labels of what is lost, and of those that abstain: all for one class.
      bool stays = true;
      for (std::size_t c = 0; c < classes; ++c) {
        std::vector<label_type> attacked(labels);
        for (std::size_t j = 0; j < k; ++j) {
          if (lost[j] || labels[j] == abstain) attacked[j] = static_cast<label_type>(c);
        }
        stays = stays && leader_of(attacked, classes) == votes.leader();
      }
      CHECK(votes.covers_lost(lost) == stays);
      covered += stays ? 1U : 0U;
    }
  });
  CHECK(covered > 1000);
}

TEST_CASE("failures cost what parts touched at will cost", "[radius]") {
  const part_votes votes(std::vector<label_type>{1, 1, 1, 1, 1, 1, 1, 0, 2, abstain}, 3);
  CHECK(votes.counts()[1] == 7);
  CHECK(votes.abstaining() == 1);
  CHECK(votes.gap(0) == 5);
  CHECK(votes.gap(2) == 6);
  CHECK(votes.survives(0) == 2U);
  CHECK(votes.survives(1) == 1U);
  CHECK(votes.survives(2) == 0U);
  CHECK(votes.survives(3) == std::nullopt);
  CHECK(votes.label(2) == 1);
  CHECK(votes.label(3) == abstain);
  CHECK(votes.covers_lost(std::vector<bool>{true, true, false, false, false, false, false, true, true, true}, 0) ==
        false);  // 2 * 2 + 1 third + 1 abstaining > 5
  CHECK(votes.covers_lost(std::vector<bool>{true, true, false, false, false, false, false, true, false, true}, 0));
  CHECK_FALSE(
      votes.covers_lost(std::vector<bool>{true, true, false, false, false, false, false, true, false, true}, 1));
}

TEST_CASE("parts that all abstain certify nothing", "[radius]") {
  const part_votes votes(std::vector<label_type>{abstain, abstain}, 2);
  CHECK(votes.leader() == abstain);
  CHECK(votes.label() == abstain);
  CHECK_FALSE(votes.survives().has_value());
  CHECK_FALSE(votes.covers_lost(std::vector<bool>(2)));
}

TEST_CASE("votes that are none are refused, by name", "[radius]") {
  using labels = std::vector<label_type>;
  CHECK_THROWS_WITH(part_votes(labels{}, 2), Catch::Contains("at least 1 part"));
  CHECK_THROWS_WITH(part_votes(labels{0}, 1), Catch::Contains("at least 2 classes, got 1"));
  CHECK_THROWS_WITH(part_votes((labels{0, 2}), 2), Catch::Contains("lie in [0, 2), got 2"));
  CHECK_THROWS_WITH(part_votes((labels{0, -2}), 2), Catch::Contains("got -2"));
  CHECK_THROWS_WITH(part_votes((labels{0, 1}), 2).covers_lost(std::vector<bool>(3)),
                    Catch::Contains("2 parts but 3 values"));
}
