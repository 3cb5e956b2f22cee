// SPDX-License-Identifier: MIT
// Brief: defences that count rows, or have a closed form, through the whole flow.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/closed_forms.hpp"
#include "certssb/ensemble/bags.hpp"
#include "certssb/io/sha256.hpp"
#include "certssb/report/json.hpp"
#include "certssb/run/experiment.hpp"
#include "certssb/run/replay.hpp"
#include "certssb/verify/verify_run.hpp"
#include "small_experiment.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

using namespace certssb;
using run_test::rows_type;
using run_test::small_experiment;
using run_test::temporary_place;

namespace {

const std::vector<std::string> row_defences{"nearest-mean", "knn-vote", "bagged-nearest", "bagging"};

/// Training rows on a line and one test input, at 0, with no attack.
poisoned_split<host_array<double>> on_a_line(const std::vector<double>& places, const std::vector<label_type>& labels,
                                             std::size_t classes) {
  constexpr value_range wide{-100.0, 100.0};
  const rows_type train(host_array<double>(places, 1), labels, classes, {1}, wide);
  const rows_type test(host_array<double>({0.0}, 1), {0}, classes, {1}, wide);
  std::vector<std::int64_t> names(classes);
  return {{train, {}, {}, {}}, test, test, {0}, {}, names, 0.0};
}

/// What one defence issues for the test input at 0.
certificate issued_at_zero(const poisoned_split<host_array<double>>& data, const run_settings& settings,
                           const std::string& name) {
  static const serial_executor executor;
  static const test::centroid_learner method;
  silent_observer nobody;
  const task_observer watch(nobody, "");
  const defence_settings own = settings.defence(name);
  const auto trained = defence_trainer(data, method, settings, own, executor, watch, random_key{5}).train();
  return certify_outcome(trained, 0, data.clean.inputs(), settings, executor).front().certificates.front();
}

/// Calls visit(places, labels) with every change of at most r rows to a few places and all labels.
void for_each_change(const std::vector<double>& places, const std::vector<label_type>& labels, std::size_t classes,
                     std::size_t r,
                     const std::function<void(const std::vector<double>&, const std::vector<label_type>&)>& visit,
                     std::size_t from = 0) {
  visit(places, labels);
  for (std::size_t i = from; r > 0 && i < places.size(); ++i) {
    auto x = places;
    auto y = labels;
    for (const double place : {0.0, 4.5}) {
      for (std::size_t c = 0; c < classes; ++c) {
        x[i] = place;
        y[i] = static_cast<label_type>(c);
        for_each_change(x, y, classes, r - 1, visit, i + 1);
      }
    }
  }
}

}  // namespace

