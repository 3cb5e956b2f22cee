// SPDX-License-Identifier: MIT
// Brief: `run` and `report` on real images, end to end, and what they refuse.
#include "program.hpp"

#include "certssb/io/sha256.hpp"

#include <algorithm>
#include <cmath>
#include <map>

using namespace certssb;
using cli_test::answer;
using cli_test::program;

namespace {

/// A run of some seconds; `more` holds options and their values, which replace those of the same name.
std::vector<std::string> run_words(const std::string& out, const std::vector<std::string>& more = {}) {
  std::map<std::string, std::string> options{{"--train-rows", "600"},
                                             {"--test-rows", "120"},
                                             {"--models", "12"},
                                             {"--epochs", "1"},
                                             {"--classes", "1,0"},
                                             {"--alpha", "0.01"},
                                             {"--ascent-steps", "2"},
                                             {"--threads", "2"},
                                             {"--seed", "7"},
                                             {"--out", out},
                                             {"--defences", "rab,cert-ssb"}};
  for (std::size_t i = 0; i + 1 < more.size(); i += 2) options[more[i]] = more[i + 1];
  std::vector<std::string> words{"run"};
  for (const auto& [name, value] : options) words.insert(words.end(), {name, value});
  return words;
}

/// Results without what differs from run to run; report.html tells the time too.
json without_times(json results) {
  results.erase("timing");
  results["arrays"].erase("report.html");
  return results;
}

void check_keys(const json& object, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(object.contains(key));
  }
}

void check_evaluation(const json& e, const std::string& inputs) {
  check_keys(e, {"inputs", "mode", "certified", "conditional_on", "storage_update", "n", "empirical_accuracy",
                 "certified_accuracy", "certified_ratio", "abstain_rate", "average_certified_radius", "delta_r", "rows",
                 "frontier", "attack_covered", "attack_covered_and_right", "certified_against_this_attack"});
  CHECK(e["inputs"] == inputs);
  CHECK(e["certified"] == (e["mode"] != "published"));
  CHECK(e["norm"] == "l2");
  CHECK(e["delta_r"]["rows"] == 60);
  REQUIRE(e["certified_accuracy"].size() == 11);
  double right = 1.0;
  for (std::size_t r = 0; r < 11; ++r) {
    const double value = e["certified_accuracy"][r]["value"];
    CHECK(e["certified_accuracy"][r]["radius"].get<double>() == Approx(0.05 * static_cast<double>(r)));
    CHECK(value <= right);
    CHECK(value <= e["certified_ratio"][r]["value"].get<double>());
    right = value;
  }
  CHECK(e["certified_ratio"][0]["value"].get<double>() <= 1.0 - e["abstain_rate"].get<double>() + 1e-12);
  CHECK(e["certified_accuracy"][0]["value"].get<double>() <= e["empirical_accuracy"].get<double>());
}

}  // namespace

