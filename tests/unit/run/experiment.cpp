// SPDX-License-Identifier: MIT
#include "certssb/run/experiment.hpp"

#include "certssb/backend/tbb.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/report/json.hpp"
#include "certssb/report/read_run.hpp"
#include "small_experiment.hpp"
#include "support/centroid_model.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

using namespace certssb;
using run_test::rows_type;
using run_test::small_experiment;
using run_test::temporary_place;

namespace {

json without_timing(const run_results& results) {
  json j = results_to_json(results);
  j.erase("timing");
  j.erase("arrays");
  j.erase("examples");  // these two are of what a folder shows
  j.erase("changes");
  return j;
}

}  // namespace

TEST_CASE("an experiment gives the same results with and without a folder, for any executor", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab", "cert-ssb", "certified"};
  const temporary_place place;
  run_folder folder(place / "run", existing_run::refuse);
  const run_results written = f.run(serial_executor{}, &folder);
  CHECK(without_timing(written) == without_timing(f.run(serial_executor{})));
  CHECK(without_timing(written) == without_timing(f.run(tbb_executor(2))));
  CHECK(results_to_json(read_run(place / "run").results) == results_to_json(written));
  CHECK(std::filesystem::exists(place / "run/report.html"));
}

TEST_CASE("the shares in results.json are those of the table of samples", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab", "cert-ssb", "certified"};
  const temporary_place place;
  run_folder folder(place / "run", existing_run::refuse);
  const run_results results = f.run(serial_executor{}, &folder);
  REQUIRE(results.defences.size() == 3);
  std::set<std::string> modes;
  for (const defence_result& d : results.defences) {
    for (const evaluation_result& e : d.evaluations) {
      CAPTURE(d.name, e.mode, e.inputs);
      modes.insert(e.mode);
      const csv_table_text samples = read_csv(place / "run" / d.name / ("samples_" + e.inputs + ".csv"));
      const std::string column = "radius_" + e.mode + (e.storage_update ? "_storage_update" : "");
      REQUIRE(samples.rows() == e.n);
      double right = 0.0;
      double certified = 0.0;
      for (std::size_t i = 0; i < samples.rows(); ++i) {
        const bool same =
            samples.integer(i, samples.column("predicted")) == samples.integer(i, samples.column("label"));
        right += same ? 1.0 : 0.0;
        certified += same && samples.real(i, samples.column(column)) > 0.1 ? 1.0 : 0.0;
      }
      const auto n = static_cast<double>(e.n);
      REQUIRE(e.certified_accuracy.size() == 3);
      if (!e.storage_update) CHECK(e.empirical_accuracy == Approx(right / n).margin(1e-12));
      if (!e.storage_update) CHECK(e.certified_accuracy[1].value == Approx(certified / n).margin(1e-12));
    }
  }
  CHECK(modes == std::set<std::string>{"uniform", "given_scales", "published"});
}

TEST_CASE("the votes of an experiment are those of the step it is made of", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab"};
  const temporary_place place;
  run_folder folder(place / "run", existing_run::refuse);
  static_cast<void>(f.run(serial_executor{}, &folder));
  const auto data = poison_split(f.split, f.attack, random_key{5});
  const std::array<const rows_type*, 2> tests{&data.clean, &data.triggered};
  const gaussian_noise noise;
  const serial_executor executor;
  const auto outcome = run_uniform(defence_context{f.method, noise, executor, f.silent, random_key{5}}, data.train.data,
                                   std::span<const rows_type* const>(tests),
                                   smoothing_options{.sigma = 0.4, .test_sigma = 0.4, .models = 15});
  for (std::size_t which = 0; which < 2; ++which) {
    const auto kept = read_npy_integers(place / "run/rab" / (std::string("votes_") + input_names[which] + ".npy"));
    const auto counted = outcome.ballots[which].votes.values();
    CHECK(kept.values == std::vector<std::int64_t>(counted.begin(), counted.end()));
  }
}

TEST_CASE("which rows are poisoned depends on the key of the data alone", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab"};
  f.settings.training.sigma = 3.0;  // so much that members differ
  const temporary_place place;
  const auto poisoned = [&](std::uint64_t seed, std::uint64_t data_seed) {
    f.settings.seed = seed;
    f.settings.data.data_seed = data_seed;
    run_folder folder(place / "run", existing_run::overwrite);
    static_cast<void>(f.run(serial_executor{}, &folder));
    return std::pair(read_npy_integers(place / "run/poisoned_rows.npy").values,
                     read_npy_integers(place / "run/rab/votes_clean.npy").values);
  };
  const auto first = poisoned(1, 10);
  const auto other_noise = poisoned(2, 10);
  const auto other_data = poisoned(1, 11);
  CHECK(first.first == other_noise.first);
  CHECK(first.second != other_noise.second);
  CHECK(first.first != other_data.first);
}

