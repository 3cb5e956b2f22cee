// SPDX-License-Identifier: MIT
// Brief: what certificates of closed forms, bags and elections say of an attack that is known row by row.
#include "certssb/certificate/closed_certificates.hpp"

#include "certssb/certificate/plain_parts.hpp"
#include "certssb/certificate/run_off_parts.hpp"
#include "certssb/core/random.hpp"
#include "certssb/radius/run_off.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

using namespace certssb;

namespace {

/// An attack on some of n rows.
struct small_attack {
  std::vector<double> l2;
  std::vector<std::uint8_t> relabelled;

  small_attack(std::size_t n, const std::vector<std::size_t>& patterned, const std::vector<std::size_t>& labels)
      : l2(n), relabelled(n) {
    for (const std::size_t row : patterned) l2[row] = 1.0;
    for (const std::size_t row : labels) relabelled[row] = 1;
  }
  [[nodiscard]] attack_extent all() const {
    return {.l2 = l2,
            .changed_labels = static_cast<std::size_t>(std::ranges::count(relabelled, 1)),
            .relabelled = relabelled};
  }
  [[nodiscard]] attack_extent as_observed() const { return {.l2 = l2}; }
};

hard_votes votes_of(const std::vector<label_type>& labels, std::size_t classes) {
  hard_votes votes(1, classes);
  for (const label_type label : labels) votes.add_votes(std::span(&label, 1));
  return votes;
}

/// Calls visit(labels) with all votes in which these models name anything.
void for_each_vote(std::vector<label_type> labels, const std::vector<std::size_t>& models, std::size_t classes,
                   const std::function<void(const std::vector<label_type>&)>& visit, std::size_t from = 0) {
  if (from == models.size()) return visit(labels);
  for (std::size_t c = 0; c < classes; ++c) {
    labels[models[from]] = static_cast<label_type>(c);
    for_each_vote(labels, models, classes, visit, from + 1);
  }
}

}  // namespace

TEST_CASE("rows that an attack changes are counted with their labels, or as the labels are observed", "[certificate]") {
  const auto all = certificates_of_neighbours(vote_counts({6, 1, 4, 3}, 2, 7));  // survive 2 and 0
  CHECK(all[0].rows == 2U);
  CHECK(all[1].rows == 0U);
  const small_attack attack(9, {0, 1}, {1, 2, 3});
  CHECK(cover_by_rows(all, attack.as_observed()) == std::vector<bool>{true, false});
  CHECK(cover_by_rows(all, attack.all()) == std::vector<bool>{false, false});
  CHECK(cover_by_rows(all, small_attack(9, {}, {}).all()) == std::vector<bool>{true, true});
  CHECK_THROWS_WITH(cover_by_rows(all, {.l2 = attack.l2, .changed_labels = 3}),
                    Catch::Contains("labels changed, but not which"));
}

TEST_CASE("a radius over all features covers patterns that are shorter together, and no changed label",
          "[certificate]") {
  const std::vector<std::size_t> counts{4, 4};
  const auto all = certificates_of_means({2, {1.0, 2.0, 1.0, 1.0}, {0.0, 0.0}}, counts);  // radii sqrt(2) and 0
  CHECK(all[0].radius.value() == Approx(std::sqrt(2.0)));
  CHECK(all[0].rows == 0U);
  CHECK(all[1].label == abstain);
  CHECK(all[1].predicted == 0);
  CHECK_FALSE(all[1].rows.has_value());
  CHECK(cover_by_length(all, small_attack(8, {3}, {}).as_observed()) == std::vector<bool>{true, false});
  CHECK(cover_by_length(all, small_attack(8, {3, 4}, {}).as_observed()) ==
        std::vector<bool>{false, false});  // the edge
  const std::vector<double> shorter{0.9, 0.0, 0.9};
  CHECK(cover_by_length(all, {.l2 = shorter}) == std::vector<bool>{true, false});
  CHECK(cover_by_length(all, small_attack(8, {3}, {3}).all()) == std::vector<bool>{false, false});
  const auto alone = certificates_of_means({2, {1.0, 2.0}, {0.0}}, std::vector<std::size_t>{8, 0});
  CHECK(alone.front().radius.value() == 1e100);  // no other class has rows
}

TEST_CASE("bags that bounds leave nothing say why", "[certificate]") {
  const bounded_votes bounds{
      {{{0, 0.9, 0.1}, 1}, {{0, 0.4, 0.6}, 1}, {{1, 0.5, 0.45}, 1}, {{1, 0.4, 0.41}, 1}}, 2, "none", "none", 0.0};
  const auto all = certificates_of_bags<bagged_nearest_facts>(bounds, 10, 3);
  CHECK(all[0].rows == 1U);  // 2 - 2 .9^3 = .54 < .8 < .98 = 2 - 2 .8^3
  CHECK(all[0].result == outcome::certified);
  CHECK(all[1].result == outcome::bound_not_above_half);
  CHECK(all[2].rows == 0U);
  CHECK(all[3].result == outcome::bounds_overlap);
  CHECK(all[3].label == abstain);
  CHECK(all[3].predicted == 1);
}