TEST_CASE("closed forms and bags through the flow are those of the library's functions", "[run][rows]") {
  small_experiment f;
  f.settings.defences = row_defences;
  f.settings.rows.neighbours = 11;
  f.settings.rows.bag = 4;
  f.settings.training.models = 60;
  f.settings.keep_votes = true;
  const temporary_place place;
  run_folder folder(place / "run", existing_run::refuse);
  const run_results results = f.run(serial_executor{}, &folder);
  REQUIRE(results.defences.size() == 4);
  const auto data = poison_split(f.split, f.attack, random_key{5});
  const auto& train = data.train.data;
  const double n = static_cast<double>(train.size());
  double together = 0.0;
  for (const double norm : data.train.pattern_norms) together += norm * norm;
  together = std::sqrt(together);

  for (std::size_t which = 0; which < 2; ++which) {
    const auto& tests = data.inputs(which);
    const std::string inputs = input_names[which];
    const auto knn = certify_knn_vote(train, tests.inputs(), 11);
    const auto means = certify_nearest_mean(train, tests.inputs());
    const auto bags = certify_bagged_nearest(train, tests.inputs(), 4);
    const auto samples = [&](const std::string& name) {
      return read_csv(place / "run" / name / ("samples_" + inputs + ".csv"));
    };
    const csv_table_text of_knn = samples("knn-vote");
    const csv_table_text of_means = samples("nearest-mean");
    const csv_table_text of_bags = samples("bagged-nearest");
    std::size_t covered = 0;
    for (std::size_t i = 0; i < tests.size(); ++i) {
      CAPTURE(inputs, i);
      CHECK(of_knn.integer(i, of_knn.column("predicted")) == knn[i].label);
      CHECK(of_knn.integer(i, of_knn.column("rows_knn_vote")) == static_cast<std::int64_t>(knn[i].survives));
      CHECK(of_means.real(i, of_means.column("radius_nearest_mean")) == means[i].radius);
      CHECK(of_means.integer(i, of_means.column("rows_nearest_mean")) == (means[i].label == abstain ? -1 : 0));
      CHECK(of_bags.integer(i, of_bags.column("rows_bagged_nearest")) ==
            (bags[i].survives ? static_cast<std::int64_t>(*bags[i].survives) : -1));
      covered += means[i].radius > together ? 1U : 0U;
    }
    const evaluation_result& e = results.defences[0].evaluations[which];
    CHECK(e.mode == "nearest_mean");
    CHECK(e.attack_covered.labels_as_observed ==
          Approx(static_cast<double>(covered) / static_cast<double>(tests.size())));
    CHECK(e.attack_covered.labels_covered == 0.0);
    CHECK(e.delta_r.per_pattern * std::sqrt(static_cast<double>(data.train.positions.size())) ==
          Approx(e.frontier.front().radius));

    // Bagging, once more by hand: the members, their votes, the bound, and the condition row by row.
    const csv_table_text of_bagging = samples("bagging");
    const random_key key = random_key{5}.derive(103);
    const auto positions = draw_bags(train.size(), 4, 60, key);
    std::vector<std::size_t> ones(tests.size());
    for (std::size_t m = 0; m < positions.size(); ++m) {
      auto model = f.method.fit(resample(train, positions[m]), key);
      std::vector<double> scores(2 * tests.size());
      model.scores(tests.inputs(), std::span<double>(scores));
      for (std::size_t i = 0; i < tests.size(); ++i) ones[i] += scores[2 * i + 1] > scores[2 * i] ? 1U : 0U;
    }
    for (std::size_t i = 0; i < tests.size(); ++i) {
      const auto most = static_cast<std::int64_t>(std::max(ones[i], 60 - ones[i]));
      const double lower = clopper_pearson::lower(most, 60, 0.5 * f.settings.certification.alpha);
      std::int64_t rows = -1;
      while (2.0 - 2.0 * std::pow(1.0 - static_cast<double>(rows + 1) / n, 4.0) < 2.0 * lower - 1.0) ++rows;
      CAPTURE(inputs, i, ones[i]);
      CHECK(of_bagging.integer(i, of_bagging.column("predicted")) == (2 * ones[i] > 60 ? 1 : 0));
      CHECK(of_bagging.integer(i, of_bagging.column("rows_bagging")) == rows);
    }
  }
  CHECK(results.defences[0].evaluations.front().rows.median == 0.0);
  CHECK(results.defences[0].evaluations.front().average_certified_radius > 1.0);
  CHECK(results.defences[1].evaluations.front().rows.median >= 3.0);
  CHECK(results.defences[2].evaluations.front().rows.median >= 3.0);
  CHECK(results.defences[3].evaluations.front().rows.median >= 3.0);
  CHECK(results.defences[3].alpha == 0.02);
  CHECK(results.defences[3].models == 60);
  for (std::size_t d = 0; d < 3; ++d) CHECK(results.defences[d].bound == "none");

  // And they are the same when they are done again.
  const serial_executor executor;
  const replay_report again =
      run_replay(place / "run", results, data, f.method, executor, f.silent).replay({1, random_key{9}});
  CAPTURE(again.violations);
  CHECK(again.violations.empty());
  CHECK(again.checked > 500);
}

TEST_CASE("no change of as many rows as are survived takes the class of a defence that counts rows", "[run][rows]") {
  run_settings settings;
  settings.rows.neighbours = 3;
  settings.rows.bag = 2;
  settings.parts.parts = 7;
  std::map<std::string, std::size_t> survived;
  random_stream draws(random_key{61});
  for (int trial = 0; trial < 12; ++trial) {
    const std::size_t classes = trial % 2 == 0 ? 2 : 3;
    std::vector<double> places;
    std::vector<label_type> labels;
    for (int i = 0; i < 7; ++i) {
      places.push_back(0.5 + 3.0 * draws.uniform());
      labels.push_back(
          draws.uniform() < 0.75 ? 0 : static_cast<label_type>(draws.below(static_cast<std::uint32_t>(classes))));
    }
    const auto attack = [&](const std::string& name, const std::string& label) {
      const certificate c = issued_at_zero(on_a_line(places, labels, classes), settings, name);
      if (!c.rows) return;
      survived[label] += *c.rows;
      CAPTURE(trial, label, places, labels, *c.rows);
      bool kept = true;
      for_each_change(places, labels, classes, std::min<std::size_t>(2, *c.rows), [&](const auto& x, const auto& y) {
        kept = kept && issued_at_zero(on_a_line(x, y, classes), settings, name).predicted == c.label;
      });
      CHECK(kept);
    };
    attack("knn-vote", "knn-vote");
    attack("bagged-nearest", "bagged-nearest");
    settings.parts.election = "run-off";
    attack("parts", "run-off");
    settings.parts.election = "finite:2";
    settings.parts.parts = 3;
    attack("parts", "finite:2");
    settings.parts.election = "plurality";
    settings.parts.parts = 7;
  }
  CHECK(survived["knn-vote"] > 3);
  CHECK(survived["bagged-nearest"] > 3);
  CHECK(survived["run-off"] > 6);
  CHECK(survived["finite:2"] > 3);
}

