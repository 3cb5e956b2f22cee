// SPDX-License-Identifier: MIT
#include "program.hpp"

using namespace certssb;
using cli_test::program;

TEST_CASE("run --dry-run says what each stage will take, and writes nothing", "[cli]") {
  program certssb_program;
  const std::string out = certssb_program.path("never");
  const auto said = certssb_program.run({"run", "--classes", "1,0", "--train-rows", "600", "--test-rows", "80",
                                         "--seed", "1", "--dry-run", "--json", "--quiet", "--out", out});
  REQUIRE(said.status == 0);
  CHECK(said.errors.empty());
  const json found = said.object();
  const json& expected = found["expected"];
  double total = 0.0;
  std::vector<std::string> names;
  for (const auto& [name, seconds] : expected["stages"].items()) {
    names.push_back(name);
    CHECK(seconds.get<double>() > 0.0);
    total += seconds.get<double>();
  }
  CHECK(names == std::vector<std::string>{"data_s", "undefended_s", "rab_s", "cert-ssb_s", "parts_s",
                                          "smoothed-parts_s", "nearest-mean_s"});
  CHECK(expected["total_s"].get<double>() == Approx(total));
  CHECK(expected["memory_bytes"].get<double>() > 1e7);
  CHECK_FALSE(found["at_most"].get<bool>());
  CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("run --dry-run refuses too few models, as run does, and says where early stopping may end a run sooner",
          "[cli]") {
  program certssb_program;
  CHECK(certssb_program.run({"run", "--models", "5", "--dry-run"}).status == 2);
  const auto said = certssb_program.run({"run", "--train-rows", "300", "--test-rows", "20", "--defences", "rab",
                                         "--stop-at-radius", "0.1", "--models", "400", "--seed", "1", "--dry-run"});
  CHECK(said.status == 0);
  CHECK(said.out.find("in all, at most") != std::string::npos);
}