TEST_CASE("elections through their statements equal the golden vectors", "[certificate][golden]") {
  for (const auto& c : golden::partition("finite")) {
    const auto labels = c["models"].get<std::vector<label_type>>();
    const plain_parts parts(votes_of(labels, c["classes"]), {0}, 1, c["shifts"].get<std::vector<std::size_t>>());
    CHECK(parts.issue().front().label == c["label"].get<label_type>());
    CHECK(parts.issue().front().rows == c["rows"].get<std::size_t>());
  }
  for (const auto& c : golden::partition("runoff")) {
    const std::size_t classes = c["classes"];
    hard_votes orders(classes, classes);
    for (const auto& order : c["preferences"]) orders.add_votes(order.get<std::vector<label_type>>());
    const run_off_parts parts(orders, {0});
    CHECK(parts.issue().front().label == c["label"].get<label_type>());
    CHECK(parts.issue().front().rows == c["survives"].get<std::size_t>());
    const run_off_parts by_content(orders, {0}, 2);
    CHECK(by_content.issue().front().rows == c["survives"].get<std::size_t>() / 2);
  }
}

TEST_CASE("an attack that finite aggregation covers changes the vote in no way", "[certificate]") {
  random_stream draws(random_key{71});
  std::size_t covered = 0;
  std::size_t more = 0;
  for (int trial = 0; trial < 150; ++trial) {
    const std::size_t classes = trial % 2 == 0 ? 2 : 3;
    std::vector<label_type> labels(8);
    for (label_type& label : labels) label = draws.uniform() < 0.8 ? 1 : static_cast<label_type>(draws.below(2));
    const std::vector<std::size_t> shifts{0, 1 + draws.below(7)};
    std::vector<std::uint32_t> hash_of(10);
    for (std::uint32_t& hash : hash_of) hash = draws.below(8);
    const plain_parts parts(votes_of(labels, classes), hash_of, 1, shifts);
    const certificate c = parts.issue().front();
    const small_attack attack(10, {draws.below(10), draws.below(10)}, {});
    std::vector<std::size_t> lost;
    std::size_t rows = 0;
    for (std::size_t row = 0; row < 10; ++row) {
      if (attack.l2[row] == 0.0) continue;
      ++rows;
      for (const std::size_t shift : shifts) lost.push_back((hash_of[row] + shift) % 8);
    }
    std::ranges::sort(lost);
    lost.erase(std::unique(lost.begin(), lost.end()), lost.end());
    bool stays = true;
    for_each_vote(labels, lost, classes,
                  [&](const auto& changed) { stays = stays && part_votes(changed, classes).leader() == c.label; });
    CAPTURE(trial, labels, shifts, lost);
    CHECK(parts.covers(attack.all()).front() == stays);
    if (rows <= *c.rows) CHECK(stays);
    covered += stays ? 1U : 0U;
    more += stays && rows > *c.rows ? 1U : 0U;
  }
  CHECK(covered > 20);
  CHECK(more > 3);  // which rows are lost is known
}

TEST_CASE("a run-off covers an attack exactly if no orders of the lost parts change the winner", "[certificate]") {
  random_stream draws(random_key{72});
  const std::vector<std::vector<label_type>> orders{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  std::size_t covered = 0;
  std::size_t more = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::size_t> chosen(trial % 2 == 0 ? 6 : 7);  // ties too
    const double favoured = draws.uniform();
    for (std::size_t& one : chosen) one = draws.uniform() < favoured ? draws.below(2) : draws.below(6);
    const auto statement = [&](const std::vector<std::size_t>& of) {
      hard_votes votes(3, 3);
      for (const std::size_t one : of) votes.add_votes(orders[one]);
      return run_off_parts(votes, {0, 1, 2, 3, 4, 5, static_cast<std::uint32_t>(of.size() - 1)});
    };
    const auto parts = statement(chosen);
    const certificate c = parts.issue().front();
    const small_attack attack(7, {draws.below(7), draws.below(7)}, {draws.below(7)});
    std::vector<std::size_t> lost;
    for (std::size_t row = 0; row < 7; ++row) {
      const std::size_t part = std::min(row, chosen.size() - 1);
      if (attack.l2[row] == 0.0 && attack.relabelled[row] == 0) continue;
      if (lost.empty() || lost.back() != part) lost.push_back(part);
    }
    bool stays = true;
    for (std::size_t code = 0; code < 216; ++code) {
      std::vector<std::size_t> changed = chosen;
      for (std::size_t at = 0, left = code; at < lost.size(); ++at, left /= 6) changed[lost[at]] = left % 6;
      stays = stays && statement(changed).issue().front().label == c.label;
    }
    CAPTURE(trial, chosen, lost);
    CHECK(parts.covers(attack.all()).front() == stays);
    if (lost.size() <= *c.rows) CHECK(stays);
    covered += stays ? 1U : 0U;
    more += stays && lost.size() > *c.rows ? 1U : 0U;
  }
  CHECK(covered > 10);
  CHECK(more > 3);  // which parts are lost is known
}

TEST_CASE("two rivals that pass the winner together leave it out of the final", "[certificate]") {
  // 4 prefer 0; of 2 each that prefer 1 and 2, all like 0 better than the third. Two of the first four are lost: one for
  // each rival leaves 2, 3 and 3 first choices.
  std::vector<label_type> orders;
  for (int m = 0; m < 4; ++m) orders.insert(orders.end(), {0, 1, 2});
  for (int m = 0; m < 2; ++m) orders.insert(orders.end(), {1, 0, 2, 2, 0, 1});
  CHECK(run_off(orders, 3).label == 0);
  std::vector<bool> lost(8, false);
  lost[0] = true;
  CHECK(run_off_withstands(orders, 3, 0, lost));
  lost[1] = true;
  CHECK_FALSE(run_off_withstands(orders, 3, 0, lost));
  CHECK_THROWS_WITH(run_off_withstands(orders, 2, 0, lost), Catch::Contains("24 preferences, but 8 models of 2"));
}
