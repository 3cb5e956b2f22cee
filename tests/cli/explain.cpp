// SPDX-License-Identifier: MIT
// Brief: `report --sample` on small runs in every kind of mode: the numbers of closed forms, the table's own radius,
// and what it refuses.
#include "small_run.hpp"

#include "certssb/core/normal.hpp"

#include <cmath>

using namespace certssb;
using cli_test::answer;
using cli_test::program;
using cli_test::small_run;

namespace {

/// The cells of a table of samples, by row and column.
std::vector<std::map<std::string, std::string>> table_of(const std::string& text) {
  const auto cells_of = [](const std::string& line) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    return cells;
  };
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  lines.pop_back();
  const std::vector<std::string> columns = cells_of(lines.at(0));
  std::vector<std::map<std::string, std::string>> rows;
  for (std::size_t r = 1; r < lines.size(); ++r) {
    const std::vector<std::string> cells = cells_of(lines[r]);
    rows.emplace_back();
    for (std::size_t c = 0; c < columns.size(); ++c) rows.back()[columns[c]] = cells.at(c);
  }
  return rows;
}

json explain(program& p, std::size_t sample, const std::string& inputs) {
  const answer a = p.run({"report", p.path("run"), "--sample", std::to_string(sample), "--inputs", inputs, "--json"});
  CAPTURE(a.errors);
  REQUIRE(a.status == 0);
  return a.object();
}

/// The first row whose votes are these.
std::size_t row_with(const std::vector<std::map<std::string, std::string>>& rows, const std::string& votes) {
  const auto found = std::ranges::find_if(rows, [&](const auto& row) { return row.at("votes") == votes; });
  REQUIRE(found != rows.end());
  return static_cast<std::size_t>(found - rows.begin());
}

}  // namespace

TEST_CASE("a unanimous sample is explained by closed forms, and storage by the region it met", "[cli][end-to-end]") {
  program p;
  const small_run run(p, {});
  const auto rows = table_of(run.read("rab/samples_clean.csv"));
  const std::size_t sample = row_with(rows, "14 0");
  const json j = explain(p, sample, "clean");
  CHECK(j["sample"] == sample);
  CHECK(std::to_string(j["id"].get<int>()) == rows[sample].at("id"));
  REQUIRE(j["explanations"].size() == 4);
  const json& e = j["explanations"][0];
  const auto radius = [](double models) { return 0.5 * normal_quantile(std::pow(0.01, 1.0 / models)); };
  CHECK(e["defence"] == "rab");
  CHECK(e["mode"] == "uniform");
  CHECK(e["votes"] == json({14.0, 0.0}));
  CHECK(e["radius"].get<double>() == Approx(radius(14)).epsilon(1e-9));
  CHECK(e["limit"] == "number_of_models");
  CHECK(e["radius_if"]["ten_times_the_models"].get<double>() == Approx(radius(140)).epsilon(1e-9));
  CHECK(e["radius_if"]["ever_more_models"].is_null());
  CHECK(e["least_models"] == std::ceil(std::log(0.01) / std::log(0.5)));
  // The next radius of the run's curve: 0, .05, ..., .5.
  const double wanted = 0.05 * std::ceil(radius(14) / 0.05);
  CHECK(e["wanted"]["radius"].get<double>() == Approx(wanted));
  CHECK(e["wanted"]["models_that_all_agree"] == std::ceil(std::log(0.01) / std::log(normal_cdf(2.0 * wanted))));
  CHECK(e["wanted"]["scale"].get<double>() == Approx(0.5 * wanted / radius(14)));
  CHECK(e["attack"]["covered"] == false);
  CHECK(e["attack"]["budget_needed"].get<double>() ==
        Approx(2.0 * run.results()["data"]["pattern_l2_frobenius"].get<double>()).epsilon(1e-6));

  const json& published = j["explanations"][2];
  CHECK(published["certified"] == false);
  CHECK(published["attack"]["budget_needed"].is_null());
  CHECK(j["explanations"][3]["storage_update"] == true);
  CHECK(j["explanations"][3]["radius_if"]["no_storage_update"] == published["radius"]);

  const answer words = p.run({"report", p.path("run"), "--sample", std::to_string(sample), "--defence", "rab"});
  CHECK(words.status == 0);
  CHECK_THAT(words.out, Catch::Contains("CERTIFIED as class 0") &&
                            Catch::Contains("The number of models: all 14 models agree") &&
                            !Catch::Contains("published"));
}

