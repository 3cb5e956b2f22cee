// SPDX-License-Identifier: MIT
// Brief: parts against golden vectors, and what it refuses.
#include "program.hpp"

#include <cmath>
#include <limits>

using namespace certssb;
using cli_test::answer;
using cli_test::program;

namespace {

json partition_vectors(const std::string& name) {
  return json::parse(read_file(CERTSSB_SOURCE_DIR "/tests/golden/partition.json"))[name];
}

std::vector<std::int64_t> vector_labels(const json& values) { return values.get<std::vector<std::int64_t>>(); }

json certified_parts(program& p, std::vector<std::string> words) {
  words.insert(words.begin(), "parts");
  words.emplace_back("--json");
  const answer a = p.run(words);
  CAPTURE(words, a.errors);
  REQUIRE(a.status == 0);
  CHECK(a.errors.empty());
  return a.object();
}

}  // namespace

TEST_CASE("plain parts are the golden ones", "[cli]") {
  program p;
  for (const json& c : partition_vectors("dpa")) {
    const auto labels = vector_labels(c["parts"]);
    const json j = certified_parts(
        p, {"--part-labels", p.put("l.npy", {labels.size(), 1}, labels), "--classes", c["classes"].dump()});
    CHECK(j["survives"] == json::array({c["survives"]}));
    CHECK(j["labels"] == json::array({c["survives"] == -1 ? json(-1) : c["label"]}));
    CHECK_FALSE(j.contains("energies"));
  }
}

TEST_CASE("smoothed parts are the golden ones", "[cli]") {
  program p;
  for (const json& c : partition_vectors("smoothed")) {
    const auto labels = vector_labels(c["parts"]);
    const std::string l = p.put("l.npy", {labels.size(), 1}, labels);
    const std::string b = p.put("b.npy", {labels.size(), 1}, c["budgets"].get<std::vector<double>>());
    for (const json& e : c["failures_rows_energy"]) {
      const json j = certified_parts(p, {"--part-labels", l, "--classes", c["classes"].dump(), "--budgets", b,
                                         "--failures", e[0].dump(), "--rows-touched", e[1].dump()});
      CHECK(j["labels"] == json::array({c["label"]}));
      CHECK(j["energies"][0].get<double>() == Approx(e[2].get<double>()).epsilon(1e-9).margin(1e-14));
    }
  }
}

TEST_CASE("several samples are told apart", "[cli]") {
  program p;
  // Three parts, two samples: 0 0 0 and 1 1 -1.
  const std::string l = p.put("l.npy", {3, 2}, std::vector<std::int64_t>{0, 1, 0, 1, 0, -1});
  const std::string b = p.put("b.npy", {3, 2}, std::vector<double>{1.0, 2.0, 3.0, 1.0, 2.0, std::nan("")});
  const json plain = certified_parts(p, {"--part-labels", l, "--classes", "2"});
  CHECK(plain["labels"] == json({0, 1}));
  CHECK(plain["survives"] == json({1, 0}));  // (3 - 0) / 2; (2 - 1 - 1) / 2
  const json smoothed = certified_parts(p, {"--part-labels", l, "--classes", "2", "--budgets", b});
  CHECK(smoothed["labels"] == json({0, 1}));
  CHECK(smoothed["energies"][0].get<double>() == Approx(1.0 + 4.0));  // need 4: two parts
  CHECK(smoothed["energies"][1].get<double>() == Approx(1.0));        // need 1: one part
  const json touched =
      certified_parts(p, {"--part-labels", l, "--classes", "2", "--budgets", b, "--rows-touched", "1"});
  CHECK(touched["energies"][0].get<double>() == Approx(1.0));
  CHECK(touched["energies"][1] == 0.0);
  CHECK(touched["survives"] == json({1, 0}));
  const json failed = certified_parts(p, {"--part-labels", l, "--classes", "2", "--budgets", b, "--failures", "1"});
  CHECK(failed["survives"] == json({0, -1}));
  CHECK(failed["labels"] == json({0, 1}));
  CHECK_THAT(p.run({"parts", "--part-labels", l, "--classes", "2"}).out, Catch::Contains("survives"));
}

TEST_CASE("finite aggregation and run-off are the golden ones", "[cli]") {
  program p;
  for (const json& c : partition_vectors("finite")) {
    const auto labels = vector_labels(c["models"]);
    std::string shifts;
    for (const json& shift : c["shifts"]) shifts += (shifts.empty() ? "" : ",") + shift.dump();
    const json j = certified_parts(p, {"--part-labels", p.put("l.npy", {labels.size(), 1}, labels), "--classes",
                                       c["classes"].dump(), "--election", "finite", "--shifts", shifts});
    CHECK(j == json({{"labels", json::array({c["label"]})}, {"rows", json::array({c["rows"]})}}));
  }
  for (const json& c : partition_vectors("runoff")) {
    std::vector<std::int64_t> orders;
    for (const json& order : c["preferences"]) {
      for (const std::int64_t label : vector_labels(order)) orders.push_back(label);
    }
    const std::size_t classes = c["classes"];
    const json j = certified_parts(
        p, {"--election", "run-off", "--preferences", p.put("p.npy", {orders.size() / classes, 1, classes}, orders)});
    CHECK(j == json({{"labels", json::array({c["label"]})}, {"survives", json::array({c["survives"]})}}));
  }
  // Two samples: both models prefer 0, then 1.
  const std::string two = p.put("two.npy", {2, 2, 2}, std::vector<std::int64_t>{0, 1, 1, 0, 0, 1, 1, 0});
  CHECK(certified_parts(p, {"--election", "run-off", "--preferences", two, "--classes", "2"})["labels"] ==
        json({0, 1}));
}

