// SPDX-License-Identifier: MIT
// Brief: plan and the bounds by name against closed forms and golden vectors, and what they refuse.
#include "program.hpp"

#include "certssb/core/normal.hpp"

#include <cmath>

using namespace certssb;
using cli_test::answer;
using cli_test::program;

TEST_CASE("plan gives closed forms, and null for what was not asked", "[cli]") {
  program p;
  const std::vector<std::string> words{"plan", "--alpha", "0.001", "--sigma", "0.5", "--json"};
  const auto plan = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    const answer a = p.run(more);
    REQUIRE(a.status == 0);
    return a.object();
  };
  const json best = plan({"--models", "100", "--rows", "4"});
  const double budget = normal_quantile(std::pow(0.0005, 0.01));
  CHECK(best["max_budget"].get<double>() == Approx(budget).epsilon(1e-9));
  CHECK(best["max_radius"].get<double>() == Approx(0.5 * budget).epsilon(1e-9));
  CHECK(best["max_per_pattern"].get<double>() == Approx(0.25 * budget).epsilon(1e-9));
  CHECK(best["models_needed"] ==
        json({{"clopper-pearson", nullptr}, {"hoeffding", nullptr}, {"sequential_mean", nullptr}}));

  const json needed = plan({"--radius", "0.5"});
  const double p1 = normal_cdf(1.0);
  CHECK(needed["max_budget"].is_null());
  CHECK(needed["max_radius"].is_null());
  CHECK(needed["max_per_pattern"].is_null());
  CHECK(needed["models_needed"]["clopper-pearson"] == std::ceil(std::log(0.0005) / std::log(p1)));
  CHECK(needed["models_needed"]["hoeffding"] == std::ceil(std::log(2000.0) / (2.0 * (1.0 - p1) * (1.0 - p1))));
  CHECK(needed["models_needed"]["sequential_mean"].get<int>() > needed["models_needed"]["clopper-pearson"].get<int>());
}

TEST_CASE("plan's help has an example", "[cli]") {
  program p;
  CHECK_THAT(p.run({"plan", "--help"}).out, Catch::Contains("Example:\n  certssb plan"));
}

TEST_CASE("plan refuses what it cannot use", "[cli]") {
  program p;
  p.refuses({"plan", "--sigma", "1"}, "expected --models, --radius, or both");
  p.refuses({"plan", "--models", "5"}, "--sigma");
  p.refuses({"plan", "--sigma", "0", "--models", "5"}, "--sigma: expected a finite number above 0, got 0");
  p.refuses({"plan", "--sigma", "1", "--models", "0"},
            "--models: expected a whole number from 1 to 9223372036854775807, got 0");
  p.refuses({"plan", "--sigma", "1", "--models", "5", "--rows", "0"},
            "--rows: expected a whole number from 1 to 18446744073709551615, got 0");
  p.refuses({"plan", "--sigma", "1", "--radius", "-1"}, "--radius: expected a finite number of at least 0, got -1");
  p.refuses({"plan", "--sigma", "1", "--radius", "1", "--alpha", "1"}, "--alpha: expected a number in (0,1), got 1");
}

TEST_CASE("the bounds of scores go by their names, on counts too", "[cli]") {
  program p;
  const json vectors = json::parse(read_file(CERTSSB_SOURCE_DIR "/tests/golden/golden.json"));
  const json c = vectors["bounds_soft"]["cases"][0];
  const auto x = c["x"].get<std::vector<double>>();
  const std::string scores = p.put("s.npy", {x.size()}, x);
  for (const auto& [name, key] :
       {std::pair("kl", "kl"), std::pair("hoeffding-bentkus", "hb"), std::pair("maurer-pontil", "maurer_pontil"),
        std::pair("betting", "wsr_fixed_c09"), std::pair("mixture", "mixbet")}) {
    CAPTURE(name);
    const json j =
        p.run({"bound", "--method", name, "--scores", scores, "--alpha", c["alpha"].dump(), "--json"}).object();
    CHECK(j["lower"].get<double>() == Approx(c[key].get<double>()).epsilon(1e-9));
    CHECK(j["method"] == name);
    if (name == std::string("betting")) continue;
    // All 50 for: each of these but Maurer-Pontil's and the mixture's is alpha^(1/50).
    const json all = p.run({"bound", "--method", name, "--successes", "50", "--trials", "50", "--json"}).object();
    CHECK(all["upper"] == 1.0);
    if (name == std::string("kl") || name == std::string("hoeffding-bentkus")) {
      CHECK(all["lower"].get<double>() == Approx(std::pow(0.001, 0.02)).epsilon(1e-9));
    }
  }
  p.refuses({"bound", "--method", "betting", "--successes", "9", "--trials", "10"},
            "betting is for scores in a fixed order, not for counts of hard votes");
}