TEST_CASE("a key from the operating system is recorded, and is no assumption", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab"};
  f.settings.seed.reset();
  const run_results results = f.run(serial_executor{});
  const json config = results_to_json(results).at("config");
  CHECK(config.at("seed").is_number_unsigned());
  CHECK(config.at("seed_given") == false);
  CHECK(std::ranges::count(results.assumptions, "noise_key_unknown_to_attacker") == 0);
  f.settings.seed = config.at("seed").get<std::uint64_t>();
  f.settings.data.data_seed = config.at("data_seed").get<std::uint64_t>();
  const run_results again = f.run(serial_executor{});
  CHECK(std::ranges::count(again.assumptions, "noise_key_unknown_to_attacker") == 1);
  CHECK(results_to_json(again).at("defences") == results_to_json(results).at("defences"));
}

TEST_CASE("results of own data name no file, attack or label map that was not used", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab"};
  const json config = results_to_json(f.run(serial_executor{})).at("config");
  for (const char* name : {"dataset", "classes", "train_rows", "test_rows", "attack", "delta", "target", "label_map"}) {
    CAPTURE(name);
    CHECK(config.at(name).is_null());
  }
  CHECK(config.at("rate") == 0.1);
}

TEST_CASE("each defence records how it was trained, and null for what it had no use for", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab", "cert-ssb", "certified"};
  const json defences = results_to_json(f.run(serial_executor{})).at("defences");
  REQUIRE(defences.size() == 3);
  const json& rab = defences[0].at("settings");
  const json& own = defences[1].at("settings");
  const json& sound = defences[2].at("settings");
  CHECK(rab.at("epochs") == 2);
  CHECK(sound.at("epochs") == 3);
  CHECK(rab.at("test_noise") == "one");
  CHECK(sound.at("test_noise") == "mean:16");
  CHECK(sound.at("test_noise_scale") == "0.2");
  CHECK(rab.at("ascent_steps").is_null());
  CHECK(own.at("ascent_steps") == 2);
  CHECK(own.at("ascent_estimator") == "pathwise");
  CHECK(rab.at("flip_probability").is_null());
}

TEST_CASE("an experiment that can certify nothing is refused before it trains", "[run]") {
  small_experiment f;
  f.settings.certification.alpha = 1e-6;
  CHECK_THROWS_WITH(f.run(serial_executor{}), Catch::Contains("can certify nothing"));
  f.settings.certification.allow_no_certificate = true;
  CHECK_NOTHROW(f.run(serial_executor{}));
}

TEST_CASE("a cancelled experiment leaves the defences that were complete", "[run]") {
  struct stops_second {
    bool operator()(const progress& now) const { return !now.task.starts_with("cert-ssb"); }
  };
  small_experiment f;
  const temporary_place place;
  {
    run_folder folder(place / "run", existing_run::refuse);
    stops_second watch;
    CHECK_THROWS_AS(run_experiment(f.split, f.attack, f.method, f.settings, serial_executor{}, watch, &folder),
                    cancelled);
  }
  const run_results kept = read_run(place / "run").results;
  CHECK_FALSE(kept.complete);
  REQUIRE(kept.defences.size() == 1);
  CHECK(kept.defences[0].name == "rab");
}

TEST_CASE("kept votes are those that were counted, one byte each", "[run]") {
  small_experiment f;
  f.settings.defences = {"rab"};
  f.settings.keep_votes = true;
  f.settings.training.sigma = 3.0;  // so much that members differ
  const temporary_place place;
  run_folder folder(place / "run", existing_run::refuse);
  static_cast<void>(f.run(serial_executor{}, &folder));
  const auto counts = read_npy_integers(place / "run/rab/votes_clean.npy");
  const npy_header header = read_npy_header(place / "run/rab/member_votes_clean.npy");
  CHECK(header.type == "|u1");
  REQUIRE(header.shape == std::vector<std::size_t>{15, 30});
  const std::string votes = read_file(place / "run/rab/member_votes_clean.npy").substr(header.offset);
  for (std::size_t i = 0; i < 30; ++i) {
    std::int64_t for_one = 0;
    for (std::size_t m = 0; m < 15; ++m) for_one += votes[m * 30 + i];
    CHECK(counts.values[2 * i + 1] == for_one);
  }
}

