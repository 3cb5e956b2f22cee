// SPDX-License-Identifier: MIT
// Brief: runs that a forger made, whose digests, sizes and sums all agree: each is found out by what it contradicts.
#include "made_run.hpp"

#include <functional>
#include <limits>

using namespace certssb;
using namespace verify_test;

namespace {

const made_samples honest_clean{{100, 0, 20}, {101, 1, 0}, {102, 0, 11}};
const made_samples honest_triggered{{100, 0, 20}, {102, 0, 0}};

/// That a run with these samples, in order in all else, has this violation.
void finds_in_run(const made_samples& of_clean, const made_samples& of_triggered, const std::string& naming) {
  made_run(of_clean, of_triggered).finds(naming);
}

/// That a run that was changed has this violation.
void finds_in_changed(const std::string& naming, const std::function<void(made_run&)>& change) {
  made_run run;
  change(run);
  run.finds(naming);
}

bool leaves(const verify_report& report, const std::string& what, settled_by by) {
  return std::ranges::any_of(report.not_checked, [&](const open_question& open) {
    return open.what.find(what) != std::string::npos && open.by == by;
  });
}

/// Writes a pattern of these norms for each of some rows, and the sums of the results.
void poison(made_run& run, const std::vector<std::int64_t>& rows, double l2, double l1) {
  const std::size_t n = rows.size();
  const auto count = static_cast<double>(n);
  run.put_integers("poisoned_rows.npy", {n}, rows);
  run.put_reals("pattern_norms.npy", {n}, std::vector<double>(n, l2));
  run.put_reals("pattern_norms_l1.npy", {n}, std::vector<double>(n, l1));
  json& data = run.results["data"];
  data["poisoned_rows"] = n;
  data["pattern_l2_max"] = l2;
  data["pattern_l2_frobenius"] = std::sqrt(count) * l2;
  data["pattern_l1_sum"] = count * l1;
}

}  // namespace

TEST_CASE("evaluations of other test inputs, modes or defences than those asked for are found", "[verify]") {
  const auto with_evaluation = [](const std::string& key, const json& value) {
    return [=](made_run& run) {
      json invented = run.results["defences"][0]["evaluations"][0];
      invented[key] = value;
      run.results["defences"][0]["evaluations"].push_back(invented);
    };
  };
  for (const char* inputs : {"shifted", "Clean", "", "clean "}) {
    finds_in_changed("defences[0].evaluations[2].inputs: expected clean or triggered",
                     with_evaluation("inputs", inputs));
  }
  finds_in_changed("clean: the configuration asks for mode uniform, issued were uniform floor",
                   with_evaluation("mode", "floor"));
  finds_in_changed("issued were uniform uniform", with_evaluation("inputs", "clean"));
  finds_in_changed("triggered: the configuration asks for mode uniform, issued were",
                   [](made_run& run) { run.results["defences"][0]["evaluations"].erase(1); });
  finds_in_changed("defences are rab,cert-ssb, but config.defences asks for rab", [](made_run& run) {
    json invented = run.results["defences"][0];
    invented["name"] = "cert-ssb";
    run.results["defences"].push_back(invented);
  });
  finds_in_changed("the columns of its table of samples are not those of its evaluations", [](made_run& run) {
    std::string table = run.read("rab/samples_clean.csv");
    for (std::size_t line = 0, at = table.find('\n'); at != std::string::npos; at = table.find('\n', at + 14), ++line) {
      table.insert(at, line == 0 ? ",radius_floor" : ",0.900000000");
    }
    run.put("rab/samples_clean.csv", table);
  });
}

