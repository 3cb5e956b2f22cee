// SPDX-License-Identifier: MIT
// Brief: certify --out writes a folder that report reads and verify checks: what is not known is null, and a changed number
// is found.
#include "program.hpp"

#include "certssb/core/normal.hpp"

#include <cmath>
#include <functional>

using namespace certssb;
using cli_test::answer;
using cli_test::program;

namespace {

/// Certifies four samples, of 100 models, into the folder `run`.
answer certify_into(program& p, const std::vector<std::string>& more) {
  const std::string votes = p.put("v.npy", {4, 2}, std::vector<std::int64_t>{100, 0, 0, 100, 10, 90, 50, 50});
  std::vector<std::string> words{"certify", "--votes",    votes,   "--sigma",    "0.5",
                                 "--radii", "0,0.25,0.5", "--out", p.path("run")};
  words.insert(words.end(), more.begin(), more.end());
  return p.run(words);
}

json results_in(const program& p) { return json::parse(read_file(p.path("run/results.json"))); }

json verified(program& p, int status) {
  const answer a = p.run({"verify", p.path("run"), "--json"});
  CAPTURE(a.out, a.errors);
  CHECK(a.status == status);
  return a.object();
}

}  // namespace

TEST_CASE("certify --out writes a folder with what is known, and null for the rest", "[cli]") {
  program p;
  const answer a = certify_into(p, {});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  CHECK_THAT(a.out, Catch::Contains("Report: " + p.path("run")));
  const json j = results_in(p);
  CHECK(j["schema"] == 2);
  CHECK(j["undefended"].is_null());
  for (const char* key :
       {"train", "poisoned_rows", "pattern_l2_max", "pattern_l2_frobenius", "trigger_l2_max", "row_size"}) {
    CAPTURE(key);
    CHECK(j["data"].at(key).is_null());
  }
  CHECK(j["data"]["test"] == 4);
  CHECK(j["data"]["classes"] == json({0, 1}));
  const json e = j["defences"][0]["evaluations"][0];
  CHECK(e["inputs"] == "given");
  for (const char* key : {"empirical_accuracy", "certified_accuracy", "average_certified_radius", "delta_r",
                          "attack_covered", "attack_covered_and_right", "certified_against_this_attack"}) {
    CAPTURE(key);
    CHECK(e.at(key).is_null());
  }
  CHECK(e["rows"]["certified_accuracy"].is_null());
  CHECK(e["abstain_rate"] == 0.25);
  CHECK(e["certified_ratio"][0] == json({{"radius", 0.0}, {"value", 0.75}}));
  CHECK(e["frontier"].size() == 1);
  for (const char* name : {"noise_key_unknown_to_attacker", "models_fixed_beforehand", "models_independent"}) {
    CHECK(std::ranges::count(j["assumptions"], json(name)) == 1);
  }
  CHECK_THAT(read_file(p.path("run/report.html")),
             Catch::Contains("taken on trust") && !Catch::Contains("poisoned</p>"));
  const answer shown = p.run({"report", p.path("run")});
  CHECK(shown.status == 0);
  CHECK_THAT(shown.out, Catch::Contains("Votes from elsewhere, on 4 test samples of 2 classes"));

  const json checked = verified(p, 0);
  CHECK(checked["violations"].empty());
  CHECK(checked["checked"].get<int>() > 30);
  const std::string open = checked["not_checked"].dump();
  CHECK_THAT(open, Catch::Contains("the data, the attack and the training") && Catch::Contains("taken on trust") &&
                       Catch::Contains("models_independent"));
  p.refuses({"report", p.path("run"), "--sample", "0"}, "votes from elsewhere");
  p.refuses({"verify", p.path("run"), "--data"}, "its caller's own");
}

