// SPDX-License-Identifier: MIT
#include "certssb/radius/part_frontier.hpp"

#include "small_votes.hpp"

#include "certssb/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

using namespace certssb;
using small_votes::for_each_vote;
using small_votes::leader_of;

namespace {

std::vector<label_type> reported_labels(const std::vector<part_report>& reports) {
  std::vector<label_type> labels;
  for (const part_report& r : reports) labels.push_back(r.label);
  return labels;
}

/// The least energy of an attack that makes another class lead, by trying all: `free` parts cost nothing, and so do
/// those that abstain; the test input's move is paid in every part.
double cheapest_attack(const std::vector<part_report>& reports, std::size_t classes, std::size_t free, double paid) {
  double least = std::numeric_limits<double>::infinity();
  const label_type leader = leader_of(reported_labels(reports), classes);
  for_each_vote(reports.size(), abstain, classes, [&](const std::vector<label_type>& attacked) {
    if (leader_of(attacked, classes) == leader) return;
    std::vector<double> costs;
    for (std::size_t j = 0; j < reports.size(); ++j) {
      if (reports[j].label == abstain || attacked[j] == reports[j].label) continue;
      costs.push_back(std::max(0.0, reports[j].budget * reports[j].budget - paid));
    }
    std::ranges::sort(costs, std::greater<>{});
    costs.erase(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(std::min(free, costs.size())));
    least = std::min(least, std::accumulate(costs.begin(), costs.end(), 0.0));
  });
  return least;
}

std::vector<part_report> draw_reports(random_stream& draws, std::size_t k, std::size_t classes) {
  std::vector<part_report> reports(k);
  for (part_report& r : reports) {
    // The leader gets about half of the votes, and one in ten abstains.
    const double u = draws.uniform();
    r.label = u < 0.1   ? abstain
              : u < 0.5 ? label_type{1}
                        : static_cast<label_type>(draws.uniform() * static_cast<double>(classes));
    r.budget = 0.05 + 2.0 * draws.uniform();
  }
  return reports;
}

}  // namespace

TEST_CASE("no attack below the energy succeeds, and one at the energy does", "[radius]") {
  random_stream draws(random_key{31});
  std::size_t certified = 0;
  for (int trial = 0; trial < 150; ++trial) {
    const std::size_t classes = trial % 3 == 0 ? 2 : 3;
    const std::size_t k = trial % 2 == 0 ? 6 : 5;
    const auto reports = draw_reports(draws, k, classes);
    CAPTURE(trial, reported_labels(reports));
    if (leader_of(reported_labels(reports), classes) == abstain) continue;
    for (const double paid : {0.0, 0.3}) {
      const double energy = part_frontier(reports, classes, 0).energy(0, paid);
      // With nothing touched and nothing false the energy is exactly that of the cheapest attack.
      CHECK(energy == Approx(cheapest_attack(reports, classes, 0, paid)).epsilon(1e-12).margin(1e-12));
      for (std::size_t rows = 0; rows <= 2; ++rows) {
        for (std::size_t failures = 0; failures <= 2; ++failures) {
          CAPTURE(paid, rows, failures);
          const part_frontier frontier(reports, classes, failures);
          const double cheapest = cheapest_attack(reports, classes, rows + failures, paid);
          CHECK(frontier.energy(rows, paid) <= cheapest);
          CHECK(frontier.energy(rows, paid) <= frontier.energy(rows, 0.0));
          if (frontier.energy(rows) > 0.0) ++certified;
          CHECK((frontier.energy(rows) > 0.0) == (frontier.survives() && rows <= *frontier.survives()));
        }
      }
    }
  }
  CHECK(certified > 200);
}

TEST_CASE("the energy of many parts is that of trying every split", "[radius]") {
  random_stream draws(random_key{32});
  for (int trial = 0; trial < 60; ++trial) {
    const std::size_t classes = 2 + static_cast<std::size_t>(trial) % 9;
    const auto reports = draw_reports(draws, 40 + static_cast<std::size_t>(trial), classes);
    const std::size_t failures = static_cast<std::size_t>(trial) % 3;
    const part_frontier frontier(reports, classes, failures);
    const part_votes& votes = frontier.votes();
    for (const double paid : {0.0, 0.2, 5.0}) {
      for (std::size_t rows = 0; frontier.survives() && rows <= *frontier.survives(); ++rows) {
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t c = 0; c < classes; ++c) {
          if (static_cast<label_type>(c) == votes.leader()) continue;
          std::vector<double> mine;
          std::vector<double> third;
          for (const part_report& r : reports) {
            if (r.label == abstain || r.label == static_cast<label_type>(c)) continue;
            (r.label == votes.leader() ? mine : third).push_back(std::max(0.0, r.budget * r.budget - paid));
          }
          std::ranges::sort(mine);
          std::ranges::sort(third);
          const std::size_t need = votes.gap(c) + 1 - votes.abstaining() - 2 * (rows + failures);
          for (std::size_t a = 0; a <= mine.size(); ++a) {
            const std::size_t rest = need > 2 * a ? need - 2 * a : 0;
            if (rest > third.size()) continue;
            const auto lowest = [](const std::vector<double>& prices, std::size_t m) {
              return std::accumulate(prices.begin(), prices.begin() + static_cast<std::ptrdiff_t>(m), 0.0);
            };
            least = std::min(least, lowest(mine, a) + lowest(third, rest));
          }
        }
        CAPTURE(trial, rows, paid);
        CHECK(frontier.energy(rows, paid) == Approx(least).epsilon(1e-11).margin(1e-11));
        CHECK(frontier.energy(rows, paid) <= least);
      }
    }
  }
}

