// SPDX-License-Identifier: MIT
// Brief: a run's folder made by hand verifies, and does not once anything in it is changed.
#include "made_run.hpp"

#include <cstring>
#include <functional>
#include <limits>
#include <set>

using namespace certssb;
using namespace verify_test;

TEST_CASE("a run whose numbers follow from closed forms has no violation", "[verify]") {
  const made_run run;
  const verify_report report = run.verify();
  CAPTURE(report.violations);
  CHECK(report.violations.empty());
  CHECK(report.checked > 80);
}

TEST_CASE("every value of the results that a recomputation can know is found when changed or removed", "[verify]") {
  // Not recomputed: what was measured once, what only the data or a replay can tell, and what uniform has no use for.
  const std::set<std::string> free{
      "/version",      "/complete",    "/build/compiler",   "/build/instruction_set", "/config/dataset",
      "/config/delta", "/config/seed", "/config/data_seed", "/config/keep_votes",     "/data/trigger_l2_max"};
  made_run run;
  const json good = run.results;
  const json flat = good.flatten();
  for (const auto& [place, value] : flat.items()) {
    const bool measured = place.starts_with("/undefended") || place.starts_with("/timing") || place == "/examples";
    if (measured || free.contains(place)) continue;
    CAPTURE(place, value);
    if (place != "/defences/0/evaluations/0/conditional_on" && place != "/defences/0/evaluations/1/conditional_on") {
      json& changed = run.results[json::json_pointer(place)];
      if (value.is_null()) {
        changed = 0.25;
      } else if (value.is_boolean()) {
        changed = !value.get<bool>();
      } else if (value.is_number()) {
        changed = value.is_number_float() ? json(value.get<double>() + (value < 0.5 ? 0.25 : -0.25))
                                          : json(value.get<int>() + 1);
      } else {
        changed = value.get<std::string>() + "x";
      }
      run.finds("");
      run.results = good;
    }
    if (place.ends_with("/norm")) continue;  // where nothing is said, l2, as in files of the first versions
    const json::json_pointer pointer(place);
    json& parent = run.results[pointer.parent_pointer()];
    if (parent.is_object()) {
      parent.erase(pointer.back());
    } else {
      parent.erase(static_cast<std::size_t>(std::stoul(pointer.back())));
    }
    run.finds("");
    run.results = good;
    if (value.is_null() || place == "/config/bound") continue;  // null asks for the usual bound
    run.results[pointer] = nullptr;
    run.finds("");
    run.results = good;
  }
  CHECK(run.verify().violations.empty());
}

