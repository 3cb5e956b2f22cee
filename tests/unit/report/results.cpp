// SPDX-License-Identifier: MIT
#include "certssb/report/conditions.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/report/html.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/summary.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace certssb;

namespace {

run_results sample_results() {
  run_results r;
  r.version = "0.1.0";
  r.config = {{"dataset", std::string("idx:<b>folder</b>")},
              {"sigma", 0.1},
              {"models", std::uint64_t{20}},
              {"train_rows", {}},
              {"target", std::int64_t{-3}},
              {"radii", std::vector<double>{0.0, 0.05}},
              {"defences", std::vector<std::string>{"rab"}}};
  r.assumptions = {"noise_key_unknown_to_attacker"};
  r.arrays = {{"rab/votes_clean.npy", "00ff"}};
  r.data = {600, 200, 60, {0, 1}, 1.0, 7.5, 1.0, 60.0, 784, {1, 28, 28}};
  r.undefended = {0.99, 0.98};
  evaluation_result e;
  e.inputs = "triggered";
  e.mode = "uniform";
  e.certified = true;
  e.n = 100;
  e.empirical_accuracy = 1.0 / 3.0;
  e.certified_accuracy = {{0.0, 0.9}, {0.05, 0.1}};
  e.certified_ratio = {{0.0, 0.95}, {0.05, 0.2}};
  e.abstain_rate = 0.05;
  e.average_certified_radius = 0.1 + 0.2;
  e.delta_r = {60, 0.007};
  r.defences = {{"rab", 20, 0.001, "clopper-pearson", {0.5, 0.5, 0.5}, {{"epochs", std::uint64_t{2}}}, {e}, {}}};
  e.mode = "published";
  e.certified = false;
  e.storage_update = true;
  e.storage_events = {{"keep", 90}, {"trim", 6}, {"adopt", 3}, {"abstain", 1}};
  e.storage_gap = -0.1 - 0.2;
  r.defences.push_back(
      {"cert-ssb", 20, 0.001, "clopper-pearson", {0.5, 1.0, 1.5}, {{"test_noise", std::string("one")}}, {e}, {}});
  r.timing = {1000.0, 1.0, 0.1, 0.2, 12.0, 2};
  r.examples = {{7, 1, "pictures/0_clean.png", "pictures/0_triggered.png", {{"rab", "n.png"}}, {{"rab", 0.5}}}};
  return r;
}

}  // namespace

TEST_CASE("results survive writing and reading with every digit", "[report]") {
  const run_results r = sample_results();
  const json written = results_to_json(r);
  const run_results back = results_from_json(json::parse(written.dump()), "test");
  CHECK(results_to_json(back).dump() == written.dump());
  CHECK(back.defences[0].evaluations[0].average_certified_radius == 0.1 + 0.2);
  CHECK(back.data.class_text(0) == "0");  // without names
  run_results named = sample_results();
  named.data.class_names = {"cat", "dog"};
  named.changes = {{7, 1, 2, {{"size", 0.25, 0.5}}}};
  const run_results named_back = results_from_json(json::parse(results_to_json(named).dump()), "x");
  CHECK(named_back.data.class_text(1) == "dog");
  CHECK(named_back.data.class_text(9) == "9");
  REQUIRE(named_back.changes.size() == 1);
  CHECK(named_back.changes[0].most[0].column == "size");
  CHECK(named_back.changes[0].most[0].triggered == 0.5);
  json wrong = results_to_json(named);
  wrong["data"]["class_names"] = {"cat"};
  CHECK_THROWS_WITH(results_from_json(json::parse(wrong.dump()), "x"),
                    Catch::Contains("data.class_names: expected one name per class, or none"));
  CHECK(back.config[1].first == "sigma");
  CHECK(written["config"]["train_rows"].is_null());
  CHECK(std::holds_alternative<std::monostate>(*find_option(back.config, "train_rows")));
  CHECK(find_option(back.config, "rows") == nullptr);
  CHECK(back.defences[1].evaluations[0].storage_gap == -0.1 - 0.2);
  CHECK(written["defences"][1]["evaluations"][0]["storage_events"]["trim"] == 6);
}