TEST_CASE("parts of the training set vote, each with a model or an ensemble of its own", "[run][parts]") {
  small_experiment f;
  f.settings.defences = {"parts", "smoothed-parts"};
  f.settings.parts.parts = 20;
  f.settings.parts.sigma = 0.3;
  f.settings.parts.members = 30;
  const temporary_place place;
  run_folder folder(place / "run", existing_run::refuse);
  const run_results results = f.run(serial_executor{}, &folder);
  CHECK(without_timing(results) == without_timing(f.run(tbb_executor(2))));
  REQUIRE(results.defences.size() == 2);
  const auto cut = read_npy_integers(place / "run/parts/part_of_row.npy").values;
  CHECK(cut == read_npy_integers(place / "run/smoothed-parts/part_of_row.npy").values);
  CHECK(std::ranges::max(cut) == 19);
  CHECK(read_npy_integers(place / "run/smoothed-parts/part_votes_clean.npy").shape ==
        std::vector<std::size_t>{20, 30, 2});
  CHECK(read_npy_integers(place / "run/parts/member_votes_clean.npy").shape == std::vector<std::size_t>{20, 30});

  // Eight rows are poisoned. A certificate that covers the attack with its labels covers it as observed too, and rows
  // are survived by fewer samples the more there are.
  for (const defence_result& d : results.defences) {
    for (const evaluation_result& e : d.evaluations) {
      CAPTURE(d.name, e.inputs);
      CHECK(e.mode == (d.name == "parts" ? "parts" : "uniform+parts"));
      CHECK(e.attack_covered.labels_covered <= e.attack_covered.labels_as_observed);
      CHECK(e.attack_covered_and_right.labels_covered <= e.attack_covered.labels_covered);
      CHECK(std::ranges::is_sorted(e.rows.certified_accuracy, std::ranges::greater{}, &rows_share::value));
      CHECK(std::ranges::is_sorted(e.frontier, std::ranges::greater{}, &frontier_point::radius));
    }
  }
  // Blobs this far apart are told apart by means of four rows: some of the 20 parts may be lost.
  const evaluation_result& plain = results.defences[0].evaluations.front();
  CHECK(plain.rows.median >= 5.0);
  CHECK(plain.average_certified_radius == 0.0);
  const evaluation_result& smoothed = results.defences[1].evaluations.front();
  CHECK(smoothed.rows.median >= 2.0);
  CHECK(smoothed.frontier.front().radius > smoothed.frontier[1].radius);
}

TEST_CASE("members of different parts share no draw", "[run][parts]") {
  small_experiment f;
  f.settings.defences = {"smoothed-parts"};
  f.settings.parts.parts = 4;
  f.settings.parts.sigma = 0.3;
  f.settings.parts.members = 12;
  f.settings.certification.allow_no_certificate = true;
  std::set<std::uint64_t> seeds;
  f.method.seeds = &seeds;
  f.run(serial_executor{});
  // A member's draws, its training noise and its test noise follow from its seed: one for each part, and one for the
  // model that nobody defends.
  CHECK(seeds.size() == 5);
}

TEST_CASE("one part with smoothing inside is the one ensemble", "[run][parts]") {
  small_experiment f;
  f.settings.defences = {"certified"};
  f.settings.certified.mode = "uniform+parts";
  f.settings.parts.parts = 1;
  const run_results parts = f.run(serial_executor{});
  const evaluation_result& e = parts.defences.front().evaluations.front();
  CHECK(e.mode == "uniform+parts");
  REQUIRE(e.frontier.size() == 1);
  // 15 of 15 votes at alpha .02 bound p_A by .01^(1/15).
  const double largest = f.settings.training.sigma * normal_quantile(std::pow(0.01, 1.0 / 15.0));
  CHECK(e.frontier.front().radius <= largest);
  CHECK(e.frontier.front().radius == Approx(largest).epsilon(1e-9));
}

TEST_CASE("parts refuse what has no statement", "[run][parts]") {
  small_experiment f;
  const auto message = [&](auto&& change) {
    small_experiment changed;
    change(changed.settings);
    try {
      changed.run(serial_executor{});
    } catch (const argument_error& refused) {
      return std::string(refused.what());
    }
    return std::string();
  };
  using Catch::Contains;
  CHECK_THAT(message([](run_settings& s) {
               s.defences = {"smoothed-parts"};
               s.parts.part_by = "content";
             }),
             Contains("a small change of a row's content moves it to another part"));
  CHECK_THAT(message([](run_settings& s) {
               s.defences = {"parts"};
               s.parts.parts = 81;
             }),
             Contains("parts: expected a number from 1 to the 80 training rows, got 81"));
  CHECK_THAT(message([](run_settings& s) { s.certified.mode = "quantised+parts"; }),
             Contains("+parts goes with uniform, frozen, floor, ledger, given_scales, not with quantised"));
  CHECK_THAT(message([](run_settings& s) { s.certified.mode = "uniform+parts+label-noise"; }),
             Contains("+parts does not go with +label-noise"));
  CHECK_THAT(message([](run_settings& s) { s.certified.mode = "parts"; }), Contains("is that of the defence parts"));
  CHECK_THAT(message([](run_settings& s) {
               s.defences = {"smoothed-parts"};
               s.parts.alpha_part = 1.5;
             }),
             Contains("alpha_part must lie in (0,1), got 1.5"));
}