TEST_CASE("parts refuses what it cannot use", "[cli]") {
  program p;
  const std::string l = p.put("l.npy", {3, 2}, std::vector<std::int64_t>{0, 1, 0, 1, 0, -1});
  const auto refuses = [&](std::vector<std::string> words, const std::string& naming) {
    words.insert(words.begin(), "parts");
    p.refuses(words, naming);
  };
  const auto with_budgets = [&](const std::vector<std::size_t>& shape, const std::vector<double>& values,
                                std::vector<std::string> more, const std::string& naming) {
    more.insert(more.begin(), {"--part-labels", l, "--classes", "2", "--budgets", p.put("b.npy", shape, values)});
    refuses(more, naming);
  };
  SECTION("labels") {
    refuses({"--classes", "2"}, "expected --part-labels");
    refuses({"--part-labels", l}, "expected --classes");
    refuses({"--part-labels", l, "--classes", "1"}, "--classes: expected a whole number from 2");
    refuses({"--part-labels", p.path("absent.npy"), "--classes", "2"}, "no such file");
    refuses({"--part-labels", p.put("x.npy", {3}, std::vector<std::int64_t>{0, 1, 0}), "--classes", "2"},
            "expected labels of shape [k,n], k and n at least 1, got 1 axes");
    refuses({"--part-labels", p.put("x.npy", {3, 0}, std::vector<std::int64_t>{}), "--classes", "2"},
            "got 2 axes and 0 values");
    refuses({"--part-labels", p.put("x.npy", {1, 2}, std::vector<std::int64_t>{0, 2}), "--classes", "2"},
            "label 2 of part 0 and sample 1 is outside [-1, 2)");
    refuses({"--part-labels", p.put("x.npy", {1, 1}, std::vector<std::int64_t>{-2}), "--classes", "2"},
            "label -2 of part 0 and sample 0 is outside [-1, 2)");
    refuses({"--part-labels", p.put("x.npy", {1, 1}, std::vector<double>{0.5}), "--classes", "2"},
            "expected whole numbers, got 0.5");
  }
  SECTION("budgets") {
    for (const double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
      with_budgets({3, 2}, {1.0, 1.0, 1.0, bad, 1.0, 1.0}, {}, "a budget must be positive and below 1e100, got");
    }
    with_budgets({2, 3}, std::vector<double>(6, 1.0), {},
                 "expected budgets of shape [3,2] as --part-labels, got [2,3]");
    with_budgets({6}, std::vector<double>(6, 1.0), {}, "expected budgets of shape [k,n]");
    with_budgets({3, 2}, std::vector<double>(6, 1.0), {"--failures", "4"},
                 "--failures: expected at most 3, the number of parts, got 4");
    with_budgets({3, 2}, std::vector<double>(6, 1.0), {"--rows-touched", "4"},
                 "--rows-touched: expected at most 3, the number of parts, got 4");
    with_budgets({3, 2}, std::vector<double>(6, 1.0), {"--failures", "-1"}, "--failures: expected a whole number");
    with_budgets({3, 2}, std::vector<double>(6, 1.0), {"--election", "finite", "--shifts", "0"},
                 "go with --election plurality");
    refuses({"--part-labels", l, "--classes", "2", "--failures", "1"}, "need --budgets");
    refuses({"--part-labels", l, "--classes", "2", "--rows-touched", "1"}, "need --budgets");
  }
  SECTION("elections") {
    const std::string whole = p.put("w.npy", {4, 1}, std::vector<std::int64_t>{0, 1, 0, 0});
    const auto finite = [&](const std::string& labels, const std::string& shifts, const std::string& naming) {
      refuses({"--part-labels", labels, "--classes", "2", "--election", "finite", "--shifts", shifts}, naming);
    };
    finite(whole, "0,0", "shifts must differ modulo 4");
    finite(whole, "1,5", "shifts must differ modulo 4");
    finite(whole, "0,1,2", "must be a multiple of 3, the number of shifts, got 4");
    finite(whole, "0,-1", "--shifts: expected whole numbers");
    finite(whole, "0,", "--shifts: expected whole numbers");
    finite(l, "0", "label -1 of part 2 and sample 1 is outside [0, 2)");
    refuses({"--part-labels", whole, "--classes", "2", "--election", "finite"}, "needs --shifts");
    refuses({"--part-labels", whole, "--classes", "2", "--shifts", "0"}, "--shifts goes with --election finite");
    refuses({"--part-labels", whole, "--classes", "2", "--election", "lottery"}, "--election");
    const auto run_off = [&](const std::vector<std::size_t>& shape, const std::vector<std::int64_t>& orders,
                             const std::string& naming) {
      refuses({"--election", "run-off", "--preferences", p.put("p.npy", shape, orders)}, naming);
    };
    run_off({1, 1, 2}, {0, 0}, "the preferences of model 0 are no permutation of the 2 classes");
    run_off({1, 1, 2}, {0, 2}, "label 2 is repeated or out of range");
    run_off({1, 1, 2}, {-1, 0}, "label -1 is repeated or out of range");
    run_off({1, 1, 1}, {0}, "at least 2 classes, got 1");
    run_off({2, 2}, {0, 1, 1, 0}, "expected preferences of shape [k,n,K]");
    refuses({"--election", "run-off"}, "needs --preferences");
    refuses({"--election", "run-off", "--part-labels", whole, "--classes", "2", "--preferences", whole},
            "not --part-labels");
    refuses({"--part-labels", whole, "--classes", "2", "--preferences", whole}, "--preferences goes with");
    refuses({"--election", "run-off", "--classes", "3", "--preferences",
             p.put("p.npy", {1, 1, 2}, std::vector<std::int64_t>{0, 1})},
            "holds orders of 2 classes, got 3");
  }
}
