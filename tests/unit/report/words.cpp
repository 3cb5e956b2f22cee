// SPDX-License-Identifier: MIT
// Brief: the line of progress, under a clock of the test's own, and the plan in words.
#include "certssb/core/normal.hpp"
#include "certssb/report/plan_report.hpp"
#include "certssb/report/progress_line.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace certssb;

namespace {

/// Keeps what a line of progress writes; time passes only when the test says so.
struct watched_line {
  explicit watched_line(bool moving)
      : line([this](std::string_view text) { said += text; }, moving, [this] { return time; }) {}

  void after(double seconds) {
    time += std::chrono::duration_cast<progress_line::clock::duration>(std::chrono::duration<double>(seconds));
  }
  [[nodiscard]] std::string take() { return std::exchange(said, {}); }

  progress_line::clock::time_point time{std::chrono::hours(1)};
  std::string said;
  progress_line line;
};

}  // namespace

TEST_CASE("progress is said when a task begins and ends, and in between every ten seconds", "[report]") {
  watched_line w(false);
  w.line.note("Begun.");
  CHECK_THAT(w.take(), Catch::Equals("Begun.\n"));
  w.after(2.0);
  CHECK(w.line({"train", 1, 10}));
  CHECK_THAT(w.take(), Catch::Equals("train 1 of 10, 0.50 a second, 18 s left\n"));
  w.after(2.0);
  CHECK(w.line({"train", 2, 10}));
  CHECK(w.take().empty());
  w.after(8.0);
  CHECK(w.line({"train", 6, 10}));
  CHECK_THAT(w.take(), Catch::Equals("train 6 of 10, 0.50 a second, 8 s left\n"));
  w.after(3.0);
  CHECK(w.line({"train", 10, 10}));
  CHECK_THAT(w.take(), Catch::Equals("train 10 of 10, 0.67 a second, 15.0 s in all\n"));
  w.after(1.0);
  CHECK(w.line({"vote", 5, 10}));  // a task begins where the one before it was last shown
  CHECK_THAT(w.take(), Catch::Equals("vote 5 of 10, 5.00 a second, 1 s left\n"));
}

TEST_CASE("time counts from the beginning where nothing was noted", "[report]") {
  watched_line w(false);
  w.after(4.0);
  w.line({"audit", 2, 10});
  CHECK_THAT(w.take(), Catch::Equals("audit 2 of 10, 0.50 a second, 16 s left\n"));
}

TEST_CASE("a moving line is written over itself, and left before a note", "[report]") {
  watched_line w(true);
  w.line.note("Begun.");
  w.after(1.0);
  w.line({"train", 1, 4});
  w.after(0.1);
  w.line({"train", 2, 4});  // too soon
  CHECK_THAT(w.take(), Catch::Equals("Begun.\n\rtrain 1 of 4, 1.00 a second, 3 s left\x1b[K"));
  w.line.note("A word.");
  CHECK_THAT(w.take(), Catch::Equals("\nA word.\n"));
  w.line.finish();
  CHECK(w.take().empty());
}

TEST_CASE("a plan answers what is asked, and leaves the rest null", "[report]") {
  plan_question q{.sigma = 0.5, .models = 100, .rows = 4};
  const report_answer best = plan_report(q);
  const double budget = normal_quantile(std::pow(0.0005, 0.01));  // unanimous, Clopper-Pearson at alpha/2
  CHECK(best.object["max_radius"].get<double>() == Approx(0.5 * budget).epsilon(1e-9));
  CHECK(best.object["max_per_pattern"].get<double>() == Approx(0.25 * budget).epsilon(1e-9));
  CHECK(best.object["models_needed"]["hoeffding"].is_null());
  CHECK_FALSE(best.object.contains("parts"));
  CHECK_THAT(best.text, Catch::StartsWith("100 models that all agree certify a radius of "));

  q = {.sigma = 0.5, .models = 20, .parts = 100, .alpha_part = 0.01};
  const json parts = plan_report(q).object["parts"];
  // P(Bin(100, .01) > 5) < .001 <= P(> 4): 5 failures, so 90 of 100 votes are needed, bought in 45 pairs.
  CHECK(parts["failures"] == 5);
  CHECK(parts["max_radius"].get<double>() ==
        Approx(0.5 * normal_quantile(std::pow(0.005, 0.05)) * std::sqrt(45.0)).epsilon(1e-9));
  CHECK(parts["models_needed"].is_null());

  CHECK_THROWS_WITH(plan_report({.sigma = 1.0}), "plan: expected `models`, `radius`, or both");
  CHECK_THROWS_WITH(plan_report({.sigma = 1.0, .radius = 1.0, .alpha_part = 0.1}), Catch::Contains("alpha_part goes"));
  CHECK_THROWS_WITH(plan_report({.sigma = 0.0, .radius = 1.0}), Catch::Contains("sigma must be finite and positive"));
}