namespace {

/// The folder of a run of three classes, whose files and results can be changed so that digests and sizes agree.
class forged_run {
public:
  explicit forged_run(const std::vector<std::string>& defences, const std::string& election = "plurality") {
    const gaussian_blobs_problem problem{3, 4, 4.0, 0.5};
    const train_and_test<host_array<double>> split{draw_dataset(problem, 90, random_key{1}),
                                                   draw_dataset(problem, 30, random_key{2})};
    small_experiment f;
    f.settings.defences = defences;
    f.settings.rows.neighbours = 12;  // even: ties go to the lower label
    f.settings.rows.bag = 4;
    f.settings.parts.parts = 12;
    f.settings.parts.election = election;
    f.settings.training.models = 60;
    run_folder folder(place_ / "run", existing_run::refuse);
    results_ = run_experiment(split, f.attack, f.method, f.settings, serial_executor{}, f.silent, &folder);
  }

  [[nodiscard]] const run_results& results() const { return results_; }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return place_ / "run" / name; }
  [[nodiscard]] verify_report verify() const { return verify_run(place_ / "run"); }

  /// That another value at a place of an array is found.
  template <class Scalar>
  void finds(const std::string& name, std::size_t at, Scalar value, const std::string& naming) {
    const std::string kept = read_file(file(name));
    std::string bytes = kept;
    std::memcpy(bytes.data() + read_npy_header(file(name)).offset + at * sizeof(Scalar), &value, sizeof(Scalar));
    REQUIRE(bytes != kept);
    put(name, bytes);
    expect_found(naming);
    put(name, kept);
  }

  /// That other results are found.
  void finds(const std::function<void(json&)>& change, const std::string& naming) {
    const std::string kept = read_file(file("results.json"));
    json changed = json::parse(kept);
    change(changed);
    write_file(file("results.json"), changed.dump());
    expect_found(naming);
    write_file(file("results.json"), kept);
  }

private:
  void put(const std::string& name, const std::string& bytes) const {
    write_file(file(name), bytes);
    json changed = json::parse(read_file(file("results.json")));
    changed["arrays"][name] = sha256(bytes);
    write_file(file("results.json"), changed.dump());
  }
  void expect_found(const std::string& naming) const {
    std::string said;
    for (const std::string& line : verify().violations) {
      if (line.find("files.txt") == std::string::npos) said += line + '\n';
    }
    CHECK_THAT(said, Catch::Contains(naming));
  }

  temporary_place place_;
  run_results results_;
};

}  // namespace

TEST_CASE("closed forms and bags verify, and not with other answers, counts or claims", "[run][rows][verify]") {
  forged_run run(row_defences);
  const verify_report honest = run.verify();
  CAPTURE(honest.violations);
  REQUIRE(honest.violations.empty());
  CHECK(honest.checked > 1000);
  for (const open_question& open : honest.not_checked) CHECK(open.what.find("its bytes alone") == std::string::npos);

  run.finds("knn-vote/votes_clean.npy", 0, std::int64_t{13}, "neighbours vote, expected 12");
  run.finds("nearest-mean/distances_clean.npy", 1, 0.001, "nearest-mean, clean, nearest_mean: sample");
  run.finds("nearest-mean/errors_clean.npy", 2, 0.5, "its distances are off by 0.5");
  run.finds("nearest-mean/class_counts.npy", 0, std::int64_t{1}, "class_counts.npy: expected the rows of each class");
  run.finds("bagged-nearest/probabilities_triggered.npy", 0, 0.01, "its probabilities sum to");
  run.finds("bagging/votes_clean.npy", 0, std::int64_t{61}, "its votes are not one per model");
  const auto of = [](json& results, std::size_t defence) -> json& { return results["defences"][defence]; };
  run.finds([&](json& r) { of(r, 0)["evaluations"][0]["average_certified_radius"] = 99.0; },
            "average_certified_radius is stated as 99");
  run.finds(
      [&](json& r) {
        of(r, 0)["evaluations"][1]["attack_covered"]["labels_covered"] = 0.5;
        of(r, 0)["evaluations"][1]["certified_against_this_attack"] = 0.5;
      },
      "attack_covered.labels_covered is stated as 0.5");
  run.finds([&](json& r) { of(r, 1)["settings"]["neighbours"] = 11; }, "its settings name neighbours 11");
  run.finds([&](json& r) { of(r, 1)["evaluations"][0]["rows"]["median"] = 40.0; }, "rows.median is stated as 40");
  run.finds([&](json& r) { of(r, 2)["settings"]["bag"] = 3; }, "its settings name bag 3");
  run.finds([&](json& r) { of(r, 3)["alpha"] = 0.0; }, "alpha is stated as 0");
  run.finds([&](json& r) { of(r, 3)["models"] = 600; }, "models is stated as 600");
  run.finds([&](json& r) { of(r, 2)["evaluations"][0]["assumptions"] = json::array(); },
            "it is not described as the mode is");
  run.finds([&](json& r) { of(r, 2)["evaluations"][0]["mode"] = "bagging"; }, "asks for mode bagged_nearest");
}

