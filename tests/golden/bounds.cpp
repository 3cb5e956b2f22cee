// SPDX-License-Identifier: MIT
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "golden/golden.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace certssb;

namespace {

/// The scores of a case; the long one is given by its formula, which its name states.
std::vector<double> scores_of(const nlohmann::json& c) {
  if (c.contains("x")) return c["x"];
  std::vector<double> x;
  for (int i = 1; i <= 1000; ++i) x.push_back(std::round(1e6 * (0.9 + 0.1 * (i * 37 % 101) / 100.0)) / 1e6);
  return x;
}

}  // namespace

TEST_CASE("bounds of counts equal the golden vectors", "[bound][golden]") {
  const auto& cases = golden::part("bounds_binomial");
  REQUIRE(cases.size() == 84);
  for (const auto& c : cases) {
    CAPTURE(c.dump());
    const auto n = c["n"].get<std::int64_t>();
    const auto k = c["k"].get<std::int64_t>();
    const double alpha = c["alpha"];
    const double mean = static_cast<double>(k) / static_cast<double>(n);
    const auto close = [](const nlohmann::json& value) {
      return Approx(value.get<double>()).epsilon(golden::relative).margin(1e-14);
    };
    CHECK(clopper_pearson::lower(k, n, alpha) == close(c["cp_lower"]));
    CHECK(clopper_pearson::upper(k, n, alpha) == close(c["cp_upper"]));
    CHECK(hoeffding::lower(mean, n, alpha) == close(c["hoeffding_lower"]));
    CHECK(hoeffding::upper(mean, n, alpha) == close(c["hoeffding_upper"]));
  }
}

TEST_CASE("Hoeffding's bound of scores equals the golden vectors", "[bound][golden]") {
  for (const auto& c : golden::part("bounds_soft")["cases"]) {
    CAPTURE(c["name"].dump());
    const auto x = scores_of(c);
    std::vector<double> scores;
    for (const double score : x) scores.insert(scores.end(), {score, 1.0 - score});
    const score_table table(std::span<const double>(scores), x.size(), 1, 2);
    CHECK(table[0].means[0] == Approx(c["mean"].get<double>()).epsilon(1e-12));
    CHECK(hoeffding::lower(table[0], 0, c["alpha"].get<double>()) ==
          Approx(c["hoeffding"].get<double>()).epsilon(golden::relative).margin(1e-14));
  }
}