TEST_CASE("results.json has the documented keys", "[report]") {
  const json j = results_to_json(sample_results());
  const auto keys = [](const json& object) {
    std::vector<std::string> names;
    for (const auto& entry : object.items()) names.push_back(entry.key());
    return names;
  };
  using names = std::vector<std::string>;
  CHECK(keys(j) == names{"schema", "version", "build", "complete", "config", "assumptions", "arrays", "data",
                         "undefended", "defences", "timing", "examples", "changes"});
  CHECK(keys(j["data"]) == names{"train", "test", "poisoned_rows", "classes", "class_names", "pattern_l2_max",
                                 "pattern_l2_frobenius", "trigger_l2_max", "pattern_l1_sum", "row_size", "row_shape",
                                 "relabelled_rows", "pattern_l1_max", "trigger_l1_max"});
  CHECK(keys(j["undefended"]) == names{"clean_accuracy", "attack_success_rate"});
  CHECK(keys(j["defences"][0]) == names{"name", "models", "alpha", "bound", "sigma_train", "settings", "evaluations"});
  CHECK(keys(j["defences"][0]["sigma_train"]) == names{"min", "mean", "max"});
  CHECK(keys(j["defences"][0]["evaluations"][0]) == names{"inputs",
                                                          "mode",
                                                          "certified",
                                                          "norm",
                                                          "assumptions",
                                                          "conditional_on",
                                                          "storage_update",
                                                          "n",
                                                          "empirical_accuracy",
                                                          "certified_accuracy",
                                                          "certified_ratio",
                                                          "abstain_rate",
                                                          "average_certified_radius",
                                                          "delta_r",
                                                          "delta_r_assumed",
                                                          "rows",
                                                          "frontier",
                                                          "attack_covered",
                                                          "attack_covered_and_right",
                                                          "certified_against_this_attack"});
  CHECK(keys(j["timing"]) == names{"train_samples_per_s", "ascent_s", "certify_s", "storage_s", "total_s", "threads"});
}

TEST_CASE("rows that say the same with storage-update and without are one row", "[report]") {
  run_results r = sample_results();
  evaluation_result plain = r.defences[1].evaluations[0];
  plain.storage_update = false;
  r.defences[1].evaluations.insert(r.defences[1].evaluations.begin(), plain);
  const auto lines = [](const run_results& results) {
    const std::string text = evaluation_table(std::vector{named_run{"", results}}).text();
    return std::ranges::count(text, '\n');
  };
  const auto merged = lines(r);
  CHECK(evaluation_table(std::vector{named_run{"", r}}).text().find("published [+ storage-update] (not certified)") !=
        std::string::npos);
  r.defences[1].evaluations[1].average_certified_radius = 0.1;
  CHECK(lines(r) == merged + 1);
}

TEST_CASE("where a mode speaks of rows alone, radii are not shown as 0", "[report]") {
  run_results r = sample_results();
  evaluation_result& e = r.defences[0].evaluations[0];
  e.mode = "parts";
  e.norm = "rows";
  e.rows = {.median = 40.0, .certified_accuracy = {{0, 0.875}, {1, 0.75}}};
  r.defences[0].evaluations.resize(1);
  r.defences.resize(1);
  const std::string text = evaluation_table(std::vector{named_run{"", r}}).text();
  const std::string row = text.substr(text.find("parts"));
  CHECK(row.find("     87.5 %       -    5.0 %            -") !=
        std::string::npos);  // certified, r>0.05, abstain, mean
}

