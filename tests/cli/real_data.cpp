// SPDX-License-Identifier: MIT
// Brief: `run` on real data, found by the environment variable CERTSSB_DATA_DIR; skipped, saying so, without it.
#include "program.hpp"

#include <cstdlib>
#include <optional>

using cli_test::answer;
using cli_test::program;

namespace {

/// The folder of a data set; nothing where there is none, which ctest then reports as skipped.
std::optional<std::string> real_data(const std::string& name) {
  const char* folder = std::getenv("CERTSSB_DATA_DIR");
  if (folder == nullptr) {
    WARN("skipped: CERTSSB_DATA_DIR is not set");
    return std::nullopt;
  }
  const std::string path = std::string(folder) + "/" + name;
  if (!std::filesystem::exists(path)) {
    WARN("skipped: CERTSSB_DATA_DIR has no " << name);
    return std::nullopt;
  }
  return path;
}

}  // namespace

TEST_CASE("MNIST's 0 and 1 are told apart, with and without the trigger, and the run verifies", "[data]") {
  const std::optional<std::string> mnist = real_data("mnist");
  if (!mnist) return;
  program p;
  const std::string out = p.path("run");
  const answer a = p.run({"run",       "--dataset",   "idx:" + *mnist,
                          "--classes", "1,0",         "--train-rows",
                          "200",       "--test-rows", "40",
                          "--models",  "10",          "--epochs",
                          "2",         "--alpha",     "0.01",
                          "--sigma",   "0.25",        "--defences",
                          "rab",       "--threads",   "2",
                          "--seed",    "7",           "--out",
                          out,         "--json",      "--quiet"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const certssb::json j = a.object();
  CHECK(j["data"]["train"] == 200);
  CHECK(j["data"]["test"] == 40);
  const certssb::json& evaluations = j["defences"][0]["evaluations"];
  REQUIRE(evaluations.size() == 2);
  // Counted in t10k-labels-idx1-ubyte by another program: 25 of its first 40 zeros and ones are ones, which are attacked.
  CHECK(evaluations[0]["n"] == 40);
  CHECK(evaluations[1]["n"] == 25);
  for (const certssb::json& e : evaluations) CHECK(e["empirical_accuracy"].get<double>() > 0.9);
  CHECK(p.run({"verify", out, "--quiet"}).status == 0);
}