TEST_CASE("samples that come twice, are dropped or replaced are found", "[verify]") {
  CHECK(made_run(honest_clean, honest_triggered).verify().violations.empty());
  finds_in_run({{100, 0, 20}, {101, 1, 0}, {100, 0, 11}}, honest_triggered, "clean: sample 100 comes twice");
  finds_in_run(honest_clean, {{100, 0, 20}, {100, 0, 0}}, "triggered: sample 100 comes twice");
  finds_in_run(honest_clean, {{100, 0, 20}}, "triggered: sample 102 is missing");
  finds_in_run(honest_clean, {{100, 0, 20}, {103, 0, 0}}, "triggered: sample 103 is no clean sample");
  finds_in_run(honest_clean, {{100, 0, 20}, {101, 1, 0}, {102, 0, 0}},
               "sample 101: the attack does not change its label, 1");
  finds_in_run(honest_clean, {{102, 0, 20}, {100, 0, 0}},
               "triggered: sample 100: not in the order of the clean samples");
  finds_in_run(honest_clean, {{100, 0, 20}, {102, 1, 0}},
               "triggered: sample 102: its label is 1, but 0 among the clean");
  finds_in_run({{100, 0, 20}, {-1, 1, 0}, {102, 0, 11}}, honest_triggered, "sample -1: expected an id >= 0");
  made_run dropped({{100, 0, 20}, {102, 0, 20}}, honest_triggered);
  dropped.results["data"]["test"] = 3;
  dropped.finds("votes are on another number of samples than data.test");
  // Dropped everywhere at once: the data alone can tell, and the report says so.
  dropped.results["data"]["test"] = 2;
  const verify_report report = dropped.verify();
  CHECK(report.violations.empty());
  CHECK(leaves(report, "that data, poisoned rows and the norms", settled_by::data));
  dropped.results["config"]["test_rows"] = 1;
  dropped.finds("data.test is stated as 2, but config.test_rows is 1");
}

TEST_CASE("the triggered samples are those of the label map", "[verify]") {
  made_run run(honest_clean, {{100, 0, 20}, {101, 1, 0}, {102, 0, 0}});
  run.results["config"]["label_map"] = "all-to-all";
  CHECK(run.verify().violations.empty());
  run.results["config"]["label_map"] = "some-to-few";
  run.finds("config.label_map: some-to-few cannot be verified");
  run.results["config"]["label_map"] = "all-to-one";
  for (const json& target : {json(2), json(-1), json(0.5)}) {
    run.results["config"]["target"] = target;
    run.finds("config.target: expected a label below 2");
  }
  run.results["config"]["target"] = 0;
  run.finds("triggered: sample 100: the attack does not change its label, 0");
}

TEST_CASE("labels that are said to be kept against label map or covers are found", "[verify]") {
  const auto keep_all = [](made_run& run) {
    run.put_integers("relabelled_rows.npy", {0}, {});
    run.results["data"]["relabelled_rows"] = 0;
  };
  finds_in_changed("data.relabelled_rows is stated as 0, but by the configuration it is 1", keep_all);
  finds_in_changed("data.relabelled_rows is stated as 0, but there are 1",
                   [](made_run& run) { run.results["data"]["relabelled_rows"] = 0; });
  finds_in_changed("data.relabelled_rows is stated as 1, but by the configuration it is 0",
                   [](made_run& run) { run.results["config"]["label_map"] = "clean-label"; });
  finds_in_changed("attack_covered.labels_covered", [&](made_run& run) {  // as observed and covered are then the same
    run.results["config"]["label_map"] = "clean-label";
    keep_all(run);
  });
  finds_in_changed("data.poisoned_rows is stated as 1, but config.rate of 4 training rows is 3",
                   [](made_run& run) { run.results["config"]["cover_rate"] = 0.5; });
  finds_in_changed("relabelled_rows.npy: row 1 is not poisoned",
                   [](made_run& run) { run.put_integers("relabelled_rows.npy", {1}, {1}); });
}

TEST_CASE("of rows that somebody else poisoned no length may be stated", "[verify]") {
  const auto give = [](made_run& run) { run.results["config"]["attack"] = "given:ids.npy"; };
  finds_in_changed("a pattern's norm is out of range", give);
  finds_in_changed("data.trigger_l2_max is stated, but the trigger is not known", give);
  finds_in_changed("expected finite ones", [](made_run& run) {
    run.put_reals("pattern_norms.npy", {1}, {std::numeric_limits<double>::infinity()});
    run.put_reals("pattern_norms_l1.npy", {1}, {std::numeric_limits<double>::infinity()});
  });
}

