// SPDX-License-Identifier: MIT
// Brief: certify with predictions and arrays of other types, and the script of docs/from_python.md.
#include "program.hpp"

#include "certssb/core/normal.hpp"

#include <cmath>
#include <cstdlib>

using namespace certssb;
using cli_test::answer;
using cli_test::program;

namespace {

/// The block of a page between ```LANGUAGE and ```, the first.
std::string code_block(const std::string& page, const std::string& language) {
  const std::size_t begin = page.find("```" + language + "\n") + language.size() + 4;
  return page.substr(begin, page.find("```", begin) - begin);
}

}  // namespace

TEST_CASE("the class that every model names is counted", "[cli]") {
  program p;
  // 50 models, 2 samples: the first always of class 2, the second of class 0 by one model.
  std::vector<std::int64_t> votes;
  for (int m = 0; m < 50; ++m) votes.insert(votes.end(), {2, m == 0 ? 0 : 1});
  const std::string file = p.put("p.npy", {50, 2}, votes);
  const answer a = p.run({"certify", "--predictions", file, "--classes", "3", "--sigma", "0.5", "--json"});
  REQUIRE(a.status == 0);
  CHECK(a.errors == file + ": 2 samples, 50 models, 3 classes\n");
  const json j = a.object();
  CHECK(j["labels"] == json({2, 1}));
  CHECK(j["radii"][0].get<double>() == Approx(0.5 * normal_quantile(std::pow(0.0005, 0.02))).epsilon(1e-9));
  CHECK(p.run({"certify", "--predictions", file, "--classes", "3", "--sigma", "1", "--quiet"}).errors.empty());

  // [k,M,n]: the same models as 10 parts of 5.
  const answer parts = p.run({"certify", "--predictions", p.put("q.npy", {10, 5, 2}, votes), "--classes", "3",
                              "--sigma", "0.5", "--mode", "uniform+parts", "--alpha", "0.01"});
  REQUIRE(parts.status == 0);
  CHECK_THAT(parts.errors, Catch::Contains("2 samples, 10 parts of 5 models each, 3 classes"));
  // One deterministic model a part: [k,1,n].
  const json plain = p.run({"certify", "--predictions", p.put("r.npy", {50, 1, 2}, votes), "--classes", "3", "--mode",
                            "parts", "--json"})
                         .object();
  CHECK(plain["rows"] == json({24, 23}));  // (50 - 1)/2 and (49 - 1 - 1)/2: the rival has the lower label

  p.refuses({"certify", "--predictions", file, "--sigma", "1"}, "--predictions needs --classes");
  p.refuses({"certify", "--predictions", file, "--classes", "2", "--sigma", "1"}, "prediction 2 is outside [0, 2)");
  p.refuses({"certify", "--predictions", file, "--classes", "1", "--sigma", "1"}, "--classes: expected a whole number");
  p.refuses({"certify", "--predictions", file, "--classes", "3", "--trials", "50", "--sigma", "1"},
            "--trials goes with");
  p.refuses({"certify", "--predictions", file, "--votes", file, "--classes", "3", "--sigma", "1"}, "got 2");
  p.refuses({"certify", "--votes", file, "--classes", "3", "--sigma", "1"}, "--classes goes with --predictions");
  p.refuses({"certify", "--predictions", p.put("flat.npy", {4}, std::vector<std::int64_t>{0, 1, 0, 1}), "--classes",
             "2", "--sigma", "1"},
            "expected predictions of shape [M,n]");
}

TEST_CASE("certify sums up for people", "[cli]") {
  program p;
  std::vector<std::int64_t> votes;
  for (int i = 0; i < 30; ++i) votes.insert(votes.end(), {100, 0});
  const std::string v = p.put("v.npy", {30, 2}, votes);
  std::vector<std::int64_t> labels(30, 0);
  labels[7] = 1;
  const answer a = p.run(
      {"certify", "--votes", v, "--sigma", "0.5", "--labels", p.put("y.npy", {30}, labels), "--radii", "0,0.5,1"});
  REQUIRE(a.status == 0);
  CHECK(a.errors == v + ": 30 samples, 100 models, 2 classes\n");
  for (const char* words :
       {"... 30 samples in all", "Right: 96.7 %", "radius above", "Certified, provided that: ", "models_independent"}) {
    CHECK_THAT(a.out, Catch::Contains(words));
  }
  CHECK_THAT(a.out, !Catch::Contains("\n    20 "));  // the table ends before
}

TEST_CASE("the script of the page from_python runs as it stands", "[cli]") {
  if (std::system("python3 -c 'import numpy' 2>/dev/null") != 0) {
    WARN("skipped: python3 has no numpy");
    return;
  }
  program p;
  const std::string page = read_file(CERTSSB_SOURCE_DIR "/docs/from_python.md");
  const std::string script = code_block(page, "python");
  CHECK(std::ranges::count(script, '\n') < 25);
  write_file(p.path("smoothed.py"), script);
  const std::string folder = std::filesystem::path(p.path("smoothed.py")).parent_path();
  REQUIRE(std::system(("cd '" + folder + "' && python3 smoothed.py").c_str()) == 0);
  std::string command = code_block(page, "sh");
  command.replace(command.find("certssb"), 7, CERTSSB_PROGRAM);
  REQUIRE(std::system(
              ("cd '" + folder + "' && " + command.substr(0, command.find('\n')) + " --json > out.json").c_str()) == 0);
  const json j = json::parse(read_file(p.path("out.json")));
  CHECK(j["labels"].size() == 200);
  CHECK(j["certified_accuracy"][0]["value"].get<double>() > 0.8);
}
