// SPDX-License-Identifier: MIT
// Brief: certify and plan with parts: against golden vectors and closed forms, and what they refuse.
#include "program.hpp"

#include "certssb/core/normal.hpp"

#include <cmath>

using namespace certssb;
using cli_test::answer;
using cli_test::program;

namespace {

json golden_parts(const std::string& name) {
  return json::parse(read_file(CERTSSB_SOURCE_DIR "/tests/golden/partition.json"))[name];
}

/// Votes [k,1,K] in which all of `models` models of a part name its class, and none where it abstains.
std::string put_unanimous(program& p, const std::vector<std::int64_t>& labels, std::size_t classes,
                          std::int64_t models) {
  std::vector<std::int64_t> votes(labels.size() * classes);
  for (std::size_t j = 0; j < labels.size(); ++j) {
    if (labels[j] >= 0) votes[j * classes + static_cast<std::size_t>(labels[j])] = models;
  }
  return p.put("v.npy", {labels.size(), 1, classes}, votes);
}

json certify_parts_of(program& p, const std::string& votes, std::vector<std::string> more) {
  more.insert(more.begin(), {"certify", "--votes", votes, "--json"});
  const answer a = p.run(more);
  CAPTURE(more, a.errors);
  REQUIRE(a.status == 0);
  return a.object();
}

std::vector<std::int64_t> repeated(std::size_t zeros, std::size_t ones) {
  std::vector<std::int64_t> labels(zeros, 0);
  labels.insert(labels.end(), ones, 1);
  return labels;
}

}  // namespace

TEST_CASE("votes of one deterministic model a part are certified as the golden vectors say", "[cli]") {
  program p;
  for (const json& c : golden_parts("dpa")) {
    const std::string votes = put_unanimous(p, c["parts"].get<std::vector<std::int64_t>>(), c["classes"], 1);
    const json j = certify_parts_of(p, votes, {"--mode", "parts"});
    CHECK(j["rows"] == json::array({c["survives"]}));
    CHECK(j["labels"] == json::array({c["survives"] == -1 ? json(-1) : c["label"]}));
    CHECK(j["energies"] == json::array({0.0}));
    CHECK(j["failures"] == 0);
    CHECK(j["alpha"] == 0.0);
    CHECK(j["bound"] == "none");
    CHECK(j["norm"] == "rows");
    CHECK(std::ranges::count(j["assumptions"], json("training_is_deterministic")) == 1);
    CHECK(std::ranges::count(j["assumptions"], json("parts_fixed_beforehand")) == 1);
    CHECK_FALSE(j.contains("lower"));
  }
}

TEST_CASE("smoothed parts allow the golden failures, and their energy is the closed form's", "[cli]") {
  program p;
  for (const json& c : golden_parts("failures")) {
    const std::size_t k = c["parts"];
    const double alpha_part = c["alpha_part"];
    const std::size_t failures = c["failures"];
    // All name class 1, the rival is class 0: need = k - 2 failures - 2 rows votes, bought in pairs.
    const std::string votes = put_unanimous(p, repeated(0, k), 2, 20);
    const double budget = normal_quantile(std::pow(alpha_part / 2.0, 1.0 / 20.0));
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, k / 3}) {
      CAPTURE(c.dump(), rows);
      const json j = certify_parts_of(p, votes,
                                      {"--mode", "uniform+parts", "--sigma", "0.5", "--alpha", c["alpha"].dump(),
                                       "--alpha-part", c["alpha_part"].dump(), "--rows-touched", std::to_string(rows)});
      const auto pairs = static_cast<double>((k - 2 * failures - 2 * rows + 1) / 2);
      CHECK(j["failures"] == failures);
      CHECK(j["energies"][0].get<double>() == Approx(budget * budget * pairs).epsilon(1e-9));
      CHECK(j["rows"][0] == (k - 2 * failures - 1) / 2);
      CHECK(j["labels"][0] == 1);
      CHECK(j["alpha_part"].get<double>() == alpha_part);
      const auto all = static_cast<double>((k - 2 * failures + 1) / 2);
      CHECK(j["budgets"][0].get<double>() == Approx(budget * std::sqrt(all)).epsilon(1e-9));
      CHECK(j["radii"][0].get<double>() == Approx(0.5 * budget * std::sqrt(all)).epsilon(1e-9));
    }
  }
}

