// SPDX-License-Identifier: MIT
// Brief: defences that count rows, or have a closed form, through the whole flow.
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/certificate/closed_forms.hpp"
#include "certssb/ensemble/bags.hpp"
#include "certssb/run/experiment.hpp"
#include "certssb/run/replay.hpp"
#include "small_experiment.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
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
