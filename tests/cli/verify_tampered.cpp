// SPDX-License-Identifier: MIT
// Brief: `verify` on runs of which something was changed.
#include "small_run.hpp"

using namespace certssb;
using namespace cli_test;

TEST_CASE("verify finds a changed byte in every file, and files that are not listed", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--defences", "rab,cert-ssb"}});
  run.verifies();
  const json arrays = run.results()["arrays"];
  constexpr std::size_t pictures = 5 * (2 + 2);
  CHECK(arrays.size() == 2 * 7 + 4 + 2 + 1 + pictures);
  for (const auto& [name, digest] : arrays.items()) {
    std::string bytes = run.read(name);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    run.finds(name, bytes, name + ": its bytes changed", false);
    json changed = run.results();
    changed["arrays"].erase(name);
    run.finds(changed, name + ": not listed in arrays");
  }
  json changed = run.results();
  changed["arrays"]["../results.json"] = "00";
  run.refuses(changed, "arrays.../results.json: expected a file inside the run's folder");
  changed = run.results();
  changed["defences"][0]["evaluations"][0]["n"] = 2.5;
  run.refuses(changed, "defences[0].evaluations[0].n: expected a whole number >= 0, got 2.5");
}

TEST_CASE("verify finds changed votes, scales and numbers whose digests were mended", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--defences", "rab,cert-ssb"}});
  run.finds_value<std::int64_t>("rab/votes_clean.npy", 0, 3, "its votes are not one per model");
  run.finds_value<double>("rab/sigma_test_clean.npy", 2, 0.75, "are not the one that was set, 0.5");
  run.finds_value<double>("rab/sigma_train.npy", 2, 0.75, "wants one scale for all training rows");
  run.finds_value<double>("cert-ssb/sigma_train.npy", 2, 0.25, "chooses scales from 0.5 to 3");
  run.finds_value<double>("cert-ssb/sigma_test_triggered.npy", 2, 9.0, "are not between sigma_min and sigma_max");
  run.finds_value<double>("pattern_norms.npy", 0, 0.1, "data.pattern_l2_frobenius is stated as");
  run.finds_value<double>("pattern_norms_l1.npy", 0, 0.3, "data.pattern_l1_sum is stated as");
  const std::string table = run.read("rab/samples_clean.csv");
  run.finds("rab/samples_clean.csv", doubled(table, "budget"), "budget is stated as");
  std::string outcome = table;
  outcome.replace(outcome.find(",certified"), 10, ",published");
  run.finds("rab/samples_clean.csv", outcome, "its outcome should be certified");
  const auto changed = [&](const std::string& path, const json& value, const std::string& naming) {
    json results = run.results();
    results[json::json_pointer(path)] = value;
    run.finds(results, naming);
  };
  changed("/defences/0/evaluations/0/average_certified_radius", 3.0, "average_certified_radius is stated as 3");
  changed("/defences/0/evaluations/0/n", 1, "n is not the number of samples");
  changed("/defences/0/evaluations/0/norm", "l1", "its norm is stated as l1");
  changed("/defences/0/evaluations/0/assumptions", json::array(), "its assumptions are not those of the mode");
  changed("/defences/0/evaluations/0/delta_r_assumed", json::array(), "delta_r_assumed: expected 1, 10, 100");
  changed("/defences/1/evaluations/0/conditional_on", json::array(), "conditional_on is not what the mode holds fixed");
  changed("/defences/1/evaluations/1/certified", true, "is marked as certified");
  changed("/defences/1/evaluations/2/storage_events/keep", 1000, "storage_events are not those of the samples");
  changed("/defences/1/evaluations/2/storage_gap", 1000.0, "storage_gap is stated as 1000");
  changed("/defences/1/evaluations/2/storage_gap", nullptr, "storage_gap is stated for no regions, or not for some");
  changed("/defences/0/models", 15, "models is stated as 15");
  changed("/defences/0/sigma_train/min", 0.4, "sigma_train.min is not that of the array");
  changed("/assumptions", json::array(), "noise_key_unknown_to_attacker");
  changed("/defences", json::array(), "config.defences asks for rab,cert-ssb");
}

