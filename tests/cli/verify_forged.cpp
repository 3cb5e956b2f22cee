// SPDX-License-Identifier: MIT
// Brief: `verify` on runs that a forger changed, and then made right again: digests, sizes and sums agree.
#include "small_run.hpp"

using namespace certssb;
using namespace cli_test;

namespace {

/// The table with another cell, in the row of this number (from 1; 0 is the header).
std::string with_cell(const std::string& table, const std::string& column, std::size_t row, const std::string& cell) {
  std::vector<words> rows = cells_of(table);
  rows.at(row)[place_of(rows, column)] = cell;
  std::string changed;
  for (const words& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) changed.append(c > 0 ? "," : "").append(cells[c]);
    changed += '\n';
  }
  return changed;
}

bool any_names(const json& lines, const std::string& what) {
  return std::ranges::any_of(lines,
                             [&](const json& line) { return line.get<std::string>().find(what) != std::string::npos; });
}

}  // namespace

TEST_CASE("verify finds samples, evaluations, rows and files that the configuration contradicts", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--defences", "rab,cert-ssb"}});
  const json open = run.verifies();
  CHECK(any_names(open, "poisoned rows and the norms of their patterns are those of the configuration: --data"));
  CHECK(any_names(open, "come from training on the poisoned rows with the recorded key: --replay"));
  CHECK(any_names(open, "that the assumptions hold: noise_key_unknown_to_attacker"));
  const std::string clean = run.read("rab/samples_clean.csv");
  const std::string triggered = run.read("rab/samples_triggered.csv");
  const words ids = column(clean, "id");
  const words triggered_ids = column(triggered, "id");
  run.finds("rab/samples_clean.csv", with_cell(clean, "id", 2, ids[0]), "sample " + ids[0] + " comes twice");
  run.finds("rab/samples_triggered.csv", with_cell(triggered, "id", 1, "9999"), "sample 9999 is no clean sample");
  run.finds("rab/samples_triggered.csv", with_cell(triggered, "id", 1, "9999"),
            "sample " + triggered_ids[0] + " is missing");
  const words labels = column(clean, "label");
  const auto target = static_cast<std::size_t>(std::ranges::find(labels, "0") - labels.begin());
  run.finds("rab/samples_triggered.csv", with_cell(triggered, "id", 1, ids[target]),
            "the attack does not change its label");
  run.finds("rab/samples_triggered.csv", with_cell(triggered, "label", 1, "0"),
            "its label is 0, but 1 among the clean");
  run.finds("cert-ssb/samples_clean.csv", with_cell(run.read("cert-ssb/samples_clean.csv"), "id", 1, "9999"),
            "its samples are not those of the other defences, from row 0 on");
  const std::string more_columns = with_cell(clean, "outcome_uniform", 0, "outcome_uniform,radius_floor");
  std::string wider;
  for (const words& cells : cells_of(more_columns)) {
    const bool header = cells.back() == "radius_floor";
    for (std::size_t c = 0; c < cells.size(); ++c) wider.append(c > 0 ? "," : "").append(cells[c]);
    wider += header ? "\n" : ",0.9\n";
  }
  run.finds("rab/samples_clean.csv", wider, "the columns of its table of samples are not those of its evaluations");

  const auto changed = [&](const std::string& path, const json& value, const std::string& naming) {
    json results = run.results();
    results[json::json_pointer(path)] = value;
    run.finds(results, naming);
  };
  json invented = run.results();
  invented["defences"][0]["evaluations"].push_back(invented["defences"][0]["evaluations"][0]);
  invented["defences"][0]["evaluations"].back()["mode"] = "floor";
  run.finds(invented, "the configuration asks for mode uniform, issued were uniform floor");
  invented["defences"][0]["evaluations"].back()["inputs"] = "shifted";
  run.refuses(invented, "evaluations[2].inputs: expected clean or triggered");
  changed("/config/rate", 0.2, "but config.rate of 254 training rows is 51");
  changed("/config/delta", 0.1, "more than config.delta allows, 0.1");
  changed("/config/target", 1, "the attack does not change its label, 1");
  changed("/config/classes", "0,1", "data.classes are not those of config.classes");
  changed("/config/train_rows", 200, "data.train is stated as 254, but config.train_rows is 200");
  changed("/config/seed_given", false, "seed 7 is stated as drawn by the operating system");
  changed("/data/trigger_l2_max", 0.0, "data.trigger_l2_max is stated as 0, recomputed as 0.2");
  changed("/complete", false, "differ in whether the run is complete");
  changed("/examples", json::array(), "examples: expected 5 samples, got 0");
  changed("/examples/0/sigma/rab", 0.1, "is not that of the array");

  run.write("report.html", "<html>certified: 100 %</html>");
  run.finds_as_it_is("report.html: its bytes changed");
}

