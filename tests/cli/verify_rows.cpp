// SPDX-License-Identifier: MIT
// Brief: a run of defences that count rows or have a closed form: it verifies, replays and is explained.
#include "small_run.hpp"

using namespace certssb;
using namespace cli_test;

TEST_CASE("a run of closed forms, bags and a run-off verifies, replays and is explained", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--defences", "parts,nearest-mean,knn-vote,bagged-nearest,bagging"},
                    {"--parts", "13"},
                    {"--election", "run-off"},
                    {"--neighbours", "101"},
                    {"--bag", "9"},
                    {"--models", "40"}});
  run.verifies();
  run.verifies({"--data", "--replay", "1"});
  const json results = run.results();
  REQUIRE(results["defences"].size() == 5);
  std::map<std::string, json> first;
  for (const json& d : results["defences"]) first[d["name"]] = d["evaluations"][0];
  CHECK(first["nearest-mean"]["norm"] == "l2");
  CHECK(first["nearest-mean"]["average_certified_radius"].get<double>() > 0.5);
  CHECK(first["knn-vote"]["rows"]["median"].get<double>() >= 5.0);
  CHECK(first["bagged-nearest"]["rows"]["median"].get<double>() >= 2.0);
  CHECK(first["bagging"]["rows"]["median"].get<double>() >= 2.0);
  CHECK(results["defences"][0]["settings"]["election"] == "run-off");
  CHECK(results["defences"][2]["settings"]["neighbours"] == 101);
  CHECK(results["defences"][2]["settings"]["sigma"].is_null());

  const answer a = p.run({"report", p.path("run"), "--sample", "0", "--json"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const json told = json::parse(a.out)["explanations"];
  REQUIRE(told.size() == 5);
  CHECK(told[1]["distances"].size() == 2);
  CHECK(told[2]["votes"][0].get<int>() + told[2]["votes"][1].get<int>() == 101);
  CHECK(told[3]["probabilities"][0].get<double>() + told[3]["probabilities"][1].get<double>() == Approx(1.0));
  CHECK(told[4]["votes"][0].get<int>() + told[4]["votes"][1].get<int>() == 40);
  const std::string text = p.run({"report", p.path("run"), "--sample", "0"}).out;
  for (const char* words : {"under the election run-off", "all changes of features together are below",
                            "The class stays whatever happens to", "The attack of this run changed"}) {
    CHECK_THAT(text, Catch::Contains(words));
  }
  const json expected = p.run({"run", "--dataset", "idx:" + p.path("data"), "--classes", "1,0", "--defences",
                               "nearest-mean,knn-vote,bagged-nearest,bagging", "--dry-run", "--json", "--quiet"})
                            .object()["expected"]["stages"];
  for (const char* stage : {"nearest-mean_s", "knn-vote_s", "bagged-nearest_s", "bagging_s"}) {
    CHECK(expected[stage].get<double>() > 0.0);
  }
}
