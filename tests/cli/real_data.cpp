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

TEST_CASE("on MNIST's 0 and 1 the one-pixel attack of a tenth of the rows succeeds undefended, and not on RAB",
          "[data]") {
  const std::optional<std::string> mnist = real_data("mnist");
  if (!mnist) return;
  program p;
  const answer a = p.run({"run",         "--dataset",  "idx:" + *mnist, "--classes", "1,0", "--test-rows",
                          "600",         "--rate",     "0.1",           "--models",  "8",   "--alpha",
                          "0.05",        "--defences", "rab",           "--seed",    "7",   "--out",
                          p.path("run"), "--json",     "--quiet"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const certssb::json j = a.object();
  CHECK(j["data"]["train"] == 5923 + 6742);  // zeros and ones, as MNIST is described
  CHECK(j["undefended"]["clean_accuracy"].get<double>() > 0.99);
  CHECK(j["undefended"]["attack_success_rate"].get<double>() > 0.95);
  const certssb::json& triggered = j["defences"][0]["evaluations"][1];
  CHECK(triggered["inputs"] == "triggered");
  CHECK(triggered["empirical_accuracy"].get<double>() > 0.97);
}

TEST_CASE("the whole of spambase is split, trained on and verified", "[data]") {
  const std::optional<std::string> spambase = real_data("spambase/spambase.data");
  if (!spambase) return;
  program p;
  // The ranges of the columns as the data set's description states them: shares in percent, and lengths of runs.
  certssb::write_file(p.path("ranges.csv"), "column,low,high\n55,0,2000\n56,0,10000\n57,0,20000\n*,0,100\n");
  const std::string out = p.path("run");
  const std::vector<std::string> line{"run",
                                      "--dataset",
                                      "csv:" + *spambase,
                                      "--header",
                                      "no",
                                      "--label-column",
                                      "58",
                                      "--column-ranges",
                                      p.path("ranges.csv"),
                                      "--test-share",
                                      "0.2",
                                      "--model",
                                      "logistic",
                                      "--attack",
                                      "blending",
                                      "--defences",
                                      "nearest-mean",
                                      "--delta",
                                      "0.02",
                                      "--seed",
                                      "7",
                                      "--out",
                                      out,
                                      "--json",
                                      "--quiet"};
  const answer a = p.run(line);
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const certssb::json j = a.object();
  CHECK(j["data"]["train"] == 3681);
  CHECK(j["data"]["test"] == 920);
  CHECK(j["defences"][0]["evaluations"][0]["empirical_accuracy"].get<double>() > 0.75);
  CHECK(p.run({"verify", out, "--data", "--quiet"}).status == 0);
}

TEST_CASE("two classes of ImageNette fall for the attack undefended, and the run verifies", "[data]") {
  const std::optional<std::string> packed = real_data("imagenette/imagenette-2-classes.tar.gz");
  if (!packed) return;
  program p;
  REQUIRE(std::system(("tar -xzf '" + *packed + "' -C '" + p.path("") + "'").c_str()) == 0);
  const std::string out = p.path("run");
  const answer a = p.run({"run",
                          "--dataset",
                          "images:" + p.path(""),
                          "--classes",
                          "n03888257,n02102040",
                          "--resize",
                          "32x32",
                          "--channels",
                          "3",
                          "--attack",
                          "blending",
                          "--delta",
                          "10",
                          "--epochs",
                          "15",
                          "--defences",
                          "nearest-mean",
                          "--seed",
                          "7",
                          "--out",
                          out,
                          "--json",
                          "--quiet"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const certssb::json j = a.object();
  CHECK(j["data"]["train"] == 955 + 960);  // counted by tar and wc
  CHECK(j["data"]["test"] == 395 + 390);
  CHECK(j["data"]["class_names"] == certssb::json({"n02102040", "n03888257"}));
  CHECK(j["data"]["row_shape"] == certssb::json({3, 32, 32}));
  // The same network, attack and training in PyTorch, of images made small by another program, with five seeds: .883 to
  // .908 of the clean images right, .977 to .995 of the triggered ones taken for the target.
  CHECK(j["undefended"]["clean_accuracy"].get<double>() > 0.86);
  CHECK(j["undefended"]["attack_success_rate"].get<double>() > 0.95);
  CHECK(p.run({"verify", out, "--data", "--quiet"}).status == 0);
}