TEST_CASE("with labels a folder has accuracies, and report and verify agree with certify", "[cli]") {
  program p;
  const std::string labels = p.put("y.npy", {4}, std::vector<std::int64_t>{0, 1, 0, 0});
  const answer a = certify_into(p, {"--labels", labels, "--json"});
  REQUIRE(a.status == 0);
  const json e = results_in(p)["defences"][0]["evaluations"][0];
  CHECK(e["empirical_accuracy"] == 0.75);
  CHECK(e["certified_accuracy"][0]["value"] == 0.5);
  CHECK(e["certified_accuracy"] == a.object()["certified_accuracy"]);
  const double radius = 0.5 * normal_quantile(std::pow(0.0005, 0.01));  // unanimous, Clopper-Pearson at alpha/2
  CHECK(e["average_certified_radius"].get<double>() == Approx(0.5 * radius).epsilon(1e-9));
  CHECK(verified(p, 0)["violations"].empty());
  CHECK(p.run({"report", p.path("run"), "--html", p.path("page.html")}).status == 0);
}

TEST_CASE("other votes and modes are written and verified too", "[cli]") {
  program p;
  const auto writes = [&](std::vector<std::string> words) {
    CAPTURE(words);
    words.insert(words.begin(), "certify");
    words.insert(words.end(), {"--out", p.path("run"), "--overwrite"});
    const answer a = p.run(words);
    CAPTURE(a.errors);
    REQUIRE(a.status == 0);
    const json checked = verified(p, 0);
    CHECK(checked["violations"].empty());
    CHECK(p.run({"report", p.path("run")}).status == 0);
    return checked["checked"].get<int>();
  };
  const std::string votes = p.put("w.npy", {2, 2}, std::vector<std::int64_t>{50, 0, 3, 47});
  const std::string train = p.put("s.npy", {3}, std::vector<double>{0.5, 0.25, 2.0});
  std::vector<double> scores;
  for (int m = 0; m < 100; ++m) scores.insert(scores.end(), {0.9, 0.1, 0.3, 0.7});
  CHECK(writes({"--scores", p.put("f.npy", {100, 2, 2}, scores), "--sigma", "1"}) > 20);
  writes({"--votes", votes, "--sigma", train, "--mode", "given_scales"});
  CHECK(results_in(p)["data"]["train"] == 3);
  writes({"--votes", votes, "--sigma-test", "0.5", "--mode", "published"});
  CHECK(results_in(p)["defences"][0]["sigma_train"].is_null());
  writes({"--votes", votes, "--sigma", "0.5", "--mode", "laplace_l1"});
  writes({"--votes", votes, "--sigma", train, "--mode", "frozen", "--assume", "scales_independent_of_features"});
  writes({"--votes", votes, "--sigma", "0.5", "--mode", "uniform+joint", "--sigma-test", "0.5", "--test-draws", "4",
          "--assume", "test_scale_fixed_beforehand"});
  writes({"--votes", votes, "--sigma", "0.5", "--mode", "uniform+label-noise", "--flip-probability", "0.4",
          "--flipped-labels", "1", "--assume", "labels_flipped_in_every_member"});
  writes({"--votes", votes, "--sigma", "0.5", "--mode", "quantised", "--constant-within", "0.01", "--assume",
          "selector_fixed_independently_of_data"});
  writes({"--votes", votes, "--sigma", "0.5", "--mode", "semi_elastic", "--semi-elasticity", "0.01", "--row-size", "20",
          "--assume", "selector_fixed_independently_of_data"});
  std::vector<std::int64_t> of_parts;  // 40 parts of 20 models: 30 name 1, 4 name 0, 6 cannot tell
  for (int j = 0; j < 40; ++j) {
    const std::int64_t ones = j < 30 ? 20 : j < 34 ? 0 : 10;
    of_parts.insert(of_parts.end(), {20 - ones, ones});
  }
  const std::string parts = p.put("m.npy", {40, 1, 2}, of_parts);
  writes({"--votes", parts, "--sigma", "0.5", "--mode", "uniform+parts", "--alpha-part", "0.01"});
  CHECK(results_in(p)["defences"][0]["evaluations"][0]["rows"]["median"].get<double>() > 0.0);
  writes({"--votes", parts, "--sigma", "0.5", "--mode", "uniform+parts+joint", "--sigma-test", "0.5", "--test-draws",
          "2", "--assume", "test_scale_fixed_beforehand", "--labels",
          p.put("one.npy", {1}, std::vector<std::int64_t>{1})});
  writes({"--votes", p.put("k.npy", {5, 1, 2}, std::vector<std::int64_t>{0, 1, 0, 1, 1, 0, 0, 1, 0, 1}), "--mode",
          "parts"});
}