TEST_CASE("verify carries the attack out again", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--defences", "rab,cert-ssb"}, {"--classes", "1,2,0"}}, {"--allow-no-certificate"});
  CHECK_FALSE(any_names(run.verifies({"--data"}), "--data"));
  const json good = run.results();

  // Another row than the one that was poisoned: nothing in the folder contradicts it.
  const std::string rows = run.read("poisoned_rows.npy");
  std::int64_t first = 0;
  std::memcpy(&first, rows.data() + small_run::header_of(rows), sizeof first);
  const std::string changed = run.read("relabelled_rows.npy");
  for (const char* name : {"poisoned_rows.npy", "relabelled_rows.npy"}) {
    run.forge(name, run.with_value<std::int64_t>(name, 0, first == 0 ? 1 : first - 1));
  }
  run.verifies();
  run.finds_as_it_is("poisoned_rows.npy: the attack poisons other rows", {"--data"});
  run.forge("poisoned_rows.npy", rows);
  run.forge("relabelled_rows.npy", changed);

  const std::string inputs = run.read("inputs_clean.npy");
  run.forge("inputs_clean.npy", run.with_value<float>("inputs_clean.npy", 0, 0.0F));
  run.finds_as_it_is("its stored input is not that of the data", {"--data"});
  run.forge("inputs_clean.npy", inputs);

  json other = good;
  other["config"]["data_seed"] = 8;
  run.finds(other, "poisoned_rows.npy: the attack poisons other rows", {"--data"});
  const std::string table = run.read("rab/samples_clean.csv");
  run.forge("rab/samples_clean.csv", with_cell(table, "label", 1, column(table, "label")[0] == "2" ? "1" : "2"));
  run.finds_as_it_is("in the data it is", {"--data"});
  run.forge("rab/samples_clean.csv", table);
  run.verifies({"--data"});

  std::filesystem::remove_all(p.path("data"));
  p.refuses({"verify", p.path("run"), "--data"}, "no such folder");
}

TEST_CASE("verify trains members again and compares their votes", "[cli][end-to-end]") {
  program p;
  small_run run(p, {{"--defences", "rab,cert-ssb"}, {"--sigma", "2"}}, {"--keep-votes"});
  const json open = run.verifies({"--replay", "2"});
  CHECK(any_names(open, "rab: that the votes of its other 12 of 14 models come from training"));
  CHECK_FALSE(any_names(open, "--replay"));
  CHECK_FALSE(any_names(open, "--data"));
  CHECK_FALSE(any_names(run.verifies({"--replay", "14", "--replay-seed", "1"}), "come from training"));

  // Two members change places on one sample: no sum tells.
  const std::string votes = run.read("rab/member_votes_clean.npy");
  std::string changed = votes;
  const std::size_t from = small_run::header_of(votes);
  const std::size_t n = (votes.size() - from) / 14;
  std::size_t at = from;
  while (at < from + n && votes[at] == votes[at + n]) ++at;
  REQUIRE(at < from + n);
  std::swap(changed[at], changed[at + n]);
  run.forge("rab/member_votes_clean.npy", changed);
  run.verifies();
  run.finds_as_it_is("rab, clean, member 0, votes: 1 of 16 values are not those of its training", {"--replay", "20"});
  run.forge("rab/member_votes_clean.npy", votes);

  // Another key, or another claim about the model that nobody defends.
  json other = run.results();
  other["config"]["seed"] = 8;
  run.finds(other, "values are not those of its training", {"--replay", "1"});
  other = run.results();
  other["undefended"]["attack_success_rate"] = other["undefended"]["attack_success_rate"] == 0.25 ? 0.5 : 0.25;
  run.finds(other, "undefended: 1 of 2 values are not those of its training", {"--replay", "1"});
  other = run.results();
  other["defences"][0]["settings"]["epochs"] = 9;
  other["config"]["epochs"] = 9;
  run.finds(other, "values are not those of its training", {"--replay", "1"});
  other["config"]["epochs"] = nullptr;
  run.finds(other, "rab: its settings state epochs 9, the configuration gives it 2", {"--replay", "1"});

  // Another build may have other bits: said, not failed.
  other = run.results();
  other["config"]["seed"] = 8;
  other["build"]["compiler"] = "another compiler";
  run.forge(other);
  CHECK(any_names(run.verifies({"--replay", "1"}), "but the run was made by another build"));
}

TEST_CASE("a replay says what it cannot do without kept votes, and does all else", "[cli][end-to-end]") {
  program p;
  const auto all_again = [&](const std::map<std::string, std::string>& options, const words& repeated = {}) {
    CAPTURE(options);
    small_run run(p, options, repeated);
    const std::string models = run.results()["defences"][0]["models"].dump();
    CHECK_FALSE(any_names(run.verifies({"--replay", models == "0" ? "1" : models}), "come from training"));
    return run;
  };
  small_run run = all_again({{"--defences", "rab"}});
  CHECK(
      any_names(run.verifies({"--replay", "2"}), "rab: that its votes come from training: it kept no votes of single"));
  all_again({{"--defences", "rab"}, {"--bound", "mixture"}}, {"--allow-no-certificate"});
  all_again({{"--defences", "certified"}, {"--mode", "knn1_exact"}});
  all_again({{"--defences", "certified"}, {"--mode", "uniform"}, {"--test-noise-scale", "own"}}, {"--keep-votes"});
  all_again({{"--defences", "certified"}, {"--mode", "quantised"}, {"--trusted-rows", "60"}},
            {"--assume", "selector_fixed_independently_of_data"});
  all_again({{"--defences", "rab"}, {"--stop-at-radius", "0.1"}, {"--decide-fraction", "0.5"}, {"--models", "60"}},
            {"--keep-votes"});
}
