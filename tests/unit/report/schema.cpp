// SPDX-License-Identifier: MIT
// Brief: results.json as a file that anybody may have made: what is refused, and how the place is named.
#include "certssb/io/npy.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/json.hpp"

#include <catch2/catch.hpp>

#include <span>

using namespace certssb;

namespace {

/// Results that are in order, as a program may write them.
json good_results() {
  return json::parse(R"({"schema": 1, "version": "0.2.0", "complete": true,
    "config": {"train_rows": null, "sigma": 0.5, "models": 20, "target": -3, "assume": [], "radii": [0, 0.5],
               "mode": "uniform", "seed_given": false},
    "assumptions": ["models_independent"],
    "arrays": {"rab/votes_clean.npy": "00ff", "rab/sigma_train.npy": "00ff"},
    "data": {"train": 3, "test": 2, "poisoned_rows": 1, "classes": [1, 0], "pattern_l2_max": 1.0,
             "pattern_l2_frobenius": 1, "trigger_l2_max": 1.0, "pattern_l1_sum": 1.0, "row_size": 4},
    "undefended": {"clean_accuracy": 1, "attack_success_rate": 0.5},
    "defences": [{"name": "rab", "models": 20, "alpha": 0.001, "bound": "clopper-pearson",
      "sigma_train": {"min": 0.5, "mean": 0.5, "max": 0.5}, "settings": {"epochs": 2},
      "evaluations": [{"inputs": "clean", "mode": "uniform", "certified": true, "norm": "l2", "assumptions": [],
        "conditional_on": [], "storage_update": false, "n": 2, "empirical_accuracy": 1.0,
        "certified_accuracy": [{"radius": 0.0, "value": 0.5}], "certified_ratio": [{"radius": 0.0, "value": 0.5}],
        "abstain_rate": 0.5, "average_certified_radius": 0.25, "delta_r": {"rows": 1, "per_pattern": 0.25},
        "delta_r_assumed": [{"rows": 1, "per_pattern": 0.25}], "certified_against_this_attack": 0.0}]}],
    "timing": {"train_samples_per_s": 1.0, "ascent_s": 0.0, "certify_s": 0.0, "storage_s": 0.0, "total_s": 1.0,
               "threads": 2},
    "examples": [{"id": 7, "label": 1, "clean": "pictures/0.png", "triggered": "pictures/1.png",
                  "noisy": {"rab": "pictures/2.png"}, "sigma": {"rab": 0.5}}]})");
}

void refused(const std::string& content, const std::string& naming) {
  CAPTURE(content.substr(0, 200));
  const detail::temporary_folder folder;
  const auto path = folder.path() / "results.json";
  write_file(path, content);
  CHECK_THROWS_AS(read_results(path), data_error);
  CHECK_THROWS_WITH(read_results(path), Catch::StartsWith(path.string() + ": ") && Catch::Contains(naming));
}

/// With another value in one place.
void refused_with(const std::string& place, const json& value, const std::string& naming) {
  json changed = good_results();
  changed.at(json::json_pointer(place));
  changed[json::json_pointer(place)] = value;
  refused(changed.dump(), naming);
}

}  // namespace

TEST_CASE("results in order are read, whatever else the file says", "[report]") {
  json results = good_results();
  CHECK(results_from_json(results, "x").defences[0].evaluations[0].n == 2);
  results["later"] = {{"deep", {1, 2, nullptr}}};
  results["defences"][0]["evaluations"][0]["frontier"] = json::array({json::array({0, 1.5})});
  const run_results r = results_from_json(results, "x");
  CHECK(r.config.size() == 8);
  CHECK(option_text(*find_option(r.config, "train_rows")).empty());
  CHECK(option_text(*find_option(r.config, "radii")) == "0,0.5");
}

TEST_CASE("files of earlier versions, with words for absent values, are read", "[report]") {
  json results = good_results();
  results["config"]["train_rows"] = "all";
  results["config"]["stop_at_radius"] = 0.0;
  for (const char* key : {"trigger_l2_max", "pattern_l1_sum", "row_size"}) results["data"].erase(key);
  results["defences"][0].erase("settings");
  for (const char* key : {"norm", "assumptions", "delta_r_assumed"}) {
    results["defences"][0]["evaluations"][0].erase(key);
  }
  results.erase("examples");
  const run_results r = results_from_json(results, "x");
  CHECK(option_text(*find_option(r.config, "train_rows")) == "all");
  CHECK(r.defences[0].evaluations[0].norm == "l2");
}

TEST_CASE("a file that is not the results of a run is refused with its path", "[report]") {
  refused("", "expected JSON");
  refused("{", "expected JSON");
  refused("[]", "the whole: expected an object, got a list");
  refused("{} {}", "expected JSON");
  refused("{\"schema\": 3}", "schema: expected schema 1 or 2, got 3");
  refused("{\"schema\": \"1\"}", "schema: expected a whole number >= 0, got \"1\"");
  json missing = good_results();
  missing.erase("timing");
  refused(missing.dump(), "timing: missing");
  missing = good_results();
  missing["defences"][0]["evaluations"][0].erase("n");
  refused(missing.dump(), "defences[0].evaluations[0].n: missing");
}

