// SPDX-License-Identifier: MIT
// Brief: runs whose parts vote: they verify, replay and are explained, and not with other votes, parts or claims.
#include "small_run.hpp"

using namespace certssb;
using namespace cli_test;

TEST_CASE("runs of parts verify, and not with another cut, other votes or other numbers", "[cli][end-to-end]") {
  program p;
  for (const std::string defence : {"parts", "smoothed-parts", "certified"}) {
    CAPTURE(defence);
    std::map<std::string, std::string> options{{"--defences", defence}, {"--parts", "13"}};
    if (defence == "smoothed-parts") options.insert({{"--part-members", "40"}, {"--part-sigma", "0.5"}});
    if (defence == "certified") options.insert({{"--mode", "uniform+parts+joint"}, {"--parts", "3"}});
    small_run run(p, options);
    run.verifies();
    const json results = run.results();
    const json& e = results["defences"][0]["evaluations"][0];
    CHECK(results["defences"].size() == 1);
    if (defence != "certified") CHECK(e["rows"]["median"].get<double>() >= 1.0);
    CHECK(e["attack_covered"]["labels_covered"] == e["certified_against_this_attack"]);

    json changed = results;
    changed["defences"][0]["evaluations"][0]["rows"]["median"] = 6.5;
    run.finds(changed, "rows.median is stated as 6.5");
    changed = results;
    changed["defences"][0]["evaluations"][1]["attack_covered"]["labels_covered"] = 0.93;
    changed["defences"][0]["evaluations"][1]["certified_against_this_attack"] = 0.93;
    run.finds(changed, "attack_covered.labels_covered is stated as 0.93");
    changed = results;
    changed["defences"][0]["evaluations"][0]["frontier"][0]["radius"] = 99.0;
    run.finds(changed, "frontier at 0 rows is stated as 99");
    changed = results;
    changed["defences"][0]["settings"]["parts"] = 12;
    run.finds(changed, "part_of_row.npy: expected parts below 12");
    if (defence == "smoothed-parts") {
      changed = results;
      changed["defences"][0]["settings"]["failures"] = 0;
      changed["defences"][0]["settings"]["alpha_part"] = 0.2;
      run.finds(changed, "failures are stated as 0");
    }
  }
}

TEST_CASE("a sample of parts is explained", "[cli][end-to-end]") {
  program p;
  const small_run run(p, {{"--defences", "parts"}, {"--parts", "13"}});
  const answer a = p.run({"report", p.path("run"), "--sample", "0", "--json"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const json e = json::parse(a.out)["explanations"][0];
  CHECK(e["mode"] == "parts");
  CHECK(e["parts"] == 13);
  CHECK(e["part_votes"][0].get<int>() + e["part_votes"][1].get<int>() == 13);
  const int gap = std::abs(e["part_votes"][0].get<int>() - e["part_votes"][1].get<int>());
  CHECK(e["rows"] == (gap - (e["predicted"] == 1 ? 1 : 0)) / 2);
  CHECK(p.run({"report", p.path("run"), "--sample", "0"}).out.find("The class stays whatever happens to") !=
        std::string::npos);
}
