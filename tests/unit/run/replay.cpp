// SPDX-License-Identifier: MIT
#include "certssb/run/replay.hpp"

#include "certssb/attack/label_map.hpp"
#include "certssb/core/executor.hpp"
#include "certssb/data/synthetic.hpp"
#include "certssb/report/gnuplot.hpp"
#include "certssb/run/experiment.hpp"
#include "certssb/run/replay_attack.hpp"
#include "small_experiment.hpp"
#include "support/centroid_model.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>

using namespace certssb;

namespace {

/// A run on a caller's own data, in a folder, and the same data once more.
struct finished_run {
  gaussian_blobs_problem problem{2, 4, 4.0, 0.5};
  train_and_test<host_array<double>> split{draw_dataset(problem, 60, random_key{1}),
                                           draw_dataset(problem, 20, random_key{2})};
  backdoor_attack<run_test::first_entry, all_to_one> attack{run_test::first_entry{}, all_to_one{0}, 0.1};
  test::centroid_learner method;
  silent_observer silent;
  detail::temporary_folder home;
  std::filesystem::path place = home.path() / "run";
  run_results results;
  poisoned_split<host_array<double>> data = poison_split(split, attack, random_key{5});

  explicit finished_run(bool keep_votes) {
    run_settings s;
    s.training.sigma = 3.0;  // so much that members differ
    s.training.sigma_min = 1.0;
    s.training.sigma_max = 6.0;
    s.training.models = 15;
    s.training.ascent_steps = 2;
    s.training.ascent_draws = 4;
    s.certification.alpha = 0.02;
    s.defences = {"rab", "cert-ssb"};
    s.keep_votes = keep_votes;
    s.seed = 5;
    run_folder folder(place);
    results = run_experiment(split, attack, method, s, serial_executor{}, silent, &folder);
  }

  replay_report replay(std::size_t members) {
    const serial_executor executor;
    return run_replay(place, results, data, method, executor, silent).replay({members, random_key{9}});
  }
};

bool any_names(const std::vector<std::string>& lines, const std::string& what) {
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(what) != std::string::npos; });
}

}  // namespace

TEST_CASE("a replay finds the votes of the run, and no others", "[run]") {
  finished_run run(true);
  replay_report report = run.replay(4);
  CAPTURE(report.violations);
  CHECK(report.violations.empty());
  // Of both defences 4 members, 20 clean samples and as many triggered ones as are of class 1; and their scales.
  CHECK(report.checked > 2 * 4 * 20);
  CHECK(report.not_checked.size() == 2);
  CHECK(any_names(report.not_checked, "rab: that the votes of its other 11 of 15 models come from training"));
  CHECK(run.replay(15).not_checked.empty());

  const double accuracy = std::exchange(run.results.undefended.clean_accuracy, 0.123);
  CHECK(any_names(run.replay(1).violations, "undefended: 1 of 2 values are not those of its training"));
  run.results.undefended.clean_accuracy = accuracy;

  for (auto& [name, value] : run.results.config) {
    if (name == "seed") value = std::uint64_t{6};
  }
  report = run.replay(15);
  CHECK(any_names(report.violations, "rab, clean, member 0, votes: "));
  CHECK(any_names(report.violations, "rab, clean, votes: "));
  CHECK(any_names(report.violations, "cert-ssb, sigma_train: "));
  run.results.build.compiler = "another";
  report = run.replay(15);
  CHECK(report.violations.empty());
  CHECK(any_names(report.not_checked, "but the run was made by another build (certssb "));
}

TEST_CASE("a replay without kept votes compares counts, of all members alone", "[run]") {
  finished_run run(false);
  CHECK(run.replay(15).violations.empty());
  CHECK(run.replay(15).not_checked.empty());
  const replay_report report = run.replay(3);
  CHECK(report.violations.empty());
  CHECK(
      any_names(report.not_checked, "cert-ssb: that its votes come from training: it kept no votes of single members"));
  run.results.defences[0].models = 14;
  CHECK(any_names(run.replay(15).violations, "rab, clean, number of models: 1 of 1 values"));
  run.results.defences[0].models = 0;
  CHECK(any_names(run.replay(15).violations, "rab: expected 1 to 15 models, got 0"));
  run.results.defences[0].models = 15;
  run.results.defences[0].name = "own";
  CHECK(any_names(run.replay(15).violations, "own: config: mode: expected one of"));
}

TEST_CASE("data and attack carried out again are those of the run, and no others", "[run]") {
  finished_run run(false);
  replay_report report;
  compare_attack(report, run.place, run.results, run.data);
  CAPTURE(report.violations);
  CHECK(report.violations.empty());
  CHECK(report.checked > 40);
  CHECK_THROWS_WITH(data_again(run.results), Catch::Contains("were its caller's own"));

  replay_report other;
  compare_attack(other, run.place, run.results, poison_split(run.split, run.attack, random_key{6}));
  CHECK(any_names(other.violations, "poisoned_rows.npy: the attack poisons other rows"));
  const train_and_test<host_array<double>> others{draw_dataset(run.problem, 60, random_key{1}),
                                                  draw_dataset(run.problem, 20, random_key{3})};
  replay_report moved;
  compare_attack(moved, run.place, run.results, poison_split(others, run.attack, random_key{5}));
  CHECK(any_names(moved.violations, "clean: sample"));
  run.results.data.pattern_l2_max = 0.4;
  replay_report smaller;
  compare_attack(smaller, run.place, run.results, run.data);
  CHECK(any_names(smaller.violations, "data.pattern_l2_max is stated as 0.4, found as 0.5"));
}