TEST_CASE("parts that disagree and abstain, by hand", "[cli]") {
  program p;
  // 60 parts name 0, 20 name 1, 10 cannot tell (10 of 20 votes each way): gap(1) = 40, need = 40 + 1 - 10 - 2 failures.
  std::vector<std::int64_t> votes;
  for (std::size_t j = 0; j < 90; ++j) {
    const std::int64_t zero = j < 60 ? 20 : j < 80 ? 0 : 10;
    votes.insert(votes.end(), {zero, 20 - zero});
  }
  const std::string v = p.put("v.npy", {90, 1, 2}, votes);
  const json j = certify_parts_of(p, v, {"--mode", "uniform+parts", "--sigma", "2", "--alpha-part", "0.01"});
  // P(Bin(90, .01) > 4) = .0022 and > 5: .0004, so 5 failures: need 21, 11 pairs; rows: (30 - 10) / 2.
  const double budget = normal_quantile(std::pow(0.005, 0.05));
  CHECK(j["failures"] == 5);
  CHECK(j["energies"][0].get<double>() == Approx(11.0 * budget * budget).epsilon(1e-9));
  CHECK(j["rows"][0] == 10);
  const json touched = certify_parts_of(
      p, v, {"--mode", "uniform+parts", "--sigma", "2", "--alpha-part", "0.01", "--rows-touched", "11"});
  CHECK(touched["energies"][0] == 0.0);
  for (const std::string name :
       {"parts_fixed_beforehand", "parts_share_no_row", "parts_share_no_draw", "parts_share_nothing_learnt_from_rows",
        "a_changed_row_touches_one_part", "models_independent"}) {
    CHECK(std::ranges::count(j["assumptions"], json(name)) == 1);
  }
  CHECK(j["mode"] == "uniform+parts");
  // The printed table is for people.
  CHECK_THAT(p.run({"certify", "--votes", v, "--mode", "uniform+parts", "--sigma", "2"}).out,
             Catch::Contains("energy") && Catch::Contains("90 parts reports at level"));
}

TEST_CASE("test noise enters the votes of every part", "[cli]") {
  program p;
  const std::string v = put_unanimous(p, repeated(0, 100), 2, 20);
  const json j = certify_parts_of(p, v,
                                  {"--mode", "uniform+parts+joint", "--sigma", "1", "--sigma-test", "1", "--test-draws",
                                   "1", "--assume", "test_scale_fixed_beforehand", "--alpha-part", "0.01"});
  // 5 failures, all for 1: need = 100 - 10 = 90, 45 pairs, each at B^2 - p^2: p^2 < 45 (B^2 - p^2).
  const double budget = normal_quantile(std::pow(0.005, 0.05));
  CHECK(j["radii"][0].get<double>() == Approx(budget * std::sqrt(45.0 / 46.0)).epsilon(1e-9));
  CHECK(std::ranges::count(j["assumptions"], json("test_scale_fixed_beforehand")) == 1);
}

TEST_CASE("the number of models is what the counts sum to", "[cli]") {
  program p;
  const std::string votes = p.put("v.npy", {2, 2}, std::vector<std::int64_t>{100, 0, 40, 60});
  const json j = certify_parts_of(p, votes, {"--sigma", "0.5"});
  CHECK(j["lower"][0].get<double>() == Approx(std::pow(0.0005, 0.01)).epsilon(1e-9));
  CHECK(j["rows"] == json({0, -1}));
  CHECK_FALSE(j.contains("energies"));
}

