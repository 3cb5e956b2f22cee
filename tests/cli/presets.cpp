// SPDX-License-Identifier: MIT
// Brief: `run --preset`: published settings, what was changed of them, and what is refused.
#include "small_run.hpp"

using cli_test::answer;
using cli_test::json;
using cli_test::program;

TEST_CASE("a preset is run with what is changed of it, which is said and kept", "[cli][end-to-end]") {
  program p;
  const cli_test::small_images images(p);
  cli_test::words line{"run",     "--models",  "20",     "--preset", "cert-ssb-mnist", "--dataset", images.name(),
                       "--batch", "8",         "--seed", "7",        "--epochs",       "1",         "--ascent-steps",
                       "1",       "--threads", "2",      "--out",    p.path("run")};
  const answer a = p.run(line);
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const std::string said =
      "Preset cert-ssb-mnist, Cert-SSB on MNIST's 0 and 1; changed (theirs in brackets): models 20 "
      "(1000), epochs 1 (20), batch 8 (128), ascent_steps 1 (10).";
  CHECK_THAT(a.errors, Catch::Contains(said));
  CHECK_THAT(a.out, Catch::Contains(said));
  const json config = json::parse(certssb::read_file(p.path("run/results.json")))["config"];
  CHECK(config["preset"] == "cert-ssb-mnist");
  CHECK(config["models"] == 20);
  CHECK(config["rate"] == 0.02);
  CHECK(config["bound"] == "hoeffding");
  CHECK(config["seed"] == 7);
  CHECK(config["defences"] == json({"rab", "cert-ssb"}));
  CHECK(p.run({"verify", p.path("run"), "--data", "--quiet"}).status == 0);
}

TEST_CASE("the nearest row of RAB certifies a table of 56 columns and a label", "[cli]") {
  program p;
  std::string table;
  for (int i = 0; i < 120; ++i) {
    for (int c = 0; c < 56; ++c) table += std::to_string(c == i % 2 ? 3 : (i + c) % 7 == 0 ? 1 : 0) + ",";
    table += std::to_string(i % 2) + "\n";
  }
  certssb::write_file(p.path("t.csv"), table);
  certssb::write_file(p.path("r.csv"), "column,low,high\n*,0,100\n");
  const answer a = p.run({"run", "--preset", "rab-spambase", "--dataset", "csv:" + p.path("t.csv"), "--column-ranges",
                          p.path("r.csv"), "--rate", "0.1", "--models", "2", "--seed", "7", "--out", p.path("run"),
                          "--json", "--quiet"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const json j = a.object();
  CHECK(j["data"]["train"] == 96);
  CHECK(j["data"]["pattern_l2_max"].get<double>() == Approx(0.001).epsilon(1e-4));  // .1 of their units
  CHECK(j["defences"][0]["name"] == "certified");
  CHECK(j["defences"][0]["evaluations"][0]["mode"] == "knn1_exact");
  CHECK(p.run({"verify", p.path("run"), "--data", "--quiet"}).status == 0);
}

TEST_CASE("a preset that does not exist is refused with the names of all", "[cli]") {
  program p;
  p.refuses({"run", "--preset", "rab"},
            "--preset: expected cert-ssb-mnist, cert-ssb-cifar10, cert-ssb-imagenette, rab-mnist, rab-cifar10 or "
            "rab-spambase, got rab");
}
