// SPDX-License-Identifier: MIT
// Brief: the audit as a script would run it.
#include "program.hpp"

using namespace certssb;
using cli_test::answer;
using cli_test::program;

TEST_CASE("the audit refutes the published radius, and no certified mode", "[cli]") {
  program p;
  const answer a = p.run({"audit", "--instances", "20", "--seed", "1", "--json", "--quiet"});
  REQUIRE(a.status == 0);
  CHECK(a.errors.empty());
  const json found = a.object();
  std::set<std::string> uncertified;
  for (const json& mode : found["modes"]) {
    CAPTURE(mode.dump());
    CHECK(mode["instances"].get<int>() > 0);
    if (mode["certified"].get<bool>()) {
      CHECK(mode["violations"] == 0);
      CHECK((mode["tightness"].is_null() || mode["tightness"].get<double>() >= 1.0 - 1e-9));
    } else {
      uncertified.insert(mode["mode"]);
      CHECK(mode["violations"].get<int>() > 0);
    }
  }
  CHECK(uncertified == std::set<std::string>{"given_scales_recomputed", "published", "published_redrawn", "ungridded"});
  p.refuses({"audit", "--instances", "0"}, "--instances: expected a whole number from 1 to 1000000, got 0");
}
