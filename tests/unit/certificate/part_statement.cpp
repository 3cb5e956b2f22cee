// SPDX-License-Identifier: MIT
#include "certssb/certificate/part_statement.hpp"

#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/plain_parts.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

using namespace certssb;

namespace {

constexpr std::size_t classes = 3;

/// The class with most votes, ties to the lowest; abstainers name nothing.
label_type winner(const std::vector<label_type>& labels) {
  std::vector<int> counts(classes);
  for (const label_type v : labels) {
    if (v != abstain) ++counts[static_cast<std::size_t>(v)];
  }
  return std::ranges::max_element(counts) - counts.begin();
}

/// Whether `label` wins for every way to set the votes of these parts.
bool always_wins(std::vector<label_type> named, label_type label, const std::vector<std::size_t>& free) {
  std::function<bool(std::size_t)> wins = [&](std::size_t next) {
    if (next == free.size()) return winner(named) == label;
    for (label_type c = 0; c < static_cast<label_type>(classes); ++c) {
      named[free[next]] = c;
      if (!wins(next + 1)) return false;
    }
    return true;
  };
  return wins(0);
}

/// One part per row, six parts: bounds of one sample whose parts report these labels, with budget B each.
part_statement statement_of(const std::vector<label_type>& labels, const std::vector<double>& lower,
                            std::optional<test_noise> test = {}, std::size_t failures = 0) {
  const auto mode =
      stated_mode(uniform_mode::from_parts(training_scales::constant(labels.size(), 0.5), gaussian_noise{}));
  part_reports reports(labels.size(), 1, classes, 0.01, 0.001, failures);
  for (std::size_t j = 0; j < labels.size(); ++j) {
    if (labels[j] == abstain) continue;
    bounded_votes bounds{{}, classes, "test", "none", 0.001};
    bounds.samples.push_back({{labels[j], lower[j], 1.0 - lower[j]}, 20});
    reports.report(j, bounds, mode);
  }
  std::vector<std::uint32_t> part_of(labels.size());
  for (std::size_t j = 0; j < part_of.size(); ++j) part_of[j] = static_cast<std::uint32_t>(j);
  return part_statement(mode, training_scales::constant(labels.size(), 0.5), part_of, std::move(reports), test);
}

}  // namespace

TEST_CASE("an attack is covered exactly if no votes of the lost parts change the winner", "[parts]") {
  random_stream draws(random_key{5});
  int covered = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<label_type> labels;
    std::vector<double> lower;
    std::vector<double> change;
    std::vector<std::uint8_t> relabelled;
    for (int j = 0; j < 6; ++j) {
      labels.push_back(static_cast<label_type>(draws.below(8) < 5 ? 1 : draws.below(4)) -
                       (draws.below(9) == 0 ? 1 : 0));
      labels.back() = std::min<label_type>(labels.back(), 2);
      lower.push_back(0.6 + 0.39 * draws.uniform());
      change.push_back(draws.below(2) == 0 ? 0.0 : 0.6 * draws.uniform());
      relabelled.push_back(draws.below(5) == 0 ? 1 : 0);
    }
    const part_statement statement = statement_of(labels, lower);
    const attack_extent attack{.l2 = change, .changed_labels = 1, .relabelled = relabelled};
    for (const bool with_labels : {false, true}) {
      std::vector<std::size_t> free;
      for (std::size_t j = 0; j < labels.size(); ++j) {
        const double budget = gaussian_l2::budget(lower[j], 1.0 - lower[j]);
        const bool lost = labels[j] == abstain || change[j] / 0.5 >= budget || (with_labels && relabelled[j] != 0);
        if (lost) free.push_back(j);
      }
      const bool holds = always_wins(labels, winner(labels), free);
      CHECK(statement.covers(attack, with_labels)[0] == holds);
      covered += holds ? 1 : 0;
    }
  }
  CHECK(covered > 100);
  CHECK(covered < 700);
}