TEST_CASE("every kind of mode is explained at the radius that its run states", "[cli][end-to-end]") {
  program p;
  const std::string scales =
      p.put("s.npy", {cli_test::rows_of_two_classes}, cli_test::two_scales(cli_test::rows_of_two_classes));
  const std::set<std::string> modes{
      "frozen", "ledger",        "quantised",  "semi_elastic", "uniform_l1",        "knn1_exact",
      "memory", "uniform+joint", "laplace_l1", "given_scales", "frozen+label-noise"};
  std::set<std::string> seen;
  for (const cli_test::mode_case& c : cli_test::every_mode(scales)) {
    if (!modes.contains(c.mode)) continue;
    CAPTURE(c.mode);
    std::map<std::string, std::string> options = c.options;
    options.insert({{"--defences", "certified"}, {"--mode", c.mode}});
    const small_run run(p, options, c.repeated);
    seen.insert(c.mode);
    const bool slow = c.options.contains("--rows-changed");  // half a second for each radius that is asked about
    for (const std::string inputs : {"clean", "triggered"}) {
      if (slow && inputs == "triggered") continue;
      const auto rows = table_of(run.read("certified/samples_" + inputs + ".csv"));
      const std::size_t sample = inputs == "clean" ? 0 : rows.size() - 1;
      const json j = explain(p, sample, inputs);
      REQUIRE(j["explanations"].size() == 1);
      const json& e = j["explanations"][0];
      CHECK(e["mode"] == c.mode);
      CHECK(e["norm"] == c.norm);
      CHECK(e["radius"].get<double>() == Approx(std::stod(rows[sample].at("radius_" + c.mode))).epsilon(1e-9));
      CHECK(e["outcome"] == rows[sample].at("outcome_" + c.mode));
      CHECK((e["votes_are"] == "none") == (c.mode == "knn1_exact"));
      if (c.mode != "memory" && !e["radius_if"]["unanimous"].is_null()) {
        CHECK(e["radius_if"]["unanimous"].get<double>() >= e["radius"].get<double>());
      }
    }
    if (slow) continue;
    CHECK_THAT(p.run({"report", p.path("run"), "--sample", "0"}).out,
               Catch::Contains("  limit") && Catch::Contains("mode " + c.mode));
  }
  CHECK(seen == modes);
}

TEST_CASE("mean scores and early stopping are explained by their own bounds", "[cli][end-to-end]") {
  program p;
  {
    const small_run run(p, {{"--defences", "rab"}, {"--bound", "hoeffding"}});
    const json e = explain(p, 0, "clean")["explanations"][0];
    CHECK(e["votes_are"] == "mean_scores");
    CHECK(e["bounds_sharing_alpha"] == 4.0);
    const double lower = 1.0 - std::sqrt(std::log(4.0 / 0.02) / (2.0 * 14.0));
    CHECK(e["radius_if"]["unanimous"].get<double>() == Approx(0.5 * normal_quantile(lower)).epsilon(1e-9));
  }
  const small_run run(p, {{"--defences", "rab"}, {"--models", "40"}, {"--stop-at-radius", "0.05"}});
  const json e = explain(p, 0, "triggered")["explanations"][0];
  CHECK(e["bound"] == "jeffreys-sequence");
  CHECK(e["models"] == run.results()["defences"][0]["models"]);
}

TEST_CASE("report --sample refuses what the run does not have", "[cli][end-to-end]") {
  program p;
  const small_run run(p, {{"--defences", "rab"}});
  const std::string folder = p.path("run");
  const std::size_t n = table_of(run.read("rab/samples_clean.csv")).size();
  const std::string last = std::to_string(n - 1);
  p.refuses({"report", folder, "--sample", std::to_string(n)}, "--sample: the run has clean samples 0 to " + last);
  p.refuses({"report", folder, "--sample", "-1"}, "--sample");
  p.refuses({"report", folder, "--sample", "0", "--defence", "magic"}, "--defence: the run has rab, not magic");
  p.refuses({"report", folder, "--sample", "0", "--inputs", "muddy"}, "--inputs");
  p.refuses({"report", folder, "--inputs", "clean"}, "--sample");
  p.refuses({"report", folder, folder, "--sample", "0"}, "--sample explains one run, got 2");
  p.refuses({"report", folder, "--sample", "0", "--html", p.path("x.html")}, "--html");
  p.refuses({"report", p.path("absent"), "--sample", "0"}, "no such file");
}