TEST_CASE("the report says what storage-update did, and how near regions of different labels came", "[report]") {
  run_results r = sample_results();
  CHECK(
      storage_text(r) ==
      "Storage-update of cert-ssb, triggered inputs: 6 regions trimmed, 3 labels adopted, 90 regions kept. Regions of "
      "different labels overlap by up to 0.3000 (76.5/255).\n");
  r.defences[1].evaluations[0].storage_gap = 4.0;
  CHECK_THAT(storage_text(r), Catch::Contains("come no nearer to each other than 4.0000 (1020.0/255).\n"));
  r.defences.pop_back();
  CHECK(storage_text(r).empty());
}

TEST_CASE("conditions name each certified mode's assumptions once, and what rests on the caller's word", "[report]") {
  run_results r;
  r.config = {{"assume", std::vector<std::string>{"selector_fixed_independently_of_data"}}, {"seed_given", true}};
  evaluation_result given;
  given.mode = "given_scales";
  given.certified = true;
  given.assumptions = {"models_independent", "members_never_read_raw_rows"};
  given.conditional_on = {"train_scales"};
  evaluation_result published;
  published.mode = "published";
  r.defences.resize(1);
  r.defences[0].evaluations = {given, given, published};
  CHECK(conditions_text(r) ==
        "Certified, provided that:\n"
        "  given_scales: models_independent, members_never_read_raw_rows; given train_scales\n"
        "  on your word (--assume): selector_fixed_independently_of_data\n"
        "  as --seed was given: noise_key_unknown_to_attacker\n");
  r.config = {{"assume", std::vector<std::string>{}}, {"seed_given", false}};
  r.defences.clear();
  CHECK(conditions_text(r) == "Certified, provided that:\n");
}

TEST_CASE("early stopping tells models spent against samples decided", "[report]") {
  run_results r;
  r.defences.resize(2);
  r.defences[1].name = "certified";
  CHECK(stopping_text(r).empty());
  r.defences[1].stopping = {{1, 0, 0, 0.0}, {2, 40, 20, 0.6}, {3, 60, 20, 0.8}};
  CHECK(stopping_text(r) ==
        "Early stopping, certified: 3 models decided 80.0 % of the test samples: 60 certified, 20 without hope of a "
        "certificate.\n"
        "  2 models decided 50.0 %\n"
        "  3 models decided 75.0 %\n");
}

TEST_CASE("the page stands alone, escapes what comes from outside and never calls published certified", "[report]") {
  run_page page;
  page.run = {"<script>alert(1)</script>", sample_results()};
  page.png = {{"pictures/0_clean.png", "abc"}};
  page.figures = {{"two & two", "<svg id='gpPt0'><title>Gnuplot</title></svg>", "x < y"},
                  {"curves", "", "gnuplot: cannot be started"}};
  const std::string html = html_page(std::vector<run_page>{page, page});
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("http") == std::string::npos);
  CHECK(html.find("<b>folder") == std::string::npos);
  CHECK(html.find("&lt;b&gt;folder") != std::string::npos);
  CHECK(html.find("published + storage-update (not certified)") != std::string::npos);
  CHECK(html.find("data:image/png;base64,YWJj") != std::string::npos);
  CHECK(html.find("f1-gpPt0") != std::string::npos);
  CHECK(html.find("f3-gpPt0") != std::string::npos);
  CHECK(html.find("<title>two &amp; two</title>") != std::string::npos);
  CHECK(html.find("<figcaption>x &lt; y</figcaption>") != std::string::npos);
  CHECK(html.find("<tr class=\"uncertified\">") != std::string::npos);
  CHECK(html.find("Not drawn: gnuplot: cannot be started") != std::string::npos);
}

TEST_CASE("shares are looked up at the largest radius not above the one asked for", "[report]") {
  const std::vector<radius_share> curve{{0.0, 0.9}, {0.05, 0.5}, {0.1, 0.25}};
  CHECK(share_at(curve, 0.0) == 0.9);
  CHECK(share_at(curve, 0.07) == 0.5);
  CHECK(share_at(curve, 5.0) == 0.25);
  CHECK(share_at({}, 0.0) == 0.0);
}