TEST_CASE("verify finds a number of a certify folder that was changed", "[cli]") {
  const auto finds = [](const std::function<void(json&)>& change, const std::string& why) {
    program p;
    REQUIRE(certify_into(p, {"--labels", p.put("y.npy", {4}, std::vector<std::int64_t>{0, 1, 0, 0})}).status == 0);
    json j = results_in(p);
    change(j);
    write_file(p.path("run/results.json"), j.dump());
    CAPTURE(why);
    CHECK_THAT(verified(p, 1)["violations"].dump(), Catch::Contains(why));
  };
  const auto first = [](json& j) -> json& { return j["defences"][0]["evaluations"][0]; };
  finds([&](json& j) { first(j)["certified_ratio"][1]["value"] = 1.0; }, "certified_ratio at 0.25");
  finds([&](json& j) { first(j)["empirical_accuracy"] = 1.0; }, "empirical_accuracy");
  finds([&](json& j) { j["defences"][0]["alpha"] = 0.01; }, "not as config.alpha");
  finds([&](json& j) { first(j)["assumptions"] = json::array(); }, "models_fixed_beforehand");
  finds([&](json& j) { j["assumptions"] = json::array(); }, "assumptions do not name");
  finds([&](json& j) { first(j)["frontier"][0]["radius"] = 5.0; }, "frontier at 0");

  program p;  // and one of its samples
  REQUIRE(certify_into(p, {}).status == 0);
  std::string samples = read_file(p.path("run/given-votes/samples_given.csv"));
  const std::size_t at = samples.find("\n2,");
  samples.replace(at, samples.find('\n', at + 1) - at, "\n2,,1,10 90,0.9,2.0,1.0,certified");
  write_file(p.path("run/given-votes/samples_given.csv"), samples);
  CHECK_THAT(verified(p, 1)["violations"].dump(), Catch::Contains("radius") && Catch::Contains("its bytes changed"));
}

TEST_CASE("certify --out keeps the rules of a run's folder", "[cli]") {
  program p;
  std::filesystem::create_directory(p.path("run"));
  write_file(p.path("run/thesis.tex"), "mine");
  const answer foreign = certify_into(p, {"--overwrite"});
  CHECK(foreign.status == 2);
  CHECK_THAT(foreign.errors, Catch::Contains("thesis.tex"));
  CHECK(read_file(p.path("run/thesis.tex")) == "mine");
  std::filesystem::remove(p.path("run/thesis.tex"));
  CHECK(certify_into(p, {}).status == 0);
  const answer again = certify_into(p, {});
  CHECK(again.status == 2);
  CHECK_THAT(again.errors, Catch::Contains("overwrite"));
  CHECK(certify_into(p, {"--overwrite"}).status == 0);
  // A request that is refused leaves what was there.
  CHECK(certify_into(p, {"--overwrite", "--alpha-part", "0.1"}).status == 2);
  CHECK(p.run({"verify", p.path("run")}).status == 0);
  const std::string votes = p.put("v.npy", {1, 2}, std::vector<std::int64_t>{9, 1});
  p.refuses({"certify", "--votes", votes, "--sigma", "1", "--overwrite"}, "--overwrite goes with --out");
  p.refuses({"certify", "--votes", votes, "--sigma", "1", "--out", p.path("other"), "--inputs",
             p.put("x.npy", {1, 2}, std::vector<double>{0, 0}), "--storage", "min"},
            "--storage goes without a folder");
}