TEST_CASE("every key of the results that the schema knows is checked for its type", "[report]") {
  const json good = good_results().flatten();
  for (const auto& [place, value] : good.items()) {
    if (place.starts_with("/config") || place.starts_with("/defences/0/settings")) continue;
    CAPTURE(place);
    json changed = good_results();
    changed[json::json_pointer(place)] = value.is_object() ? json(7) : json::object();
    CHECK_THROWS_AS(results_from_json(changed, "x"), data_error);
    if (!value.is_string()) {
      changed[json::json_pointer(place)] = "many";
      CHECK_THROWS_AS(results_from_json(changed, "x"), data_error);
    }
  }
}

TEST_CASE("a number out of its range is refused with its place", "[report]") {
  const std::string evaluation = "/defences/0/evaluations/0/";
  refused_with(evaluation + "n", 2000.7, "defences[0].evaluations[0].n: expected a whole number >= 0, got 2000.7");
  refused_with(evaluation + "n", 2.0, "n: expected a whole number >= 0, got 2.0");
  refused_with(evaluation + "n", -1, "n: expected a whole number >= 0, got -1");
  refused_with(evaluation + "n", nullptr, "n: expected a whole number >= 0, got null");
  refused_with(evaluation + "empirical_accuracy", 1.5, "empirical_accuracy: expected a number from 0 to 1, got 1.5");
  refused_with(evaluation + "abstain_rate", -0.5, "abstain_rate: expected a number from 0 to 1, got -0.5");
  refused_with(evaluation + "average_certified_radius", nullptr, "expected a number >= 0, got null");
  refused_with(evaluation + "certified_accuracy/0/value", 2, "certified_accuracy[0].value: expected a number from 0");
  refused_with(evaluation + "delta_r/per_pattern", -1, "delta_r.per_pattern: expected a number >= 0, got -1");
  refused_with("/defences/0/models", -14, "defences[0].models: expected a whole number >= 0");
  refused_with("/defences/0/alpha", 1.0, "defences[0].alpha: expected a number >= 0 and < 1, got 1.0");
  refused_with("/defences/0/sigma_train/min", 0.0, "sigma_train.min: expected a number > 0, got 0.0");
  refused_with("/data/poisoned_rows", 4, "data.poisoned_rows: expected at most train, 3, got 4");
  refused_with("/data/classes/0", 1.5, "data.classes[0]: expected a whole number, got 1.5");
  std::string infinite = good_results().dump();
  infinite.replace(infinite.find("\"sigma\":0.5"), 11, "\"sigma\":1e999");
  refused(infinite, "expected JSON");
  for (const char* value : {"NaN", "Infinity", "0x10", "010", "+1", "'a'"}) {
    infinite = good_results().dump();
    refused(infinite.replace(infinite.find("\"sigma\":0.5"), 11, "\"sigma\":" + std::string(value)), "expected JSON");
  }
}

TEST_CASE("names that lead out of the folder, or are none, are refused", "[report]") {
  for (const char* name : {"", ".", "..", "a/b", "../a", "/tmp/a", "a\\b"}) {
    refused_with("/defences/0/name", name, "defences[0].name: expected the plain name of a folder");
  }
  refused_with("/defences/0/evaluations/0/inputs", "other", "inputs: expected clean or triggered, got \"other\"");
  refused_with("/examples/0/clean", "/etc/passwd", "examples[0].clean: expected a file inside the run's folder");
  for (const char* name : {"../votes.npy", "/votes.npy", "a/../../votes.npy", "a/", ""}) {
    json changed = good_results();
    changed["arrays"][name] = "00";
    refused(changed.dump(), "expected a file inside the run's folder");
  }
  json twice = good_results();
  twice["defences"].push_back(twice["defences"][0]);
  refused(twice.dump(), "defences[1].name: expected a name that no earlier defence has, got \"rab\"");
}

