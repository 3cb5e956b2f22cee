// SPDX-License-Identifier: MIT
#include "certssb/bound/part_failures.hpp"
#include "certssb/radius/bagged_nearest.hpp"
#include "certssb/radius/bagging.hpp"
#include "certssb/radius/finite_aggregation.hpp"
#include "certssb/radius/nearest_mean.hpp"
#include "certssb/radius/part_frontier.hpp"
#include "certssb/radius/parts.hpp"
#include "certssb/radius/run_off.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace certssb;

namespace {

std::vector<label_type> part_labels(const nlohmann::json& values) { return values.get<std::vector<label_type>>(); }

}  // namespace

TEST_CASE("plain parts equal the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("dpa");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    const auto labels = part_labels(c["parts"]);
    const part_votes votes(labels, c["classes"]);
    CAPTURE(labels.size(), c["survives"].dump());
    const auto survives = votes.survives();
    CHECK((survives ? static_cast<std::int64_t>(*survives) : -1) == c["survives"].get<std::int64_t>());
    CHECK(votes.leader() == c["label"].get<label_type>());
    CHECK(votes.label() == (survives ? votes.leader() : abstain));
  }
}

TEST_CASE("finite aggregation equals the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("finite");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    const auto labels = part_labels(c["models"]);
    const auto answer =
        finite_aggregation(labels.size(), c["shifts"].get<std::vector<std::size_t>>()).certify(labels, c["classes"]);
    CAPTURE(labels.size(), c["shifts"].dump());
    CHECK(answer.label == c["label"].get<label_type>());
    CHECK(answer.survives == c["rows"].get<std::size_t>());
  }
}

TEST_CASE("run-off election equals the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("runoff");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    std::vector<label_type> preferences;
    for (const auto& order : c["preferences"]) {
      for (const label_type label : part_labels(order)) preferences.push_back(label);
    }
    const auto answer = run_off(preferences, c["classes"]);
    CAPTURE(c["preferences"].size(), c["classes"].dump());
    CHECK(answer.label == c["label"].get<label_type>());
    CHECK(answer.survives == c["survives"].get<std::size_t>());
  }
}

TEST_CASE("smoothing inside parts equals the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("smoothed");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    const auto labels = part_labels(c["parts"]);
    const auto budgets = c["budgets"].get<std::vector<double>>();
    std::vector<part_report> reports;
    for (std::size_t j = 0; j < labels.size(); ++j) reports.push_back({labels[j], budgets[j]});
    for (const auto& expected : c["failures_rows_energy"]) {
      CAPTURE(labels.size(), expected.dump());
      const part_frontier frontier(reports, c["classes"], expected[0]);
      const auto rows = expected[1].get<std::size_t>();
      CHECK(frontier.votes().leader() == c["label"].get<label_type>());
      CHECK(frontier.energy(rows) == golden::close(expected[2]));
      CHECK(frontier.energy(rows) <= expected[2].get<double>() * (1.0 + 1e-13));
      CHECK((frontier.survives() && rows <= *frontier.survives()) == (expected[2].get<double>() > 0.0));
    }
  }
}

TEST_CASE("the condition of bagging equals the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("bagging");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    CAPTURE(c.dump());
    const auto survives = bagging(c["rows"], c["bag"]).survives(c["lower"], c["upper"]);
    REQUIRE(survives.has_value());
    CHECK(*survives == c["survives"].get<std::size_t>());
  }
}

TEST_CASE("the vote of the nearest rows equals the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("nearest");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    auto labels = part_labels(c["labels_by_distance"]);
    labels.resize(c["k"].get<std::size_t>());
    const part_votes votes(labels, c["classes"]);
    CAPTURE(labels.size());
    CHECK(votes.leader() == c["label"].get<label_type>());
    CHECK(votes.survives().value() == c["rows"].get<std::size_t>());
  }
}

TEST_CASE("the nearest row of a bag equals the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("bagged_nearest");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    const auto labels = part_labels(c["labels_by_distance"]);
    const bagged_nearest bags(labels.size(), c["bag"]);
    const auto p = bags.probabilities(labels, c["classes"]);
    REQUIRE(p.size() == c["p"].size());
    CHECK(bags.error() < 1e-12);
    for (std::size_t k = 0; k < p.size(); ++k) CHECK(p[k] == Approx(c["p"][k].get<double>()).margin(1e-13));
  }
}

TEST_CASE("nearest means equal the golden vectors", "[radius][golden]") {
  const auto& cases = golden::partition("nearest_mean");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    const auto input = c["input"].get<std::vector<double>>();
    std::vector<double> distances;
    for (const auto& mean : c["means"]) {
      double sum = 0.0;
      for (std::size_t p = 0; p < input.size(); ++p) sum += std::pow(input[p] - mean[p].get<double>(), 2);
      distances.push_back(std::sqrt(sum));
    }
    const auto answer = nearest_mean_radius(distances, c["counts"].get<std::vector<std::size_t>>());
    CHECK(answer.label == c["label"].get<label_type>());
    CHECK(answer.radius == golden::close(c["radius"]));
  }
}

TEST_CASE("the failures that parts are allowed equal the golden vectors", "[bound][golden]") {
  const auto& cases = golden::partition("failures");
  REQUIRE(cases.size() == 12);
  for (const auto& c : cases) {
    CAPTURE(c.dump());
    CHECK(allowed_failures(c["parts"], c["alpha_part"], c["alpha"]) == c["failures"].get<std::size_t>());
  }
}