TEST_CASE("data and an attack of the caller's own are taken as they are, which is said", "[verify]") {
  made_run run(honest_clean, {{100, 0, 20}});
  for (const char* name : {"dataset", "classes", "attack", "delta", "target", "label_map"}) {
    run.results["config"][name] = nullptr;
  }
  const verify_report report = run.verify();
  CHECK(report.violations.empty());
  CHECK(leaves(report, "the data and the attack, which were the caller's own", settled_by::nothing));
  CHECK(leaves(report, "triggered: that these are the samples that the attack wants relabelled", settled_by::nothing));
  run.results["config"]["attack"] = "one-pixel";
  run.finds("config.attack has a value, but config.dataset is null");
  run.results["config"]["attack"] = nullptr;
  run.results["config"]["dataset"] = "idx:somewhere";
  run.finds("config.label_map is null, but config.dataset has a value");
}

TEST_CASE("poisoned rows that contradict rate or delta are found", "[verify]") {
  finds_in_changed("data.poisoned_rows is stated as 2, but config.rate of 4 training rows is 1", [](made_run& run) {
    poison(run, {1, 2}, 0.2, 0.3);
  });
  finds_in_changed("data.poisoned_rows is stated as 0, but config.rate of 4 training rows is 1",
                   [](made_run& run) { poison(run, {}, 0.0, 0.0); });
  finds_in_changed("data.pattern_l2_max is stated as 0.26, more than config.delta allows, 0.25",
                   [](made_run& run) { poison(run, {2}, 0.26, 0.3); });
  finds_in_changed("data.trigger_l2_max is stated as 0.26, more than config.delta allows, 0.25",
                   [](made_run& run) { run.results["data"]["trigger_l2_max"] = 0.26; });
  // Of 9 entries, an L1 norm is at most 3 times the L2 norm.
  finds_in_changed("row 2: no pattern of 9 entries has norms 0.2 (L2) and 0.61 (L1)",
                   [](made_run& run) { poison(run, {2}, 0.2, 0.61); });
  finds_in_changed("data.pattern_l2_max is stated as 0.2, more than config.delta allows, 0",
                   [](made_run& run) { run.results["config"]["attack"] = "none"; });
  finds_in_changed("but config.rate of 4 training rows is 0",
                   [](made_run& run) { run.results["config"]["attack"] = "none"; });
  finds_in_changed("config.attack: warp cannot be verified",
                   [](made_run& run) { run.results["config"]["attack"] = "warp"; });
  finds_in_changed("config.rate: expected a number in (0,1], got 1.5",
                   [](made_run& run) { run.results["config"]["rate"] = 1.5; });
  finds_in_changed("poisoned_rows.npy: its rows do not ascend", [](made_run& run) {
    run.results["config"]["rate"] = 0.5;
    poison(run, {2, 1}, 0.2, 0.3);
  });
  finds_in_changed("data.train is stated as 4, but config.train_rows is 3",
                   [](made_run& run) { run.results["config"]["train_rows"] = 3; });
  finds_in_changed("data.row_size is stated as 9, but data.row_shape holds 8", [](made_run& run) {
    run.results["data"]["row_shape"] = {2, 4};
  });
}

TEST_CASE("classes that are not those asked for are found", "[verify]") {
  made_run run;
  const auto finds_in = [&](const json& asked, const std::string& naming) {
    run.results["config"]["classes"] = asked;
    run.finds(naming);
  };
  finds_in("7,8", "data.classes are not those of config.classes, 7,8");
  finds_in("8,7,9", "data.classes are not those of config.classes");
  finds_in("8;7", "config.classes: expected labels such as 1,0, or all, got 8;7");
  run.results["config"]["classes"] = "all";
  CHECK(run.verify().violations.empty());
  run.results["data"]["classes"] = {7, 7};
  run.finds("data.classes name a label twice");
}