TEST_CASE("elections of parts verify, and not with other orders, shifts or winners", "[run][rows][verify]") {
  for (const std::string election : {"run-off", "finite:3"}) {
    CAPTURE(election);
    forged_run run({"parts"}, election);
    const verify_report honest = run.verify();
    CAPTURE(honest.violations);
    REQUIRE(honest.violations.empty());
    const evaluation_result& e = run.results().defences.front().evaluations.front();
    CHECK(e.mode == "parts");
    CHECK(e.rows.median >= 1.0);
    if (election == "run-off") {
      CHECK(read_npy_header(run.file("parts/preferences_clean.npy")).shape == std::vector<std::size_t>{12, 30, 3});
      run.finds("parts/preferences_clean.npy", 0, std::uint8_t{7}, "is no permutation of the classes");
      run.finds([](json& r) { r["defences"][0]["settings"]["election"] = "plurality"; },
                "its election plurality is not config.election");
    } else {
      CHECK(read_npy_header(run.file("parts/member_votes_clean.npy")).shape == std::vector<std::size_t>{36, 30});
      CHECK(std::ranges::count(e.assumptions, "shifts_fixed_beforehand") == 1);
      run.finds("parts/shifts.npy", 0, std::int64_t{36}, "expected different shifts below 36");
      run.finds([](json& r) { r["defences"][0]["settings"]["election"] = "finite:2"; },
                "3 shifts are not those of election finite:2");
    }
    run.finds([](json& r) { r["defences"][0]["evaluations"][0]["rows"]["median"] = 30.0; },
              "rows.median is stated as 30");
    run.finds([](json& r) { r["defences"][0]["evaluations"][1]["attack_covered"]["labels_as_observed"] = 0.77; },
              "attack_covered.labels_as_observed is stated as 0.77");
  }
}

TEST_CASE("what rows, bags and elections cannot do is refused in a line", "[run][rows]") {
  const auto refused = [](const std::string& naming, auto&& change) {
    small_experiment f;
    change(f.settings);
    CHECK_THROWS_WITH(f.run(serial_executor{}), Catch::Contains(naming));
  };
  refused("neighbours: expected a number of rows of at least 1, got 0", [](run_settings& s) { s.rows.neighbours = 0; });
  refused("neighbours: expected at most the 80 training rows, got 81", [](run_settings& s) {
    s.defences = {"knn-vote"};
    s.rows.neighbours = 81;
  });
  for (const std::size_t bag : {0U, 1U}) {
    refused(concatenate("bag: expected a number of rows from 2 to 10^9, got ", bag),
            [&](run_settings& s) { s.rows.bag = bag; });
  }
  for (const char* election : {"lottery", "finite:", "finite:0", "finite:2x", "finite:-1"}) {
    refused("election: expected plurality, run-off or finite:d", [&](run_settings& s) { s.parts.election = election; });
  }
  refused("election: finite:9 of 10 parts trains 90 models, more than the 80 training rows", [](run_settings& s) {
    s.defences = {"parts"};
    s.parts.parts = 10;
    s.parts.election = "finite:9";
  });
  refused("election: run-off is of plain parts", [](run_settings& s) {
    s.defences = {"parts", "smoothed-parts"};
    s.parts.election = "run-off";
    s.certification.allow_no_certificate = true;
  });
  refused("bound: the votes of bags are hard", [](run_settings& s) {
    s.defences = {"bagging"};
    s.certification.bound = "mixture";
  });
  refused("stop_at_radius: early stopping is of noise, not of bags", [](run_settings& s) {
    s.defences = {"bagging"};
    s.certification.stop_at_radius = 0.1;
  });
  refused("can certify nothing", [](run_settings& s) {
    s.defences = {"bagging"};
    s.training.models = 3;
  });
  refused("mode: knn_vote is that of the defence knn-vote", [](run_settings& s) { s.certified.mode = "knn_vote"; });
}