TEST_CASE("changed claims are named", "[verify]") {
  made_run run;
  const json good = run.results;
  const auto finds = [&](const std::string& place, const json& value, const std::string& naming) {
    CAPTURE(place, value);
    run.results[json::json_pointer(place)] = value;
    run.finds(naming);
    run.results = good;
  };
  const std::string e = "/defences/0/evaluations/0/";
  finds(e + "average_certified_radius", 3.0, "average_certified_radius is stated as 3, recomputed as 0.18");
  finds(e + "n", 2, "n is not the number of samples");
  finds(e + "n", 2000.7, "defences[0].evaluations[0].n: expected a whole number >= 0, got 2000.7");
  finds(e + "norm", "l1", "its norm is stated as l1");
  finds(e + "mode", "floor", "the configuration asks for mode uniform, issued were floor");
  finds(e + "mode", "own", "mode own cannot be verified");
  finds(e + "storage_update", true, "the configuration asks for mode uniform, issued were uniform");
  finds(e + "delta_r/rows", 2, "delta_r: expected 1 rows, got 2");
  finds(e + "certified_accuracy", json::array(), "are not at config.radii");
  finds("/config/radii", json::array(), "are not at config.radii");
  finds("/config/radii", "0,0.1,0.5", "config.radii: expected a list");
  finds("/config/sigma", 0.6, "wants the scale that sigma names, 0.6");
  finds("/config/sigma", "nan", "config.sigma: expected a number, got nan");
  finds("/config/alpha", 0.001, "alpha is stated as 0.002, but config.alpha is 0.001");
  finds("/config/test_noise_scale", "own", "config.sigma_min: missing");
  run.results["config"]["bound"] = nullptr;
  CHECK(run.verify().violations.empty());
  run.results = good;
  finds("/config/test_noise_scale", nullptr, "are not the one that was set");
  finds("/defences/0/settings/test_noise", "mean:0", "config.test_noise: expected none, one or mean:K, got mean:0");
  finds("/config/stop_at_radius", 0.1, "stopping is not what stop_at_radius asks for");
  finds("/config/seed_given", true, "noise_key_unknown_to_attacker");
  finds("/config/seed_given", nullptr, "noise_key_unknown_to_attacker");
  finds("/config/initial_weights", "file", "assumptions do not name initial_weights_saw_no_training_row");
  finds("/config/defences", {"rab", "cert-ssb"}, "defences are rab, but config.defences asks for rab,cert-ssb");
  finds("/defences/0/bound", "kl", "rab/scores_clean.npy: not listed in arrays");
  finds("/defences/0/bound", "enclosure", "config.mode: missing");
  finds("/defences/0/models", 21, "models is stated as 21, but config.models fixes 20");
  finds("/defences/0/settings/sigma", 0.6, "wants the scale that sigma names, 0.6");
  finds("/defences/0/settings/mode", "frozen", "its settings name mode frozen, but it issues uniform");
  finds("/defences/0/name", "own", "expected one of rab, cert-ssb, certified");
  finds("/data/train", 5, "expected one positive scale per training row, 5");
  finds("/data/train", 1'000'000'000'000'000, "expected one positive scale per training row");
  finds("/data/classes", {7, 8, 9}, "votes are on another number of classes");
}

TEST_CASE("changed bytes are found by their digest, and what digests cannot know by recomputation", "[verify]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const auto finds = [](const std::string& naming, const std::function<void(made_run&)>& change) {
    made_run run;
    change(run);
    run.finds(naming);
  };
  const json arrays = made_run().results["arrays"];
  CHECK(arrays.size() == 11);
  for (const auto& [name, digest] : arrays.items()) {
    made_run run;
    std::string bytes = run.read(name);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write_file(run.path(name), bytes);
    run.finds(name + ": its bytes changed");
    std::filesystem::remove(run.path(name));
    run.finds(name + ": missing");
    std::filesystem::create_directory(run.path(name));
    run.finds(name + ": missing");
    std::filesystem::remove(run.path(name));
    write_file(run.path(name), bytes);
    run.results["arrays"].erase(name);
    run.finds(name + ": not listed in arrays");
  }
  const auto reals = [&](const std::string& name, const std::vector<double>& values, const std::string& naming) {
    finds(naming, [&](made_run& run) { run.put_reals(name, {values.size()}, values); });
  };
  reals("rab/sigma_train.npy", {0.5, 0.5, nan, 0.5}, "expected one positive scale per training row");
  reals("rab/sigma_train.npy", {0.5, 0.5, inf, 0.5}, "expected one positive scale per training row");
  reals("rab/sigma_train.npy", {0.5, 0.5, 0.75, 0.5}, "wants one scale for all training rows");
  reals("rab/sigma_train.npy", {}, "expected one positive scale per training row");
  reals("rab/sigma_test_clean.npy", {0.5, nan, 0.5}, "its test scales are not finite and positive");
  reals("rab/sigma_test_clean.npy", {0.5, 0.75, 0.5}, "are not the one that was set, 0.5");
  reals("rab/sigma_test_clean.npy", {0.5, 0.5}, "3 votes but 2 test scales");
  reals("pattern_norms.npy", {nan}, "norm");
  reals("pattern_norms.npy", {0.1}, "data.pattern_l2_max is stated as 0.2, recomputed as 0.1");
  reals("pattern_norms.npy", {0.4}, "its pattern has norms 0.4 (L2) and 0.3 (L1)");
  reals("pattern_norms_l1.npy", {inf}, "data.pattern_l1_sum");
  reals("pattern_norms_l1.npy", {0.3, 0.3}, "differ in length");
  const auto integers = [&](const std::string& name, const std::vector<std::size_t>& shape,
                            const std::vector<std::int64_t>& values, const std::string& naming) {
    finds(naming, [&](made_run& run) { run.put_integers(name, shape, values); });
  };
  integers("poisoned_rows.npy", {1}, {4}, "no training row 4");
  integers("poisoned_rows.npy", {1}, {-1}, "no training row -1");
  const std::string votes = "rab/votes_clean.npy";
  integers(votes, {3, 2}, {20, 0, 0, 20, 12, 9}, "sample 102: its votes are not one per model");
  integers(votes, {3, 2}, {20, 0, 0, 20, 25, -5}, "sample 102: its votes are not one per model");
  integers(votes, {3, 2}, {20, 0, 0, 20, 12, 8}, "sample 102: its votes differ from the array's");
  integers(votes, {2, 3}, {20, 0, 0, 20, 11, 9}, "votes but");
  integers(votes, {6}, {20, 0, 0, 20, 11, 9}, "expected counts of shape [n,K]");
  integers(votes, {3, 2}, {std::numeric_limits<std::int64_t>::max(), 1, 0, 20, 11, 9},
           "sample 100: its votes are not one per model");
}