TEST_CASE("equal unanimous parts have the closed form, and the frontier falls", "[radius]") {
  const std::vector<part_report> reports(100, part_report{1, 0.73});
  const part_frontier frontier(reports, 2, 5);
  CHECK(frontier.label() == 1);
  // need = 100 - 1 + 1 - 10 = 90 votes, bought in pairs: 45 parts.
  CHECK(frontier.energy(0) == Approx(45 * 0.73 * 0.73).epsilon(1e-12));
  CHECK(frontier.budget(0) == Approx(std::sqrt(45.0) * 0.73).epsilon(1e-12));
  CHECK(frontier.budget(0) * frontier.budget(0) <= 45 * 0.73 * 0.73);
  CHECK(frontier.survives() == 44U);
  for (std::size_t rows = 0; rows < 100; ++rows) {
    CHECK(frontier.energy(rows) == Approx(rows <= 44 ? static_cast<double>(45 - rows) * 0.73 * 0.73 : 0.0));
  }
  CHECK(frontier.energy(0, 0.5) == Approx(45 * (0.73 * 0.73 - 0.5)).epsilon(1e-10));
  CHECK(frontier.energy(0, 0.6) == 0.0);
  CHECK(frontier.budget(100) == 0.0);
}

TEST_CASE("lost parts are counted with the failures", "[radius]") {
  const std::vector<part_report> reports(7, part_report{0, 1.0});
  const part_frontier frontier(reports, 2, 1);
  std::vector<bool> lost(7);
  lost[0] = lost[1] = true;
  CHECK(frontier.covers_lost(lost));  // 2 * 2 + 2 <= 7
  lost[2] = true;
  CHECK_FALSE(frontier.covers_lost(lost));  // 2 * 3 + 2 > 7
  CHECK(part_frontier(reports, 2, 0).covers_lost(lost));
}

TEST_CASE("a class that no part names is a rival too", "[radius]") {
  // Class 1 leads 4 to 1; class 0 with one vote needs 3, class 2 with none needs 5, and class 0 is the rival.
  const std::vector<part_report> reports{{1, 1.0}, {1, 2.0}, {1, 3.0}, {1, 4.0}, {0, 5.0}};
  CHECK(part_frontier(reports, 3, 0).energy(0) == Approx(1.0 + 4.0));
  // Without it, class 0 and 2 are named by nobody: 4 votes, two parts, for the lower label.
  const std::vector<part_report> alone(reports.begin(), reports.end() - 1);
  CHECK(part_frontier(alone, 3, 0).energy(0) == Approx(1.0 + 4.0));
  CHECK(part_frontier(alone, 1000, 0).survives() == 1U);
}

TEST_CASE("reports out of range are refused, by name", "[radius]") {
  using reports = std::vector<part_report>;
  const double bad[] = {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()};
  for (const double budget : bad) {
    CHECK_THROWS_WITH(part_frontier((reports{{0, 1.0}, {1, budget}}), 2, 0),
                      Catch::Contains("a budget must be positive and below 1e100, got"));
    CHECK_NOTHROW(part_frontier((reports{{0, 1.0}, {abstain, budget}}), 2, 0));
  }
  CHECK_THROWS_WITH(part_frontier((reports{{0, 1.0}}), 2, 2),
                    Catch::Contains("failures must be at most the number of parts, 1, got 2"));
  const part_frontier one(reports{{0, 1.0}}, 2, 0);
  CHECK_THROWS_WITH(one.energy(2), Catch::Contains("rows touched must be at most the number of parts, 1, got 2"));
  CHECK_THROWS_WITH(one.energy(0, -1.0), Catch::Contains("finite and >= 0, got -1"));
  CHECK_THROWS_WITH(one.energy(0, std::nan("")), Catch::Contains("finite and >= 0"));
  CHECK_THROWS_WITH(part_frontier(reports{}, 2, 0), Catch::Contains("at least 1 part"));
}