TEST_CASE("a certificate of parts falls with the rows that are changed at will", "[parts]") {
  const std::vector<label_type> labels{1, 1, 1, 1, 1, 0};
  const std::vector<double> lower{0.9, 0.95, 0.99, 0.97, 0.9, 0.9};
  const part_statement statement = statement_of(labels, lower);
  const certificate c = statement.issue("uniform+parts", "test", "none", 20).front();
  REQUIRE(c.result == outcome::certified);
  CHECK(c.label == 1);
  // 5 against 1, and the tie goes to class 0: gap 3. One part at will leaves a gap of 1.
  CHECK(c.rows == 1U);
  REQUIRE(c.frontier.size() == 2);
  const double cheap = gaussian_l2::budget(0.9, 0.1);
  // Four votes: two parts of the cheapest. After one part at will, two votes: one part.
  CHECK(c.budget == Approx(std::sqrt(2.0) * cheap).epsilon(1e-12));
  CHECK(c.radius_at(0) == Approx(0.5 * std::sqrt(2.0) * cheap).epsilon(1e-12));
  CHECK(c.radius_at(1) == Approx(0.5 * cheap).epsilon(1e-12));
  CHECK(c.radius_at(2) == 0.0);
  // With one false report, as much is gone as with one part at will.
  const certificate fewer = statement_of(labels, lower, {}, 1).issue("uniform+parts", "test", "none", 20).front();
  CHECK(fewer.rows == 0U);
  CHECK(fewer.radius.value() == Approx(c.radius_at(1)).epsilon(1e-12));
}

TEST_CASE("with joint, the move of the test input is spent in every part", "[parts]") {
  const std::vector<label_type> labels{1, 1, 1, 1, 1, 1};
  const std::vector<double> lower(6, 0.95);
  const double b = gaussian_l2::budget(0.95, 0.05);
  // Six for 1, tie to 0: gap 5, need 6 votes, 3 parts. 3 (B^2 - p^2/.4^2) > p^2/.5^2, two draws at scale .4 sqrt 2.
  const double p = std::sqrt(3.0 * b * b / (3.0 / (0.4 * 0.4) + 1.0 / 0.25));
  const part_statement statement = statement_of(labels, lower, test_noise{0.4 * std::sqrt(2.0), 2});
  const certificate c = statement.issue("uniform+parts+joint", "test", "none", 20).front();
  CHECK(c.radius.value() == Approx(p).epsilon(1e-9));
  CHECK(c.radius.value() <= p);
  const std::vector<double> still(6, 0.0);
  CHECK(statement.covers({.l2 = still, .test_l2 = 0.39 * b}, false)[0]);
  CHECK_FALSE(statement.covers({.l2 = still, .test_l2 = 0.41 * b}, false)[0]);
}

TEST_CASE("plain parts cover any change of the rows of the parts that may be lost", "[parts]") {
  random_stream draws(random_key{6});
  int covered = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<label_type> labels;
    hard_votes of_parts(1, classes);
    std::vector<double> change;
    for (int j = 0; j < 7; ++j) {
      labels.push_back(draws.below(3) < 2 ? 2 : static_cast<label_type>(draws.below(3)));
      std::vector<float> scores(classes);
      scores[static_cast<std::size_t>(labels.back())] = 1.0F;
      of_parts.add(std::span<const float>(scores));
      change.push_back(draws.below(3) == 0 ? 0.1 : 0.0);
    }
    const plain_parts statement(of_parts, {0, 1, 2, 3, 4, 5, 6});
    std::vector<std::size_t> free;
    for (std::size_t j = 0; j < 7; ++j) {
      if (change[j] > 0.0) free.push_back(j);
    }
    const bool holds = always_wins(labels, winner(labels), free);
    CHECK(statement.covers({.l2 = change})[0] == holds);
    const certificate c = statement.issue().front();
    CHECK((!c.rows || *c.rows < free.size() || holds));
    covered += holds ? 1 : 0;
  }
  CHECK(covered > 50);
  CHECK(covered < 280);
}

