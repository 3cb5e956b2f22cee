// SPDX-License-Identifier: MIT
#include "certssb/radius/run_off.hpp"

#include "small_votes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

using namespace certssb;
using small_votes::for_each_vote;

namespace {

using order = std::vector<label_type>;

/// All orders of the classes.
std::vector<order> all_orders(std::size_t classes) {
  order first(classes);
  std::iota(first.begin(), first.end(), label_type{0});
  std::vector<order> orders;
  do {
    orders.push_back(first);
  } while (std::ranges::next_permutation(first).found);
  return orders;
}

/// The election, told as it is held.
label_type elect(const std::vector<order>& models, std::size_t classes) {
  std::vector<int> votes(classes);
  for (const order& m : models) ++votes[static_cast<std::size_t>(m[0])];
  const auto top = std::ranges::max_element(votes) - votes.begin();
  votes[static_cast<std::size_t>(top)] = -1;
  const auto second = std::ranges::max_element(votes) - votes.begin();
  const label_type low = std::min(top, second);
  const label_type high = std::max(top, second);
  const auto for_low = std::ranges::count_if(
      models, [&](const order& m) { return std::ranges::find(m, low) < std::ranges::find(m, high); });
  return 2 * static_cast<std::size_t>(for_low) >= models.size() ? low : high;
}

std::int64_t parts_by_recursion(std::int64_t i, std::int64_t j) {
  static std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> known;
  i = std::max<std::int64_t>(i, 0);
  j = std::max<std::int64_t>(j, 0);
  if (std::min(i, j) < 2) return (std::max(i, j) + 1) / 2;
  const auto [at, unknown] = known.try_emplace({i, j}, 0);
  if (unknown) {
    const std::int64_t value = 1 + std::min(parts_by_recursion(i - 2, j - 1), parts_by_recursion(i - 1, j - 2));
    known[{i, j}] = value;
    return value;
  }
  return at->second;
}

/// Tries every change of elections of k models: of every `step`th there is.
void attack_elections(std::size_t k, std::size_t classes, std::size_t step, double expected_share_tight) {
  const std::vector<order> orders = all_orders(classes);
  const std::size_t kinds = orders.size();
  std::vector<label_type> winners;
  std::vector<std::vector<label_type>> profiles;
  for_each_vote(k, 0, kinds, [&](const std::vector<label_type>& profile) {
    std::vector<order> models;
    for (const label_type kind : profile) models.push_back(orders[static_cast<std::size_t>(kind)]);
    profiles.push_back(profile);
    winners.push_back(elect(models, classes));
  });
  std::size_t tight = 0;
  std::size_t survived = 0;
  std::size_t attacked = 0;
  for (std::size_t a = 0; a < profiles.size(); a += step, ++attacked) {
    std::vector<label_type> preferences;
    for (const label_type kind : profiles[a]) {
      preferences.insert(preferences.end(), orders[static_cast<std::size_t>(kind)].begin(),
                         orders[static_cast<std::size_t>(kind)].end());
    }
    const auto answer = run_off(preferences, classes);
    CHECK(answer.label == winners[a]);
    std::size_t fewest = k + 1;
    for (std::size_t b = 0; b < profiles.size(); ++b) {
      if (winners[b] == winners[a]) continue;
      std::size_t changed = 0;
      for (std::size_t j = 0; j < k; ++j) changed += profiles[a][j] != profiles[b][j] ? 1U : 0U;
      fewest = std::min(fewest, changed);
    }
    CAPTURE(preferences);
    CHECK(answer.survives < fewest);
    tight += answer.survives + 1 == fewest ? 1U : 0U;
    survived += answer.survives;
  }
  CHECK(survived > 0);
  CHECK(static_cast<double>(tight) >= expected_share_tight * static_cast<double>(attacked));
}

}  // namespace

TEST_CASE("no change of as many models as are survived moves the winner", "[radius]") {
  SECTION("three classes") { attack_elections(4, 3, 1, 0.5); }
  SECTION("four classes") { attack_elections(3, 4, 101, 0.5); }
  SECTION("of two classes it is exact") { attack_elections(8, 2, 1, 1.0); }
}

TEST_CASE("of two classes it is the vote of plain parts", "[radius]") {
  for_each_vote(7, 0, 2, [&](const std::vector<label_type>& labels) {
    std::vector<label_type> preferences;
    for (const label_type label : labels) preferences.insert(preferences.end(), {label, 1 - label});
    const part_votes votes(labels, 2);
    const auto answer = run_off(preferences, 2);
    CHECK(answer.label == votes.leader());
    CHECK(answer.survives == votes.survives());
  });
}

TEST_CASE("the closed form of two gaps is that of the recursion", "[radius]") {
  for (std::int64_t i = -3; i <= 60; ++i) {
    for (std::int64_t j = -3; j <= 60; ++j) {
      CAPTURE(i, j);
      CHECK(detail::parts_for_gaps(i, j) == parts_by_recursion(i, j));
    }
  }
}

TEST_CASE("a model's own order is that of its scores, ties to the lower label", "[radius]") {
  const std::vector<float> scores{0.1F, 0.4F, 0.1F, 0.4F};
  std::vector<label_type> ordered(4);
  order_classes(std::span<const float>(scores), std::span<label_type>(ordered));
  CHECK(ordered == std::vector<label_type>{1, 3, 0, 2});
  std::vector<label_type> shorter(3);
  CHECK_THROWS_WITH(order_classes(std::span<const float>(scores), std::span<label_type>(shorter)),
                    Catch::Contains("4 scores but room for 3"));
}

TEST_CASE("preferences that are none are refused, by name", "[radius]") {
  using labels = std::vector<label_type>;
  CHECK_THROWS_WITH(run_off(labels{0}, 1), Catch::Contains("at least 2 classes, got 1"));
  CHECK_THROWS_WITH(run_off(labels{}, 2), Catch::Contains("0 preferences do not make models of 2 classes"));
  CHECK_THROWS_WITH(run_off((labels{0, 1, 0}), 2), Catch::Contains("3 preferences do not make models of 2 classes"));
  CHECK_THROWS_WITH(run_off((labels{0, 1, 1, 1}), 2), Catch::Contains("model 1 are no permutation of the 2 classes"));
  CHECK_THROWS_WITH(run_off((labels{0, 2}), 2), Catch::Contains("label 2 is repeated or out of range"));
  CHECK_THROWS_WITH(run_off((labels{0, -1}), 2), Catch::Contains("label -1 is repeated or out of range"));
}