TEST_CASE("a small run on real images leaves a consistent folder", "[cli][end-to-end]") {
  program p;
  const std::string out = p.path("run");
  std::vector<std::string> words = run_words(out);
  words.emplace_back("--json");
  const answer a = p.run(words);
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  CHECK_THAT(a.errors, Catch::Contains("At best, 12 models") && Catch::Contains("left"));
  CHECK(p.contents() == std::set<std::string>{"run"});
  const json j = a.object();
  CHECK(j == json::parse(read_file(out + "/results.json")));

  check_keys(j, {"schema", "version", "config", "assumptions", "arrays", "data", "undefended", "defences", "timing"});
  check_keys(
      j["config"],
      {"dataset",     "classes",   "train_rows", "test_rows",        "attack",           "delta",        "rate",
       "target",      "label_map", "sigma",      "models",           "epochs",           "batch",        "alpha",
       "bound",       "radii",     "defences",   "test_noise",       "test_noise_scale", "ascent_steps", "ascent_draws",
       "ascent_rate", "sigma_min", "sigma_max",  "ascent_estimator", "storage",          "seed"});
  check_keys(j["timing"], {"train_samples_per_s", "ascent_s", "certify_s", "storage_s", "total_s", "threads"});
  CHECK(j["schema"] == 2);
  CHECK(j["config"]["seed"] == 7);
  CHECK(j["data"]["train"] == 600);
  CHECK(j["data"]["test"] == 120);
  CHECK(j["data"]["poisoned_rows"] == 60);
  CHECK(j["data"]["classes"] == json({0, 1}));
  CHECK(j["data"]["pattern_l2_max"].get<double>() <= 1.0 + 1e-6);
  CHECK(j["data"]["pattern_l2_frobenius"].get<double>() <= std::sqrt(60.0) + 1e-4);
  CHECK(std::ranges::count(j["assumptions"], json("noise_key_unknown_to_attacker")) == 1);

  for (const auto& [path, digest] : j["arrays"].items()) {
    CAPTURE(path);
    CHECK(sha256(read_file(out + "/" + path)) == digest.get<std::string>());
  }
  REQUIRE(j["defences"].size() == 2);
  const std::vector<std::vector<std::string>> modes{{"uniform"}, {"given_scales", "published", "published"}};
  for (std::size_t d = 0; d < 2; ++d) {
    const json& defence = j["defences"][d];
    const std::string name = defence["name"];
    CHECK(name == (d == 0 ? "rab" : "cert-ssb"));
    CHECK(defence["models"] == 12);
    CHECK(defence["bound"] == "clopper-pearson");
    REQUIRE(defence["evaluations"].size() == 2 * modes[d].size());
    for (std::size_t e = 0; e < defence["evaluations"].size(); ++e) {
      check_evaluation(defence["evaluations"][e], e < modes[d].size() ? "clean" : "triggered");
      CHECK(defence["evaluations"][e]["mode"] == modes[d][e % modes[d].size()]);
    }
    const auto sigma = read_npy_reals(out + "/" + name + "/sigma_train.npy");
    CHECK(sigma.shape == std::vector<std::size_t>{600});
    CHECK(*std::ranges::min_element(sigma.values) == defence["sigma_train"]["min"].get<double>());
    CHECK(*std::ranges::max_element(sigma.values) == defence["sigma_train"]["max"].get<double>());
    for (const std::string inputs : {"clean", "triggered"}) {
      const auto votes = read_npy_integers(out + "/" + name + "/votes_" + inputs + ".npy");
      REQUIRE(votes.shape.size() == 2);
      CHECK(votes.shape[1] == 2);
      for (std::size_t i = 0; i < votes.shape[0]; ++i) CHECK(votes.values[2 * i] + votes.values[2 * i + 1] == 12);
      const std::string csv = read_file(out + "/" + name + "/samples_" + inputs + ".csv");
      CHECK(static_cast<std::size_t>(std::ranges::count(csv, '\n')) == votes.shape[0] + 1);
      CHECK_THAT(csv, Catch::StartsWith("id,label,predicted,votes,lower,budget,sigma,radius_"));
    }
  }
  const json& own = j["defences"][1]["evaluations"];
  CHECK(own[1]["storage_update"] == false);
  CHECK(own[2]["storage_update"] == true);
  CHECK(own[0]["conditional_on"] == json({"train_scales", "test_scale"}));

  const std::string html = read_file(out + "/report.html");
  CHECK(html.find("<svg role=\"img\"") != std::string::npos);
  CHECK(html.find("data:image/png;base64,") != std::string::npos);
  CHECK(html.find("src=\"http") == std::string::npos);
  CHECK(html.find("<script") == std::string::npos);

  SECTION("one thread gives the same results but for the timing") {
    const std::string again = p.path("again");
    words = run_words(again, {"--threads", "1"});
    words.insert(words.end(), {"--json", "--quiet"});
    const answer b = p.run(words);
    REQUIRE(b.status == 0);
    CHECK(b.errors.empty());
    CHECK(json::diff(without_times(j), without_times(b.object())) == json::array());

    const answer both = p.run({"report", out, again, "--html", p.path("both.html")});
    CHECK(both.status == 0);
    CHECK_THAT(both.out, Catch::Contains(out) && Catch::Contains(again) && Catch::Contains("published"));
    CHECK_THAT(read_file(p.path("both.html")), Catch::Contains("</html>"));
  }
  SECTION("the results of a run are settings that repeat it, and other options override them") {
    const std::string again = p.path("again");
    const answer b = p.run({"run", "--config", out + "/results.json", "--out", again, "--json", "--quiet"});
    CAPTURE(b.errors);
    REQUIRE(b.status == 0);
    CHECK(json::diff(without_times(j), without_times(b.object())) == json::array());
    p.refuses({"run", "--quiet", "--config", out + "/results.json", "--out", p.path("third"), "--alpha", "1e-9"},
              "can certify nothing");
    p.refuses({"run", "--config", p.path("absent.json")}, "absent.json: no such file");
    p.refuses({"run", "--config", out + "/report.html"}, "expected a JSON object");
  }
  SECTION("report reads the folder back, and notices a changed array") {
    const answer text = p.run({"report", out});
    CHECK(text.status == 0);
    CHECK_THAT(text.out,
               Catch::Contains("60 rows poisoned") && Catch::Contains("published [+ storage-update] (not certified)"));
    CHECK(p.run({"report", out, "--json"}).object()["runs"][0]["results"] == j);

    std::string votes = read_file(out + "/rab/votes_clean.npy");
    votes.back() = static_cast<char>(votes.back() ^ 1);
    write_file(out + "/rab/votes_clean.npy", votes);
    p.refuses({"report", out}, "votes_clean.npy: expected SHA-256");
    json outside = j;
    outside["arrays"]["../secret.npy"] = "00";
    write_file(out + "/results.json", outside.dump());
    p.refuses({"report", out}, "expected a file inside the run's folder");
    write_file(out + "/results.json", "{\"schema\": 1}");
    p.refuses({"report", out}, "results.json: version: missing");
    p.refuses({"report", p.path("absent")}, "no such file");
  }
  SECTION("an interrupted run leaves the earlier one as it was") {
    const std::string before = read_file(out + "/results.json");
    words = run_words(out, {"--models", "4000"});
    std::vector<std::string> quiet = words;
    quiet.emplace_back("--quiet");
    p.refuses(quiet, "the folder holds an earlier run");
    words.emplace_back("--overwrite");
    p.start(words);
    p.wait_for("rab: training 1 of 4000");
    p.interrupt();
    const answer stopped = p.finish();
    CHECK(stopped.status == 3);
    CHECK_THAT(stopped.errors, Catch::EndsWith("certssb: interrupted\n"));
    CHECK(read_file(out + "/results.json") == before);
    CHECK(p.contents() == std::set<std::string>{"run"});
  }
}