TEST_CASE("what is not known of votes from elsewhere is null, and nothing else may be", "[report]") {
  const std::string evaluation = "/defences/0/evaluations/0/";
  refused_with("/undefended", nullptr, "data.poisoned_rows: expected null, got 1");
  refused_with("/defences/0/sigma_train", nullptr, "sigma_train: expected the smallest, mean and largest");
  refused_with(evaluation + "inputs", "given", "delta_r: expected null");
  for (const char* key : {"empirical_accuracy", "certified_accuracy", "delta_r", "certified_against_this_attack"}) {
    refused_with(evaluation + key, nullptr, key);
  }
  json given = good_results();
  given["undefended"] = given["defences"][0]["sigma_train"] = nullptr;
  for (const char* key : {"train_samples_per_s", "ascent_s"}) given["timing"][key] = nullptr;
  for (auto& [key, value] : given["data"].items()) {
    if (key != "test" && key != "classes") value = nullptr;
  }
  json& e = given["defences"][0]["evaluations"][0];
  e["inputs"] = "given";
  e["rows"] = {{"median", 0}, {"certified_accuracy", nullptr}};
  e["frontier"] = json::array();
  for (const char* key : {"empirical_accuracy", "certified_accuracy", "average_certified_radius", "delta_r",
                          "attack_covered", "attack_covered_and_right", "certified_against_this_attack"}) {
    e[key] = nullptr;
  }
  const run_results r = results_from_json(given, "x");
  CHECK_FALSE(r.data.attacked);
  CHECK_FALSE(r.defences[0].evaluations[0].labelled);
  const json again = results_to_json(r);
  CHECK(again["data"]["train"].is_null());
  CHECK(again["undefended"].is_null());
  CHECK(again["defences"][0]["sigma_train"].is_null());
  for (const auto& [key, value] : e.items()) {
    CAPTURE(key);
    CHECK(again["defences"][0]["evaluations"][0][key] == value);
  }
  e["empirical_accuracy"] = 1.0;  // labels are known, but not what follows from them
  CHECK_THROWS_WITH(results_from_json(given, "x"), Catch::Contains("certified_accuracy: expected a list, got null"));
}

TEST_CASE("options are null, flags, numbers, texts and plain lists", "[report]") {
  refused_with("/config/sigma", json::object(), "config.sigma: expected null, a flag, a number, a text or a list");
  refused_with("/config/assume", {"a", 1}, "config.assume[1]: expected a text, got 1");
  refused_with("/config/radii", {0, "a"}, "config.radii[1]: expected a number, got \"a\"");
  refused_with("/config/radii", json::array({json::array()}), "config.radii[0]: expected a text, got a list");
}

TEST_CASE("texts that are too deep, too wide or say things twice are refused", "[report]") {
  std::string twice = good_results().dump();
  twice.insert(1, "\"schema\": 1, ");
  refused(twice, "the key schema comes twice");
  refused(std::string(100'000, '['), "at most 16 objects and lists in each other");
  json deep = 1;
  for (int level = 0; level < 15; ++level) deep = json::array({deep});
  json results = good_results();
  results["later"] = deep;
  CHECK_NOTHROW(results_from_json(parse_json(results.dump(), "x"), "x"));
  results["later"] = json::array({deep});
  refused(results.dump(), "at most 16");
  std::string wide = "{";
  for (int i = 0; i < 100'000; ++i) wide += "\"k" + std::to_string(i) + "\": 1, ";
  refused(wide + "\"z\": 0}", "an object has more than 4096 keys");
  const json_limits few{.bytes = 1000, .depth = 16, .keys = 4096, .values = 5};
  CHECK(parse_json("[1, 2, 3, 4]", "x", few).size() == 4);
  CHECK_THROWS_WITH(parse_json("[1, 2, 3, 4, 5]", "x", few), "x: expected at most 5 values");
  CHECK_THROWS_WITH(parse_json(std::string(1001, ' '), "x", few), "x: expected at most 1000 bytes, got 1001");
}

TEST_CASE("the parser keeps values, order and nesting", "[report]") {
  const std::string text =
      R"({"b":[1,-2,2.5,"é\n",true,null,[],{}],"a":{"z":{"y":[{"x":1},{"x":18446744073709551615}]},"c":0}})";
  CHECK(parse_json(text, "x").dump() == json::parse(text).dump());
  CHECK(parse_json(text, "x") == json::parse(text));
  CHECK(parse_json(" 7 ", "x") == json(7));
}

TEST_CASE("numbers of rows are those of the arrays, where the folder is read", "[report]") {
  const detail::temporary_folder folder;
  const auto put = [&](const std::string& name, const std::string& content) {
    make_folder((folder.path() / name).parent_path());
    write_file(folder.path() / name, content);
  };
  put("results.json", good_results().dump());
  CHECK_NOTHROW(read_results(folder.path() / "results.json"));
  CHECK_THROWS_WITH(read_results(folder.path()), Catch::Contains("rab/sigma_train.npy: no such file"));
  const std::vector<double> scales(3, 0.5);
  const std::vector<std::int64_t> votes{20, 0, 0, 20};
  put("rab/sigma_train.npy", npy_bytes({3}, std::span<const double>(scales)));
  put("rab/votes_clean.npy", npy_bytes({2, 2}, std::span<const std::int64_t>(votes)));
  CHECK(read_results(folder.path()).data.train == 3);
  json changed = good_results();
  changed["defences"][0]["evaluations"][0]["n"] = 3;
  put("results.json", changed.dump());
  CHECK_THROWS_WITH(read_results(folder.path()),
                    Catch::Contains("defences[0].evaluations[0].n: expected 2, the number of rows in "
                                    "rab/votes_clean.npy, got 3"));
  changed = good_results();
  changed["data"]["train"] = 1'000'000'000'000;
  put("results.json", changed.dump());
  CHECK_THROWS_WITH(read_results(folder.path()), Catch::Contains("data.train: expected 3"));
}