TEST_CASE("names of classes that are not those asked for are found", "[verify]") {
  made_run run;
  run.results["data"]["class_names"] = {"cat", "dog"};
  run.results["config"]["classes"] = "dog,cat";  // of two the first is label 1
  CHECK(run.verify().violations.empty());
  run.results["config"]["classes"] = "cat,dog";
  run.finds("data.class_names are not those of config.classes, cat,dog");
  run.results["config"]["classes"] = "all";
  CHECK(run.verify().violations.empty());
  run.results["data"]["class_names"] = {"cat", "cat"};
  run.finds("data.class_names name a class twice");
}

TEST_CASE("every file that is listed has a digest, and every digest is of a listed file", "[verify]") {
  finds_in_changed("notes.txt: not listed in arrays, but in files.txt",
                   [](made_run& run) { write_file(run.path("notes.txt"), "certified: 1.0"); });
  made_run run;
  run.publish();
  const std::string list = run.read("files.txt");
  const auto with_list = [&](const std::string& content, const std::string& naming) {
    write_file(run.path("files.txt"), content);
    run.finds_as_it_is(naming);
    write_file(run.path("files.txt"), list);
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    REQUIRE(list.find(from) != std::string::npos);
    return std::string(list).replace(list.find(from), from.size(), to);
  };
  with_list(replaced("13 report.html\n", ""), "report.html: not listed in files.txt");
  with_list(replaced("13 report.html\n", "12 report.html\n"), "report.html: files.txt states 12 bytes, found 13");
  with_list(replaced("13 report.html\n", "13 report.html\n13 report.html\n"), "a name that no other line has");
  with_list(replaced("13 report.html\n", "x report.html\n"), "expected lines of a size and a name");
  with_list(replaced("13 report.html\n", "13 report.html\n0 more.npy\n"),
            "more.npy: files.txt states 0 bytes, found none");
  with_list(replaced("run 1 complete", "run 1 incomplete"), "differ in whether the run is complete");
  with_list(replaced("run 1 complete", "run 2 complete"), "not a run's list of files");
  with_list(list.substr(0, list.size() - 1), "its last line does not end");
  std::filesystem::remove(run.path("files.txt"));
  run.finds_as_it_is("files.txt: no such file");
}

TEST_CASE("what no check looks into is named", "[verify]") {
  made_run run;
  run.put("extra.npy", "anything");
  run.publish();
  write_file(run.path("later.txt"), "mine");
  const verify_report report = verify_run(run.path());
  CHECK(report.violations.empty());
  CHECK(leaves(report, "extra.npy: its bytes alone were checked", settled_by::nothing));
  CHECK(leaves(report, "later.txt: no file of the run", settled_by::nothing));
  CHECK(leaves(report, "that votes and noise scales come from training", settled_by::replay));
  CHECK(leaves(report, "of the undefended model", settled_by::replay));
  CHECK(leaves(report, "that the operating system drew the key", settled_by::nothing));
  CHECK(leaves(report, "that the assumptions hold: constant_scale, one_noise_draw", settled_by::nothing));
}

TEST_CASE("the undefended model is right on whole samples, and stated assumptions are named", "[verify]") {
  made_run run;
  run.results["undefended"]["clean_accuracy"] = 0.5;
  run.finds("undefended: clean_accuracy is stated as 0.5, which is no number of 3 samples");
  run.results["undefended"]["clean_accuracy"] = 2.0 / 3.0;
  run.results["undefended"]["attack_success_rate"] = 0.75;
  run.finds("undefended: attack_success_rate is stated as 0.75, which is no number of 2 samples");
  run.results["undefended"]["attack_success_rate"] = 0.5;
  CHECK(run.verify().violations.empty());
  run.results["config"]["assume"] = {"scales_independent_of_features"};
  run.finds("assumptions do not name scales_independent_of_features, which config.assume states");
}

