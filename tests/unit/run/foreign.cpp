// SPDX-License-Identifier: MIT
// Brief: votes and parts from elsewhere, from requests in plain settings: closed forms, elections by hand, and what is
// refused.
#include "certssb/core/normal.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/run/foreign_report.hpp"
#include "certssb/run/part_request.hpp"
#include "certssb/run/run_settings.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

using namespace certssb;

namespace {

/// Arrays in a folder of their own.
class foreign_arrays {
public:
  foreign_arrays() {
    std::string name = (std::filesystem::temp_directory_path() / "certssb-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    place_ = name;
  }
  ~foreign_arrays() { std::filesystem::remove_all(place_); }
  foreign_arrays(const foreign_arrays&) = delete;
  foreign_arrays& operator=(const foreign_arrays&) = delete;

  template <class Scalar>
  std::string put(const std::string& name, const std::vector<std::size_t>& shape, const std::vector<Scalar>& values) {
    write_file(place_ / name, npy_bytes(shape, std::span<const Scalar>(values)));
    return (place_ / name).string();
  }

private:
  std::filesystem::path place_;
};

using integers = std::vector<std::int64_t>;
using reals = std::vector<double>;

}  // namespace

TEST_CASE("a request becomes certificates whose radius is the closed form's, with accuracies and events", "[run]") {
  foreign_arrays files;
  foreign_request r{.votes = files.put("v.npy", {4, 2}, integers{100, 0, 0, 100, 0, 100, 50, 50}), .sigma = "0.5"};
  r.labels = files.put("y.npy", {4}, integers{0, 1, 0, 0});
  r.radii = {0.0, 0.5, 1.0};
  const foreign_answers plain = certify_request(r);
  const double radius = 0.5 * normal_quantile(std::pow(0.0005, 0.01));  // unanimous, Clopper-Pearson at alpha/2
  CHECK(plain.votes.models == 100);
  CHECK(plain.certified.issued.certificates[0].stated_radius() == Approx(radius).epsilon(1e-9));
  const json found = describe_foreign(plain).object;
  CHECK(found["labels"] == json({0, 1, 1, -1}));
  CHECK(found["empirical_accuracy"] == 0.75);  // the even votes are for the lower class, which is right
  CHECK(found["certified_accuracy"][1] == json({{"radius", 0.5}, {"value", 0.5}}));
  CHECK(found["certified_ratio"][1]["value"] == 0.75);
  CHECK_FALSE(found.contains("events"));

  r.inputs = files.put("x.npy", {4, 2}, reals{0, 0, 0.9, 0, 0.1, 0, 9, 9});
  r.storage = "min";
  const report_answer stored = describe_foreign(certify_request(r));
  CHECK(stored.object["events"] == json({"keep", "trim", "adopt", "abstain"}));
  CHECK(stored.object["radii"][1].get<double>() == Approx(0.9 - radius).epsilon(1e-9));
  CHECK(stored.object["bound"] == "clopper-pearson");
  CHECK_THAT(stored.text, Catch::Contains("Certified, provided that: ") && Catch::Contains("models_independent"));
}

TEST_CASE("a request says what it lacks by the names of the settings", "[run]") {
  foreign_arrays files;
  const std::string votes = files.put("v.npy", {1, 2}, integers{9, 1});
  const auto refuses = [&](const auto& change, const std::string& why) {
    foreign_request r{.votes = votes, .sigma = "0.5"};
    change(r);
    CAPTURE(why);
    CHECK_THROWS_WITH(certify_request(r), Catch::Contains(why));
  };
  refuses([](foreign_request& r) { r.votes = ""; }, "expected one of `votes`, `predictions` and `scores`, got 0");
  refuses([](foreign_request& r) { r.scores = r.votes; }, "got 2");
  refuses([](foreign_request& r) { r.classes = 2; }, "`classes` goes with `predictions`");
  refuses([](foreign_request& r) { r.storage = "min"; }, "`storage` and `inputs` go together");
  refuses([](foreign_request& r) { r.sigma = ""; }, "mode uniform needs `sigma`");
  refuses([](foreign_request& r) { r.mode = "published"; }, "needs sigma_test");
  refuses([](foreign_request& r) { r.mode = "uniform+joint"; }, "needs sigma_test, one number");
  refuses([](foreign_request& r) { r.mode = "uniform+label-noise"; }, "needs flip_probability and flipped_labels");
  refuses([](foreign_request& r) { r.mode = "frozen"; }, "state it with assume");
  refuses([](foreign_request& r) { r.rows_touched = 1; }, "rows_touched goes with votes of parts");
  refuses([](foreign_request& r) { r.labels = r.votes; }, "expected labels of shape [1]");
}

TEST_CASE("every setting of a request is visited once, and given words", "[run]") {
  foreign_request r;
  std::set<std::string> names;
  std::size_t visited = 0;
  const auto look = [&](const std::string& name, const auto&, const std::string& words, const auto&...) {
    names.insert(name);
    ++visited;
    CHECK_FALSE(words.empty());
  };
  visit_request(r, look);
  CHECK(visited == 25);
  CHECK(names.size() == visited);
  part_request p;
  names.clear();
  visit_part_request(p, look);
  CHECK(names.size() == 8);
}

TEST_CASE("every setting of a run has words, and every word a setting", "[run]") {
  run_settings s;
  std::set<std::string> settings;
  visit_settings(s, [&](const char* name, const auto&) { settings.insert(name); });
  std::set<std::string> described;
  for (const setting_words& words : table_of_settings) {
    CHECK(described.insert(std::string(words.name)).second);
    CHECK_FALSE(help_of(words).empty());
  }
  CHECK(described == settings);
}

TEST_CASE("radii are read with steps, ascending and finite", "[run]") {
  CHECK(parse_radii("0,0.05,...,0.2") == reals{0.0, 0.05, 0.1, 0.15, 0.2});
  CHECK(parse_radii("0.3") == reals{0.3});
  for (const char* const list :
       {"", "0,x", "0,-1", "0,0", "1,0.5", "...,1", "0,...,1", "0,0.1,...", "0,inf", "0,0,...,1", "0,1e-9,...,1"}) {
    CAPTURE(list);
    CHECK_THROWS_WITH(parse_radii(list), Catch::StartsWith("radii: "));
  }
}

TEST_CASE("a value for all rows is a number or an array, and nothing else", "[run]") {
  foreign_arrays files;
  CHECK(read_row_values("0.5", 3) == reals{0.5, 0.5, 0.5});
  CHECK(read_row_values(files.put("s.npy", {2}, reals{0.5, 2.0}), 7) == reals{0.5, 2.0});
  CHECK_THROWS_WITH(read_row_values(files.put("m.npy", {1, 2}, reals{1, 2}), 1), Catch::Contains("got 2 axes"));
  CHECK_THROWS_AS(read_row_values("absent.npy", 1), data_error);
  CHECK(read_labels(files.put("y.npy", {2}, integers{-1, 1}), 2, -1, 2) == integers{-1, 1});
  CHECK_THROWS_WITH(read_labels(files.put("z.npy", {2}, integers{0, 2}), 2, 0, 2),
                    Catch::Contains("label 2 is outside [0, 2)"));
  CHECK_THROWS_WITH(read_rows(files.put("x.npy", {2, 1}, reals{0.0, std::nan("")}), 2), Catch::Contains("got nan"));
  CHECK_THROWS_WITH(read_rows(files.put("w.npy", {3, 1}, reals{0, 1, 2}), 2), Catch::Contains("2 rows, got 3"));
}

TEST_CASE("elections over parts from elsewhere, by hand", "[run]") {
  foreign_arrays files;
  // Sample 0: five parts for 1, two for 0; sample 1: three each, and one abstains, which may yet
  // name any.
  part_request r{.part_labels = files.put("l.npy", {7, 2}, integers{1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, -1}),
                 .classes = 2};
  const auto plain = hold_election(r);
  CHECK(plain[0].label == 1);
  CHECK(plain[0].survives == 1U);  // two parts changed would leave 3 to 4; one leaves 4 to 3
  CHECK(plain[1].label == abstain);
  CHECK_FALSE(plain[1].survives.has_value());
  const report_answer words = describe_election(plain, "survives");
  CHECK(words.object == json({{"labels", {1, -1}}, {"survives", {1, -1}}}));

  // Budget 2 each: class 0 wins ties, so 3 votes, which need two pairs of 2^2.
  r.budgets = files.put("b.npy", {7, 2}, reals(14, 2.0));
  const auto smoothed = hold_election(r);
  CHECK(smoothed[0].energy.value() == Approx(8.0).epsilon(1e-9));
  r.rows_touched = 1;
  CHECK(hold_election(r)[0].energy.value() == Approx(4.0).epsilon(1e-9));
  r.rows_touched = 2;
  CHECK(hold_election(r)[0].energy.value() == 0.0);

  const part_request run_off{.election = "run-off",
                             .preferences = files.put("p.npy", {3, 1, 3}, integers{0, 1, 2, 0, 2, 1, 0, 1, 2})};
  CHECK(hold_election(run_off)[0].label == 0);
}

TEST_CASE("elections say what they lack by the names of the settings", "[run]") {
  foreign_arrays files;
  const std::string labels = files.put("l.npy", {2, 1}, integers{0, 1});
  const auto refuses = [&](part_request r, const std::string& why) {
    CAPTURE(why);
    CHECK_THROWS_WITH(hold_election(r), Catch::Contains(why));
  };
  refuses({}, "expected part_labels");
  refuses({.part_labels = labels}, "expected `classes`");
  refuses({.part_labels = labels, .classes = 2, .failures = 1}, "need `budgets`");
  refuses({.part_labels = labels, .classes = 2, .shifts = "0"}, "`shifts` goes with `election` finite");
  refuses({.part_labels = labels, .classes = 2, .election = "finite"}, "needs `shifts`");
  refuses({.part_labels = labels, .classes = 2, .election = "finite", .shifts = "0,"}, "shifts: expected whole");
  refuses({.part_labels = labels, .election = "run-off", .preferences = labels}, "not part_labels");
  refuses({.part_labels = labels, .classes = 1}, "label 1 of part 1 and sample 0 is outside [-1, 1)");
  refuses({.part_labels = labels, .classes = 2, .budgets = labels, .rows_touched = 3},
          "rows_touched: expected at most");
  refuses({.part_labels = labels, .classes = 2, .budgets = labels}, "a budget must be positive");
  refuses({.classes = 3, .election = "run-off", .preferences = files.put("p.npy", {1, 1, 2}, integers{0, 1})},
          "holds orders of 2 classes, got 3");
}
