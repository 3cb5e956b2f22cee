// SPDX-License-Identifier: MIT
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/bound/randomised_clopper_pearson.hpp"
#include "golden/golden.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <string_view>
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
    const std::vector<std::int64_t> counts{k, n - k};
    const vote_count votes{counts, n};
    const auto agrees = [&](std::string_view name, const char* lower, const char* upper) {
      CAPTURE(name);
      const named_bound<vote_count> bound(name);
      if (!c[lower].is_null()) CHECK(bound.lower(votes, 0, alpha) == golden::close(c[lower]));
      if (upper != nullptr) CHECK(bound.upper(votes, 0, alpha) == golden::close(c[upper]));
      // U(k) = 1 - L(n - k), computed apart.
      CHECK(bound.upper(votes, 1, alpha) == Approx(1.0 - bound.lower(votes, 0, alpha)).epsilon(1e-12).margin(1e-12));
    };
    agrees("clopper-pearson", "cp_lower", "cp_upper");
    agrees("hoeffding", "hoeffding_lower", "hoeffding_upper");
    agrees("kl", "kl_lower", "kl_upper");
    agrees("hoeffding-bentkus", "hb_lower", nullptr);
    agrees("maurer-pontil", "mp_lower", nullptr);
  }
}

TEST_CASE("bounds of scores equal the golden vectors", "[bound][golden]") {
  REQUIRE(golden::part("bounds_soft")["cases"].size() == 5);
  for (const auto& c : golden::part("bounds_soft")["cases"]) {
    CAPTURE(c["name"].dump());
    const auto x = scores_of(c);
    std::vector<double> scores;
    std::vector<double> mirrored;
    for (const double score : x) {
      scores.insert(scores.end(), {score, 1.0 - score});
      mirrored.insert(mirrored.end(), {1.0 - score, score});
    }
    const score_table table(std::span<const double>(scores), x.size(), 1, 2);
    const score_table other(std::span<const double>(mirrored), x.size(), 1, 2);
    const double alpha = c["alpha"];
    CHECK(table[0].means[0] == Approx(c["mean"].get<double>()).epsilon(1e-12));
    for (const auto& [name, key] : {std::pair("hoeffding", "hoeffding"), std::pair("kl", "kl"),
                                    std::pair("hoeffding-bentkus", "hb"), std::pair("maurer-pontil", "maurer_pontil"),
                                    std::pair("betting", "wsr_fixed_c09"), std::pair("mixture", "mixbet")}) {
      CAPTURE(name);
      const named_bound<mean_score> bound(name);
      CHECK(bound.lower(table[0], 0, alpha) == golden::close(c[key]));
      // The vectors hold lower bounds alone: U is 1 - L of the mirrored scores.
      CHECK(bound.upper(other[0], 0, alpha) == Approx(1.0 - c[key].get<double>()).epsilon(golden::relative));
    }
  }
}

TEST_CASE("randomised Clopper-Pearson equals the golden vectors", "[bound][golden]") {
  const auto& cases = golden::part("randomized_cp_lower");
  REQUIRE(cases.size() == 2);
  for (const auto& c : cases) {
    const randomised_clopper_pearson bound(c["u"].get<double>());
    CHECK(bound.lower(c["k"].get<std::int64_t>(), c["n"].get<std::int64_t>(), c["alpha"].get<double>()) ==
          golden::close(c["lower"]));
  }
}

TEST_CASE("the e-process equals the golden vectors", "[bound][golden]") {
  const auto& cases = golden::part("e_process")["cases"];
  REQUIRE(cases.size() == 4);
  for (const auto& c : cases) {
    CAPTURE(c.dump());
    CHECK(jeffreys_sequence::log_e(c["k"], c["n"], c["p0"]) == golden::close(c["log_e_onesided_truncated"]));
  }
}

TEST_CASE("the golden sequence is the two-sided one, which is never tighter than the one-sided", "[bound][golden]") {
  for (const auto& c : golden::part("bounds_binomial")) {
    CAPTURE(c.dump());
    const auto n = c["n"].get<std::int64_t>();
    const auto k = c["k"].get<std::int64_t>();
    const double alpha = c["alpha"];
    const double two_sided = c["betabin_cs_lower"];
    const double lower = jeffreys_sequence::lower(k, n, alpha);
    CHECK(lower >= two_sided);
    if (two_sided == 0.0) continue;
    // The two-sided evidence is the one-sided without its two truncations; at the golden bound it is 1/alpha.
    const auto kk = static_cast<double>(k);
    const auto nn = static_cast<double>(n);
    const double untruncated = jeffreys_sequence::log_e(k, n, two_sided) -
                               std::log(boost::math::ibetac(kk + 0.5, nn - kk + 0.5, two_sided)) +
                               std::log(boost::math::ibetac(0.5, 0.5, two_sided));
    CHECK(untruncated == Approx(-std::log(alpha)).epsilon(1e-6));
  }
}

TEST_CASE("sample count fixed at 1000: the published level is alpha^(M/1000), here it is alpha", "[bound][golden]") {
  const auto& cases = golden::part("falsification")["hardcoded_1000"];
  REQUIRE(cases.size() == 3);
  for (const auto& c : cases) {
    CAPTURE(c.dump());
    const auto models = c["M"].get<std::int64_t>();
    const double alpha = c["alpha"];
    // The width the published code takes whatever M is, and the level that width guarantees with M models.
    const double published = std::sqrt(-std::log(alpha) / 2.0 / 1000.0);
    const double effective = std::exp(-2.0 * static_cast<double>(models) * published * published);
    CHECK(effective == golden::close(c["alpha_effective"]));
    CHECK(0.9 - hoeffding::lower(0.9, models, effective) == Approx(published).epsilon(1e-9));
    CHECK(0.9 - hoeffding::lower(0.9, models, alpha) ==
          Approx(published * std::sqrt(1000.0 / static_cast<double>(models))).epsilon(1e-9));
  }
  // With 50 models and p = .9 the published bound claims p >= .941 of a unanimous vote, and .9^50 = .5 % of all votes
  // are unanimous: five times its alpha.
  CHECK(1.0 - std::sqrt(std::log(1000.0) / 2000.0) > 0.9);
  CHECK(hoeffding::lower(1.0, 50, 0.001) < 0.9);
}
