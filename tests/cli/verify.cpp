// SPDX-License-Identifier: MIT
// Brief: `verify` on runs of every mode, bound, vote policy and flag, as they are and with another claim.
#include "small_run.hpp"

using namespace certssb;
using namespace cli_test;

TEST_CASE("a run of every mode verifies, and not with another mode, alpha or radius", "[cli][end-to-end]") {
  program p;
  const std::string scales = p.put("scales.npy", {rows_of_two_classes}, two_scales(rows_of_two_classes));
  for (mode_case c : every_mode(scales)) {
    CAPTURE(c.mode, c.options);
    c.options.insert({{"--defences", "certified"}, {"--mode", c.mode}});
    small_run run(p, c.options, c.repeated);
    run.verifies();
    const json results = run.results();
    REQUIRE(results["defences"].size() == 1);
    const json& defence = results["defences"][0];
    REQUIRE(defence["evaluations"].size() == 2);
    for (const json& e : defence["evaluations"]) {
      CHECK(e["mode"] == c.mode);
      CHECK(e["norm"] == c.norm);
      CHECK(e["certified"] == true);
      for (const json& name : e["assumptions"]) CHECK(std::ranges::count(results["assumptions"], name) == 1);
    }
    CHECK(defence["evaluations"][0]["certified_ratio"][0]["value"].get<double>() > 0.0);
    json changed = results;
    for (json& e : changed["defences"][0]["evaluations"]) e["mode"] = c.mode == "uniform" ? "floor" : "uniform";
    run.finds(changed, "the configuration asks for mode " + c.mode);
    changed = results;
    changed["defences"][0]["alpha"] = 0.3;
    run.finds(changed,
              c.mode == "knn1_exact" ? "is of enclosures, without members or alpha" : "alpha is stated as 0.3");
    changed["config"]["alpha"] = 0.3;
    if (c.mode != "knn1_exact") run.finds(changed, "lower is stated as");
    run.finds("certified/samples_clean.csv", doubled(run.read("certified/samples_clean.csv"), "radius_" + c.mode),
              "radius is stated as");
    changed = results;
    json& e = changed["defences"][0]["evaluations"][1];
    json& stated = e["attack_covered_and_right"]["labels_as_observed"];
    const double covered = stated;
    stated = covered > 0.5 ? covered - 0.125 : covered + 0.125;
    e["delta_r"]["per_pattern"] = e["delta_r"]["per_pattern"].get<double>() + 1e-6;
    run.finds(changed, "attack_covered_and_right.labels_as_observed is stated as");
    run.finds(changed, "delta_r for");
  }
}

TEST_CASE("a run with every bound verifies, and not with other votes or scores", "[cli][end-to-end]") {
  program p;
  for (const std::string bound : {"clopper-pearson", "jeffreys-sequence", "hoeffding", "kl", "hoeffding-bentkus",
                                  "maurer-pontil", "betting", "mixture"}) {
    CAPTURE(bound);
    small_run run(
        p, {{"--bound", bound}, {"--classes", "all"}, {"--models", "30"}, {"--defences", "rab"}, {"--alpha", "0.2"}},
        {"--allow-no-certificate"});
    run.verifies();
    json changed = run.results();
    CHECK(changed["defences"][0]["bound"] == bound);
    changed["defences"][0]["bound"] = changed["config"]["bound"] = bound == "kl" ? "hoeffding" : "kl";
    run.finds(changed, "");
    run.finds_value<std::int64_t>("rab/votes_clean.npy", 0, 31, "its votes are not one per model");
    if (bound != "clopper-pearson" && bound != "jeffreys-sequence") {
      run.finds_value<float>("rab/scores_triggered.npy", 0, 0.45F, "rab, triggered");
    }
  }
}

TEST_CASE("every vote policy verifies, and storage-update is done again", "[cli][end-to-end]") {
  program p;
  const std::vector<std::map<std::string, std::string>> policies{
      {{"--test-noise", "none"}},
      {{"--test-noise", "one"}, {"--test-noise-scale", "common"}},
      {{"--test-noise", "mean:3"}, {"--test-noise-scale", "0.3"}, {"--storage", "slack"}},
      {{"--test-noise", "mean:2"}, {"--storage", "min"}}};
  for (std::map<std::string, std::string> options : policies) {
    CAPTURE(options);
    options["--defences"] = "rab,cert-ssb";
    small_run run(p, options);
    run.verifies();
    const bool own = options["--test-noise"] == "mean:2";
    CHECK(run.results()["defences"][1]["evaluations"][0]["conditional_on"].size() == (own ? 2 : 1));
  }
}

TEST_CASE("verify does storage-update again, on inputs whose regions overlap", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--test-noise", "none"}, {"--models", "60"}, {"--defences", "cert-ssb"}});
  run.verifies();
  const words predicted = column(run.read("cert-ssb/samples_clean.csv"), "predicted");
  const words radii = column(run.read("cert-ssb/samples_clean.csv"), "radius_published");
  REQUIRE(std::stod(radii[0]) > 0.5);
  const auto opposite = static_cast<std::size_t>(
      std::ranges::find_if(predicted, [&](const std::string& label) { return label != predicted[0]; }) -
      predicted.begin());
  REQUIRE(opposite < predicted.size());
  // All in one place: the first region's label is adopted. One apart: regions of the other label end where it does.
  std::vector<float> places(predicted.size());
  run.finds("inputs_clean.npy", npy_bytes<float>({places.size(), 1}, places),
            "its outcome should be adopted_in_storage");
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = predicted[i] == predicted[0] ? 0.0F : 1.0F;
  const double left = 1.0 - std::stod(radii[0]);
  run.finds("inputs_clean.npy", npy_bytes<float>({places.size(), 1}, places),
            "recomputed as " + std::to_string(left).substr(0, 7));
}

TEST_CASE("early stopping verifies, and not with a bound for a fixed number of models", "[cli][end-to-end]") {
  program p;
  small_run run(p,
                {{"--stop-at-radius", "0.1"}, {"--decide-fraction", "0.5"}, {"--models", "60"}, {"--defences", "rab"}});
  run.verifies();
  json changed = run.results();
  CHECK(changed["defences"][0]["models"].get<int>() < 60);
  changed["defences"][0]["bound"] = changed["config"]["bound"] = "clopper-pearson";
  run.finds(changed, "is for a number of models fixed beforehand");
  changed = run.results();
  changed["config"]["stop_at_radius"] = 0.0;
  changed["defences"][0]["stopping"] = json::array();
  run.finds(changed, "config.models fixes 60");
  changed = run.results();
  json& last = changed["defences"][0]["stopping"].back();
  last["certified"] = last["certified"].get<int>() + 1;
  run.finds(changed, "samples are stated as certified at the wanted radius");
}