TEST_CASE("keys that cannot have been drawn are found", "[verify]") {
  made_run run;
  json& config = run.results["config"];
  config["seed"] = 7;
  run.finds("seed 7 is stated as drawn by the operating system");
  config["seed"] = config["data_seed"] = 12345678901234567;
  run.finds("seed 12345678901234567 is stated as drawn by the operating system");
  config["seed_given"] = true;
  run.results["assumptions"].push_back("noise_key_unknown_to_attacker");
  CHECK(run.verify().violations.empty());
  for (const char* name : {"seed", "data_seed"}) {
    for (const json& value : {json(nullptr), json("7"), json(-7)}) {
      const json kept = config[name];
      config[name] = value;
      run.finds(concatenate("config.", name, ": expected a key"));
      config[name] = kept;
    }
  }
}

TEST_CASE("votes of single members make up the counts", "[verify]") {
  made_run run;
  run.results["config"]["keep_votes"] = true;
  run.finds("rab/member_votes_clean.npy: not listed in arrays");
  const auto put = [&](const std::string& inputs, const made_samples& samples, std::int64_t members) {
    std::vector<std::uint8_t> votes;
    for (std::int64_t m = 0; m < members; ++m) {
      for (const made_sample& s : samples) votes.push_back(m < s.votes ? 0 : 1);
    }
    run.put("rab/member_votes_" + inputs + ".npy",
            npy_bytes<std::uint8_t>({static_cast<std::size_t>(members), samples.size()}, votes));
  };
  put("clean", honest_clean, models);
  put("triggered", honest_triggered, models);
  const verify_report report = run.verify();
  CAPTURE(report.violations);
  CHECK(report.violations.empty());
  put("clean", {{100, 0, 20}, {101, 1, 1}, {102, 0, 11}}, models);
  run.finds("rab, clean: the votes of its members do not add up to its counts");
  put("clean", honest_clean, models - 1);
  run.finds("votes of 19 members were kept, but there are 20 models");
  put("clean", honest_triggered, models);
  run.finds("expected votes of shape [M,3]");
  run.put("rab/member_votes_clean.npy", npy_bytes<std::uint8_t>({20, 3}, std::vector<std::uint8_t>(60, 2)));
  run.finds("a member's vote is for 2, which is no class");
}

TEST_CASE("pictures are of the first triggered samples", "[verify]") {
  made_run run;
  run.results["data"]["row_shape"] = {1, 3, 3};
  run.finds("examples: expected 2 samples, got 0");
  for (const int i : {0, 1}) {
    const std::string name = concatenate("pictures/", i, "_");
    for (const char* kind : {"clean", "triggered", "rab"}) {
      make_folder(run.path("pictures"));
      run.put(name + kind + ".png", "no picture");
    }
    run.results["examples"].push_back({{"id", i == 0 ? 100 : 102},
                                       {"label", 7},
                                       {"clean", name + "clean.png"},
                                       {"triggered", name + "triggered.png"},
                                       {"noisy", {{"rab", name + "rab.png"}}},
                                       {"sigma", {{"rab", sigma}}}});
  }
  const verify_report report = run.verify();
  CAPTURE(report.violations);
  CHECK(report.violations.empty());
  const json good = run.results;
  const auto changed = [&](const std::string& place, const json& value, const std::string& naming) {
    run.results["examples"][1][json::json_pointer(place)] = value;
    run.finds(naming);
    run.results = good;
  };
  changed("/id", 101, "examples: sample 101: expected sample 102");
  changed("/label", 8, "sample 102: its label is not that of the table of samples");
  changed("/sigma/rab", 0.1, "the scale of the picture of sample 102 is not that of the array");
  changed("/noisy", json::object(), "sample 102: its noisy pictures are not one by each defence");
  changed("/noisy/certified", "pictures/1_rab.png", "sample 102: its noisy pictures are not one by each defence");
  changed("/clean", "pictures/other.png", "pictures/other.png: not listed in arrays");
}