TEST_CASE("certify refuses votes of parts that it cannot use", "[cli]") {
  program p;
  const std::string v = put_unanimous(p, repeated(0, 10), 2, 20);
  const std::string flat = p.put("flat.npy", {2, 2}, std::vector<std::int64_t>{9, 1, 2, 8});
  const auto refuses = [&](const std::string& votes, std::vector<std::string> more, const std::string& naming) {
    more.insert(more.begin(), {"certify", "--votes", votes, "--sigma", "1"});
    p.refuses(more, naming);
  };
  refuses(v, {}, "mode uniform is of one ensemble; votes of 10 parts take mode parts, or a mode with +parts");
  refuses(flat, {"--mode", "uniform+parts"}, "takes votes of shape [k,n,K]");
  refuses(flat, {"--mode", "parts", "--trials", "10"}, "takes votes of shape [k,n,K]");
  refuses(flat, {"--rows-touched", "1"}, "--rows-touched goes with votes of parts");
  refuses(flat, {"--alpha-part", "0.1"}, "--alpha-part goes with a mode with +parts");
  refuses(v, {"--mode", "parts"}, "sum to more than 1 trials");
  refuses(v, {"--mode", "parts", "--trials", "20"}, "expected one deterministic model a part, so 1 trial, got 20");
  refuses(p.put("w.npy", {2, 1, 2}, std::vector<std::int64_t>{1, 0, 0, 1}), {"--mode", "parts", "--two-sided"},
          "no chance in it");
  refuses(v, {"--mode", "uniform+parts", "--rows-touched", "11"}, "expected at most 10, the number of parts, got 11");
  refuses(v, {"--mode", "uniform+parts", "--alpha-part", "0.9"}, "no votes certify anything");
  for (const std::string alpha : {"0", "1", "nan", "-0.1"}) {
    refuses(v, {"--mode", "uniform+parts", "--alpha-part", alpha}, "--alpha-part: expected a number in (0,1)");
  }
  refuses(v, {"--mode", "uniform+parts", "--two-sided"}, "do not go with it");
  refuses(v, {"--mode", "uniform+parts", "--bound", "jeffreys-sequence"}, "do not go with it");
  refuses(v, {"--mode", "uniform+parts+label-noise"}, "does not go with +label-noise");
  refuses(v, {"--mode", "quantised+parts"}, "+parts goes with");
  refuses(v, {"--mode", "uniform_l1+parts"}, "+parts goes with");
  refuses(v, {"--mode", "published+parts"}, "+parts goes with");
  refuses(v, {"--mode", "frozen+parts"}, "state it with --assume");
  refuses(v, {"--mode", "uniform+parts+joint", "--sigma-test", "1", "--test-draws", "1"}, "state it with --assume");
  refuses(v, {"--mode", "uniform+parts", "--inputs", flat, "--storage", "min"}, "not of parts");
  refuses(p.put("one.npy", {2, 1, 1}, std::vector<std::int64_t>{1, 1}), {"--mode", "parts"}, "at least 2 classes");
  refuses(p.put("four.npy", {1, 1, 1, 2}, std::vector<std::int64_t>{1, 0}), {}, "got [1,1,1,2]");
  refuses(p.put("none.npy", {0, 1, 2}, std::vector<std::int64_t>{}), {"--mode", "parts"}, "got [0,1,2]");
  refuses(p.put("minus.npy", {2, 1, 2}, std::vector<std::int64_t>{1, 0, 2, -1}), {"--mode", "uniform+parts"},
          "expected counts of votes, got -1");
  refuses(p.put("uneven.npy", {2, 1, 2}, std::vector<std::int64_t>{19, 1, 18, 1}), {"--mode", "uniform+parts"},
          "the counts of row 1 sum to 19, those of row 0 to 20");
  refuses(p.put("more.npy", {2, 1, 2}, std::vector<std::int64_t>{19, 1, 18, 3}),
          {"--mode", "uniform+parts", "--trials", "20"}, "part 1: ");
}

TEST_CASE("plan says what parts certify at best, and how many models they need", "[cli]") {
  program p;
  const auto plan = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"plan", "--sigma", "0.5", "--json"});
    const answer a = p.run(more);
    REQUIRE(a.status == 0);
    return a.object();
  };
  const double budget = normal_quantile(std::pow(0.005, 0.05));
  const json fixed = plan({"--models", "20", "--parts", "100", "--alpha-part", "0.01"})["parts"];
  CHECK(fixed["alpha_part"] == 0.01);
  CHECK(fixed["failures"] == 5);
  CHECK(fixed["max_budget"].get<double>() == Approx(budget * std::sqrt(45.0)).epsilon(1e-9));
  CHECK(fixed["max_radius"].get<double>() == Approx(0.5 * budget * std::sqrt(45.0)).epsilon(1e-9));
  CHECK(fixed["max_rows"] == 44);
  CHECK(fixed["models_needed"].is_null());
  const json best = plan({"--models", "20", "--parts", "100", "--radius", "3"})["parts"];
  CHECK(best["max_budget"].get<double>() > fixed["max_budget"].get<double>());
  const auto needed = best["models_needed"].get<std::int64_t>();
  const auto radius_of = [&](std::int64_t models) {
    return plan({"--models", std::to_string(models), "--parts", "100"})["parts"]["max_radius"].get<double>();
  };
  CHECK(radius_of(needed) > 3.0);
  CHECK(radius_of(needed - 1) <= 3.0);
  const json one = plan({"--radius", "0.5", "--parts", "1"});
  CHECK(one["parts"]["models_needed"] == one["models_needed"]["clopper-pearson"]);
  CHECK(one["parts"]["max_rows"].is_null());
  CHECK_FALSE(plan({"--models", "20"}).contains("parts"));
  CHECK(plan({"--models", "1", "--parts", "100"})["parts"]["max_rows"].is_null());
  CHECK_THAT(p.run({"plan", "--sigma", "1", "--models", "20", "--parts", "100"}).out,
             Catch::Contains("Votes cost 100 x 20 passes for each test input"));
  p.refuses({"plan", "--sigma", "1", "--models", "20", "--parts", "0"}, "--parts: expected a whole number from 1");
  p.refuses({"plan", "--sigma", "1", "--radius", "1", "--parts", "9", "--alpha-part", "0.1"},
            "--alpha-part goes with --parts and --models");
  p.refuses({"plan", "--sigma", "1", "--models", "20", "--parts", "9", "--alpha-part", "1"}, "--alpha-part: expected");
  p.refuses({"plan", "--sigma", "1", "--models", "20", "--parts", "1", "--alpha-part", "0.1"},
            "of one part, --alpha-part must be alpha");
}