TEST_CASE("the table of samples is read as it was written, and compared cell by cell", "[verify]") {
  const std::string name = "rab/samples_clean.csv";
  const std::string table = made_run().read(name);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    REQUIRE(table.find(from) != std::string::npos);
    return std::string(table).replace(table.find(from), from.size(), to);
  };
  {
    made_run run;
    run.put(name, replaced("\n100,0,", "\r\n\"100\",0,"));
    CHECK(run.verify().violations.empty());
  }
  const auto finds = [&](const std::string& content, const std::string& naming) {
    made_run run;
    run.put(name, content);
    run.finds(naming);
  };
  finds(replaced(",certified", ",published"), "sample 100: its outcome should be certified");
  finds(replaced("100,0,0,20 0,0.7", "100,0,0,20 0,0.8"), "sample 100: lower is stated as 0.8");
  finds(replaced("100,0,0,20 0,0.7", "100,0,0,20 0,0.6"), "sample 100: lower is stated as 0.6");
  finds(replaced("100,0,0,", "100,0,1,"), "sample 100: another class should be predicted");
  finds(replaced("100,0,0,", "100,1,0,"), "empirical_accuracy is stated as");
  finds(replaced("100,0,0,", "100,2,0,"), "sample 100: its label is no class");
  finds(replaced(",0.5,", ",nan,"), "sample 100: its sigma differs from the array's");
  finds(replaced("20 0,0.70", "20 0,nan0.70"), "expected a number, got nan0.70");
  finds(replaced("radius_uniform", "radius"), "expected one column radius_uniform, got 0");
  finds(replaced(",certified", ""), "line 2: expected 9 columns, got 8");
  finds(replaced(",certified", ",\"certified"), "a quote that is never closed");
  finds(replaced("\n102", "\n102,0,0,11 9,0,0,0.5,0,bound_not_above_half\n102"), "and 4 samples");
  const std::string radius = concatenate(made_sample{100, 0, 20}.radius());
  finds(replaced("," + radius + ",", ",nan,"), "sample 100: radius is stated as nan");
  finds(replaced("," + radius + ",", ",inf,"), "sample 100: radius is stated as inf");
}

TEST_CASE("what is no folder of a run is refused, not reported", "[verify]") {
  const made_run run;
  CHECK_THROWS_AS(verify_run(run.path("nothing")), data_error);
  CHECK_THROWS_AS(verify_run(run.path("rab")), data_error);
  CHECK_THROWS_AS(verify_run(run.path("results.json")), data_error);
}