TEST_CASE("parts that do not fit together are refused", "[parts]") {
  const auto mode = stated_mode(uniform_mode::from_parts(training_scales::constant(2, 0.5), gaussian_noise{}));
  part_reports reports(2, 1, classes, 0.01, 0.001, 0);
  bounded_votes bounds{{}, classes, "test", "none", 0.01};
  bounds.samples.push_back({{0, 0.9, 0.1}, 20});
  CHECK_THROWS_WITH(reports.report(0, bounds, mode), Catch::Contains("level 0.01, expected 1, 3 and 0.001"));
  CHECK_THROWS_WITH(reports.report(2, bounds, mode), "parts: expected a part below 2, got 2");
  CHECK_THROWS_WITH(part_reports(2, 1, classes, 0.01, 0.001, 3), Catch::Contains("failures must be at most"));
  CHECK_THROWS_WITH(part_statement(mode, training_scales::constant(2, 0.5), {0, 2}, reports),
                    "parts: expected parts below 2, got 2");
  CHECK_THROWS_WITH(part_statement(mode, training_scales::constant(2, 0.5), {0}, reports),
                    "parts: 2 rows have scales, 1 have a part");
  const part_statement statement = statement_of({1, 1}, {0.9, 0.9});
  const std::vector<double> one{0.1};
  CHECK_THROWS_WITH(statement.covers({.l2 = one}, false), "parts: expected the change of 2 rows, got 1");
  const std::vector<double> two{0.1, std::nan("")};
  CHECK_THROWS_WITH(statement.covers({.l2 = two}, false), Catch::Contains("row 1 must be finite"));
  const std::vector<double> fine{0.1, 0.0};
  CHECK_THROWS_WITH(statement.covers({.l2 = fine, .changed_labels = 1}, true), "parts: labels changed, but not which");
}

TEST_CASE("parts refuse what would make their claims false", "[parts]") {
  // P(Bin(100, .01) > 0) = .63, > 5) = 5.3e-4.
  CHECK_THROWS_WITH(part_reports(100, 1, classes, 0.001, 0.01, 4),
                    "parts: of 100 reports at level 0.01 as many as 5 must be allowed to be false, got 4");
  CHECK_NOTHROW(part_reports(100, 1, classes, 0.001, 0.01, 5));
  const training_scales scales = training_scales::constant(2, 0.5);
  const part_reports reports(2, 1, classes, 0.01, 0.001, 0);
  const auto uniform = uniform_mode::from_parts(scales, gaussian_noise{});
  const auto state = [&](const stated_mode& mode, const training_scales& of) {
    return part_statement(mode, of, {0, 1}, reports);
  };
  // A mode whose distances no sum over rows sees, one of L1 sums, and flags.
  for (const stated_mode& mode :
       {stated_mode(quantised_mode::from_parts(scales, {0.1, 0.1}, gaussian_noise{},
                                               assume::selector_fixed_independently_of_data{})),
        stated_mode(uniform_l1_mode::from_parts(scales, uniform_noise{})),
        stated_mode(joint(uniform, test_noise{0.5, 1}, gaussian_noise{}, assume::test_scale_fixed_beforehand{})),
        stated_mode(label_noise(uniform, label_flips(0.3, 1), assume::labels_flipped_in_every_member{}))}) {
    CAPTURE(std::string(mode.name));
    CHECK_THROWS_WITH(state(mode, scales), Catch::Contains("is not a weighted sum over rows"));
  }
  // The radius of one scale, the energies of another.
  CHECK_THROWS_WITH(
      state(stated_mode(uniform), training_scales({0.5, 0.4})),
      "parts: the mode is for 2 rows of scale 0.5 or more, the scales are of 2 rows of scale 0.4 or more");
}