TEST_CASE("an interrupt keeps the defences that are complete", "[cli][end-to-end]") {
  program p;
  const std::string out = p.path("run");
  p.start(run_words(out, {"--ascent-steps", "100000", "--ascent-draws", "1"}));
  p.wait_for("rab: training 12 of 12");
  p.interrupt();
  const answer a = p.finish();
  CHECK(a.status == 3);
  CHECK(p.contents() == std::set<std::string>{"run"});
  const json j = json::parse(read_file(out + "/results.json"));
  CHECK(j["complete"] == false);
  CHECK(j["defences"].size() == 1);
  CHECK(p.run({"report", out}).status == 0);
}

TEST_CASE("mean scores, averaged test noise and no attack run too", "[cli][end-to-end]") {
  program p;
  const std::string out = p.path("run");
  const answer a =
      p.run({"run",    "--train-rows", "200",   "--test-rows", "40",   "--models", "20",        "--epochs",
             "1",      "--classes",    "1,0,3", "--attack",    "none", "--bound",  "hoeffding", "--test-noise",
             "mean:2", "--defences",   "rab",   "--alpha",     "0.05", "--out",    out,         "--json",
             "--quiet"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  const json j = a.object();
  CHECK(j["data"]["poisoned_rows"] == 0);
  CHECK(j["data"]["classes"] == json({0, 1, 3}));
  CHECK(j["defences"].size() == 1);
  CHECK(j["defences"][0]["bound"] == "hoeffding");
  CHECK(std::ranges::count(j["assumptions"], json("noise_key_unknown_to_attacker")) == 0);
  const auto scores = read_npy_reals(out + "/rab/scores_clean.npy");
  CHECK(scores.shape == std::vector<std::size_t>{20, 40, 3});
  CHECK(j["config"]["seed"].is_number_unsigned());
}

TEST_CASE("run refuses bad arguments before it trains", "[cli]") {
  program p;
  const auto run = [&](const std::string& option, const std::string& value, const std::string& naming) {
    p.refuses({"run", "--quiet", "--train-rows", "100", "--test-rows", "20", "--out", p.path("out"), option, value},
              naming);
  };
  run("--dataset", "idx:" + p.path("absent"), "absent: no such folder");
  run("--dataset", "tar:somewhere", "expected idx:FOLDER");
  run("--models", "0", "--models");
  run("--models", "5", "5 models at alpha 0.001 (clopper-pearson) can certify nothing; at least 11");
  for (const std::string alpha : {"0", "1", "1.5", "nan"}) run("--alpha", alpha, "--alpha");
  for (const std::string sigma : {"0", "-0.5", "nan", "inf"}) run("--sigma", sigma, "--sigma");
  run("--sigma-max", "0.1", "ceiling");
  run("--rate", "0.001", "poisons no row");
  run("--rate", "0", "--rate");
  run("--rate", "0.9", "only");
  run("--classes", "1", "at least 2");
  run("--classes", "1,77", "77");
  run("--classes", "one,two", "--classes");
  run("--target", "2", "target");
  run("--attack", "telepathy", "--attack");
  run("--delta", "0", "--delta");
  run("--epochs", "0", "--epochs");
  run("--batch", "0", "--batch");
  run("--bound", "magic", "--bound");
  run("--defences", "rab,magic", "--defences");
  run("--test-noise", "mean:0", "--test-noise");
  run("--test-noise", "some", "--test-noise");
  run("--radii", "0,-1", "--radii");
  run("--radii", "0,x", "--radii");
  run("--radii", "0,0", "--radii");
  run("--threads", "5000", "--threads");
  run("--rows-changed", "one", "the attack changes one training row at most, got 10 of rate 0.1");
  run("--rows-changed", "two", "--rows-changed");
}

TEST_CASE("run refuses a truncated or lying data set", "[cli]") {
  program p;
  std::filesystem::create_directory(p.path("data"));
  const auto put = [&](const std::string& name, const std::string& content) {
    write_file(p.path("data/" + name), content);
  };
  const std::string images("\0\0\x08\x03\0\0\0\x02\0\0\0\x1c\0\0\0\x1c", 16);
  const std::string labels("\0\0\x08\x01\0\0\0\x02", 8);
  put("train-images-idx3-ubyte", images + std::string(100, 'x'));
  put("train-labels-idx1-ubyte", labels + std::string("\0\1", 2));
  put("t10k-images-idx3-ubyte", images + std::string(2 * 784, 'x'));
  put("t10k-labels-idx1-ubyte", labels + std::string("\0\1", 2));
  const auto refused = [&](const std::string& naming) {
    p.refuses({"run", "--quiet", "--dataset", "idx:" + p.path("data"), "--out", p.path("out")}, naming);
  };
  refused("train-images-idx3-ubyte: truncated");
  put("train-images-idx3-ubyte", images + std::string(2 * 784, 'x'));
  put("train-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x03", 8) + std::string("\0\1\0", 3));
  refused("expected 2 labels");
}

TEST_CASE("run refuses a folder it cannot or should not write", "[cli]") {
  program p;
  write_file(p.path("file"), "mine");
  std::filesystem::create_directory(p.path("full"));
  write_file(p.path("full/thesis.tex"), "years of work");
  for (const auto& [out, naming] :
       {std::pair(p.path("file"), "expected a folder"), std::pair(p.path("file/below"), "cannot be made"),
        std::pair(std::string("/proc/certssb"), "cannot be made"), std::pair(p.path("full"), "holds other files")}) {
    p.refuses({"run", "--quiet", "--out", out}, naming);
  }
  CHECK(read_file(p.path("full/thesis.tex")) == "years of work");
}

TEST_CASE("early stopping trains no more members than decide the samples", "[cli][end-to-end]") {
  program p;
  const auto run = [&](const std::string& out, const std::string& threads) {
    std::vector<std::string> words =
        run_words(p.path(out), {"--defences", "rab", "--models", "60", "--epochs", "2", "--threads", threads});
    words.insert(words.end(), {"--stop-at-radius", "0.05", "--decide-fraction", "0.3", "--json"});
    const answer a = p.run(words);
    CAPTURE(a.errors);
    REQUIRE(a.status == 0);
    return a.object()["defences"][0];
  };
  const json one = run("one", "1");
  const json two = run("two", "2");
  CHECK(one == two);
  CHECK(one["bound"] == "jeffreys-sequence");
  const std::size_t models = one["models"];
  CHECK(models < 60);
  REQUIRE(one["stopping"].size() == models);
  CHECK(one["stopping"][models - 1]["decided"].get<double>() >= 0.3);
  CHECK(one["stopping"][models - 2]["decided"].get<double>() < 0.3);
}

TEST_CASE("a mode that cannot be meant is refused before anything is trained", "[cli]") {
  program p;
  p.refuses({"run", "--mode", "nonsense"}, "--mode: expected one of uniform, frozen");
  p.refuses({"run", "--mode", "uniform+nonsense"}, "expected the flags +parts, +joint and +label-noise");
  p.refuses({"run", "--mode", "laplace_l1+joint"}, "+joint goes with");
  p.refuses({"run", "--mode", "quantised+label-noise"}, "+label-noise goes with");
  p.refuses({"run", "--mode", "frozen"}, "--mode: frozen needs --train-scales");
  p.refuses({"run", "--mode", "frozen", "--train-scales", "s.npy"}, "state it with --assume scales_independent");
  p.refuses({"run", "--mode", "semi_elastic"}, "state it with --assume selector_fixed_independently_of_data");
  p.refuses({"run", "--mode", "uniform+joint", "--test-noise", "none"}, "needs noise on it");
  p.refuses({"run", "--mode", "uniform+label-noise", "--flip-probability", "0.5"}, "--flip-probability: expected");
  p.refuses({"run", "--stop-at-radius", "0.1", "--bound", "hoeffding"}, "only jeffreys-sequence holds");
  p.refuses({"run", "--mode", "knn1_exact", "--test-noise", "one"}, "knn1_exact is of test inputs without noise");
  p.refuses({"run", "--stop-at-radius", "0"}, "--stop-at-radius: expected a finite number above 0, got 0");
  p.refuses({"run", "--stop-at-radius", "0.1", "--decide-fraction", "2"}, "--decide-fraction: expected");
  p.refuses({"verify", p.path("nothing")}, "results.json");
}