TEST_CASE("verify finds an assumption that the configuration contradicts", "[cli][end-to-end]") {
  program p;
  const std::string scales = p.put("scales.npy", {rows_of_two_classes}, two_scales(rows_of_two_classes));
  const auto run_in = [&](const std::string& mode) {
    for (const mode_case& c : every_mode(scales)) {
      if (c.mode != mode) continue;
      std::map<std::string, std::string> options = c.options;
      options["--defences"] = "certified";
      options["--mode"] = mode;
      return small_run(p, options, c.repeated);
    }
    throw std::logic_error("no such mode");
  };
  const auto changed = [&](small_run& run, const std::string& path, const json& value, const std::string& naming) {
    json results = run.results();
    results[json::json_pointer(path)] = value;
    // What the defence says of itself goes along, else the two would contradict each other.
    const std::string name = path.substr(path.rfind('/') + 1);
    if (json& own = results["defences"][0]["settings"]; own.contains(name)) own[name] = value;
    run.finds(results, naming);
  };
  const auto with_sigma = [&](small_run& run, double sigma, const std::string& naming) {
    const std::vector<double> all(rows_of_two_classes, sigma);
    run.finds("certified/sigma_train.npy", npy_bytes<double>({all.size()}, all), naming);
  };
  {
    small_run run = run_in("frozen");
    changed(run, "/config/assume", json::array(), "assumes scales_independent_of_features, which nobody stated");
  }
  {
    small_run run = run_in("floor");
    with_sigma(run, 0.4, "wants the scale that sigma names, 0.5");
    json contradicting = run.results();
    contradicting["config"]["sigma"] = 0.6;
    run.finds(contradicting, "its settings name sigma 0.5, but config.sigma is 0.6");
    changed(run, "/config/sigma", 0.6, "wants the scale that sigma names, 0.6");
  }
  {
    small_run run = run_in("ledger");
    with_sigma(run, 0.6, "wants the scale that sigma names, 0.5");
    changed(run, "/config/sigma_max", 0.5, "do not fit below sigma_max 0.5");
  }
  {
    small_run run = run_in("quantised");
    changed(run, "/config/assume", json::array(), "assumes selector_fixed_independently_of_data, which nobody stated");
    changed(run, "/config/grid_width", 0.03, "is not on the grid");
    changed(run, "/config/grid_width", 0, "config.grid_width: expected a number above 0, got 0");
    changed(run, "/config/grid_width", nullptr, "config.grid_width: expected a number, got nothing");
    changed(run, "/config/semi_elasticity", 50.0, "no scale is constant within");
    changed(run, "/config/sigma", 5.0, "chooses scales from 2.5 to 10");
    run.finds_value<double>("certified/rho_train.npy", 0, 1e-3, "radius is stated as");
  }
  {
    small_run run = run_in("semi_elastic");
    changed(run, "/config/rows_changed", "one", "assumes at most one changed row");
    changed(run, "/data/row_size", 100, "radius is stated as");
    changed(run, "/config/semi_elasticity", 0.1, "radius is stated as");
  }
  {
    small_run run = run_in("knn1_exact");
    changed(run, "/defences/0/settings/test_noise", "one", "assumes no test noise");
    run.finds_value<double>("certified/bounds_clean.npy", 1, 0.999, "lower is stated as");
    run.finds_value<double>("certified/bounds_clean.npy", 1, 1.5, "expected a class and two probabilities");
  }
  {
    small_run run = run_in("given_scales");
    with_sigma(run, 0.4, "chooses scales from 0.5 to 3");
  }
  {
    small_run run = run_in("uniform+joint");
    changed(run, "/defences/0/settings/test_noise", "none", "joint wants test noise");
    changed(run, "/defences/0/settings/test_noise_scale", "own", "sigma_min: expected a number, got nothing");
    changed(run, "/data/trigger_l2_max", 5.0, "attack_covered.labels_as_observed is stated as");
  }
  {
    small_run run = run_in("frozen+label-noise");
    changed(run, "/config/assume", json({"scales_independent_of_features"}),
            "nobody stated scales_independent_of_labels");
    changed(run, "/config/flip_probability", 0.1, "budget is stated as");
    changed(run, "/config/flipped_labels", 3, "budget is stated as");
  }
  {
    small_run run = run_in("memory");
    changed(run, "/config/storage", "none", "config.storage: expected min or slack");
  }
}

TEST_CASE("a run of schema 1 verifies; what it did not record is said", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--defences", "rab"}});
  json old = run.results();
  old["schema"] = 1;
  old["config"].erase("data_seed");
  old["config"]["train_rows"] = "all";
  std::erase(old["assumptions"].get_ref<json::array_t&>(), json("keyed_words_as_random"));
  for (json& e : old["defences"][0]["evaluations"]) {
    std::erase(e["assumptions"].get_ref<json::array_t&>(), json("keyed_words_as_random"));
    e["certified_against_this_attack"] = e["attack_covered_and_right"]["labels_as_observed"];
    for (const char* key : {"rows", "frontier", "attack_covered", "attack_covered_and_right"}) e.erase(key);
  }
  const json arrays = old["arrays"];
  for (const auto& [name, digest] : arrays.items()) {
    if (name == "report.html" || name.ends_with(".png")) old["arrays"].erase(name);
  }
  run.forge(old);
  const std::string open = run.verifies().dump();
  for (const char* words : {"report.html: not listed in arrays, which results of schema 1 need not be",
                            "report.html: not listed in arrays, but in files.txt", "config.data_seed",
                            "whether keyed_words_as_random is assumed"}) {
    CHECK_THAT(open, Catch::Contains(words));
  }
  // What is recorded is checked as ever.
  run.finds_value<std::int64_t>("rab/votes_clean.npy", 0, 3, "its votes are not one per model");
  json changed = old;
  changed["arrays"]["rab/votes_clean.npy"] = "00";
  run.finds(changed, "rab/votes_clean.npy: its bytes changed");
  changed = old;
  changed["schema"] = 2;
  run.finds(changed, "report.html: not listed in arrays");
  std::filesystem::remove(p.path("run") + "/files.txt");
  CHECK_THAT(run.verifies().dump(), Catch::Contains("files.txt: absent"));
}
