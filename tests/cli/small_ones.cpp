// SPDX-License-Identifier: MIT
// Brief: bound, certify and storage-update against golden vectors and closed forms, and what they refuse.
#include "program.hpp"

#include "certssb/core/normal.hpp"

#include <cmath>
#include <limits>

using namespace certssb;
using cli_test::answer;
using cli_test::program;

namespace {

json golden() { return json::parse(read_file(CERTSSB_SOURCE_DIR "/tests/golden/golden.json")); }

}  // namespace

TEST_CASE("help has an example for every subcommand, and the version is printed", "[cli]") {
  program p;
  for (const std::string command : {"run", "certify", "bound", "storage-update", "plan", "report", "verify", "audit",
                                    "parts", "defend", "predict"}) {
    const answer a = p.run({command, "--help"});
    CHECK(a.status == 0);
    CHECK_THAT(a.out, Catch::Contains("Example:\n  certssb " + command));
  }
  CHECK_THAT(p.run({"--help"}).out, Catch::Contains("storage-update"));
  CHECK(p.run({"--version"}).out == "certssb 0.2.0\n");
  p.refuses({}, "got nothing");
  p.refuses({"nonsense"}, "nonsense");
  p.refuses({"bound", "--method", "hoeffding", "--no-such-option"}, "--no-such-option");
}

TEST_CASE("bounds are the golden ones", "[cli]") {
  program p;
  std::size_t checked = 0;
  const json vectors = golden();
  for (const json& c : vectors["bounds_binomial"]) {
    if (++checked % 14 != 0) continue;
    CAPTURE(c.dump());
    const auto bound = [&](const std::string& method) {
      const answer a = p.run({"bound", "--method", method, "--successes", c["k"].dump(), "--trials", c["n"].dump(),
                              "--alpha", c["alpha"].dump(), "--json"});
      REQUIRE(a.status == 0);
      CHECK(a.errors.empty());
      return a.object();
    };
    const json exact = bound("clopper-pearson");
    CHECK(exact["lower"].get<double>() == Approx(c["cp_lower"].get<double>()).epsilon(1e-9).margin(1e-12));
    CHECK(exact["upper"].get<double>() == Approx(c["cp_upper"].get<double>()).epsilon(1e-9));
    CHECK(exact["method"] == "clopper-pearson");
    CHECK(exact["trials"] == c["n"]);
    CHECK(exact["alpha"].get<double>() == c["alpha"].get<double>());
    const json wide = bound("hoeffding");
    CHECK(wide["lower"].get<double>() == Approx(c["hoeffding_lower"].get<double>()).epsilon(1e-9).margin(1e-12));
    CHECK(wide["upper"].get<double>() == Approx(c["hoeffding_upper"].get<double>()).epsilon(1e-9));
  }
  CHECK(checked > 28);
}

TEST_CASE("scores are bounded by their mean", "[cli]") {
  program p;
  const std::string scores = p.put("s.npy", {4}, std::vector<double>{1.0, 0.5, 1.0, 1.0});
  const json j = p.run({"bound", "--method", "hoeffding", "--scores", scores, "--alpha", "0.5", "--json"}).object();
  // .875 - sqrt(log 2 / 8) = .58065...
  CHECK(j["lower"].get<double>() == Approx(0.875 - std::sqrt(std::log(2.0) / 8.0)).epsilon(1e-12));
  CHECK(j["upper"].get<double>() == 1.0);
  CHECK(j["trials"] == 4);
}

TEST_CASE("bound refuses what it cannot use", "[cli]") {
  program p;
  const auto bound = [&](std::vector<std::string> words, const std::string& naming) {
    words.insert(words.begin(), "bound");
    p.refuses(words, naming);
  };
  const std::vector<std::string> cp{"--method", "clopper-pearson"};
  bound({"--successes", "1", "--trials", "2"}, "--method");
  bound({"--method", "magic", "--successes", "1", "--trials", "2"}, "--method");
  bound({"--method", "hoeffding", "--successes", "1"}, "--trials");
  bound({"--method", "hoeffding", "--successes", "3", "--trials", "2"}, "got 3");
  bound({"--method", "hoeffding", "--successes", "-1", "--trials", "2"}, "got -1");
  bound({"--method", "clopper-pearson", "--successes", "0", "--trials", "0"},
        "--trials: expected a whole number from 1 to 9223372036854775807, got 0");
  for (const std::string alpha : {"0", "1", "-0.5", "nan"}) {
    bound({"--method", "clopper-pearson", "--successes", "1", "--trials", "2", "--alpha", alpha}, "--alpha");
  }
  const std::string scores = p.put("s.npy", {2}, std::vector<double>{0.5, 1.5});
  const std::string holes = p.put("n.npy", {2}, std::vector<double>{0.5, std::numeric_limits<double>::quiet_NaN()});
  bound({"--method", "hoeffding", "--scores", scores}, "got 1.5");
  bound({"--method", "hoeffding", "--scores", holes}, "got nan");
  bound({"--method", "clopper-pearson", "--scores", scores}, "clopper-pearson is for counts");
  bound({"--method", "hoeffding", "--scores", p.path("absent.npy")}, "no such file");
  bound({"--method", "hoeffding", "--scores", scores, "--successes", "1", "--trials", "2"}, "got both");
}

TEST_CASE("votes become certificates whose radius is the closed form's", "[cli]") {
  program p;
  const std::string votes = p.put("v.npy", {3, 2}, std::vector<std::int64_t>{100, 0, 52, 48, 5, 95});
  const answer a = p.run({"certify", "--votes", votes, "--trials", "100", "--sigma", "0.5", "--alpha", "0.001",
                          "--mode", "uniform", "--json"});
  REQUIRE(a.status == 0);
  const json j = a.object();
  // Unanimous votes: p_A >= (alpha/2)^(1/M); radius sigma * PhiInv of it. 1.452 and .980: bisected exact binomial sums.
  const double lower = std::pow(0.0005, 0.01);
  CHECK(j["lower"][0].get<double>() == Approx(lower).epsilon(1e-12));
  CHECK(j["upper"][0].get<double>() == Approx(1.0 - lower).epsilon(1e-9));
  CHECK(j["radii"][0].get<double>() == Approx(0.5 * normal_quantile(lower)).epsilon(1e-9));
  CHECK(j["budgets"][0].get<double>() == Approx(1.452).margin(5e-4));
  CHECK(j["budgets"][2].get<double>() == Approx(0.980).margin(5e-4));
  CHECK(j["labels"] == json({0, -1, 1}));
  CHECK(j["outcomes"] == json({"certified", "bound_not_above_half", "certified"}));
  CHECK(j["radii"][1] == 0.0);
  CHECK(j["mode"] == "uniform");
  CHECK(j["certified"] == true);
  CHECK(j["alpha"] == 0.001);
  CHECK(j["bound"] == "clopper-pearson");
}

TEST_CASE("given scales use the training rows, published the test inputs and certifies nothing", "[cli]") {
  program p;
  const std::string votes = p.put("v.npy", {2, 2}, std::vector<std::int64_t>{100, 0, 100, 0});
  const std::string train = p.put("train.npy", {3}, std::vector<double>{0.5, 0.25, 2.0});
  const std::string test = p.put("test.npy", {2}, std::vector<double>{1.0, 3.0});
  const auto certify = [&](const std::string& mode) {
    return p
        .run({"certify", "--votes", votes, "--trials", "100", "--sigma", train, "--sigma-test", test, "--mode", mode,
              "--json"})
        .object();
  };
  const double budget = normal_quantile(std::pow(0.0005, 0.01));
  const json given = certify("given_scales");
  CHECK(given["radii"][1].get<double>() == Approx(0.25 * budget).epsilon(1e-9));
  CHECK(given["conditional_on"] == json({"train_scales", "test_scale"}));
  const json published = certify("published");
  CHECK(published["radii"][0].get<double>() == Approx(1.0 * budget).epsilon(1e-9));
  CHECK(published["radii"][1].get<double>() == Approx(3.0 * budget).epsilon(1e-9));
  CHECK(published["certified"] == false);
  CHECK(published["outcomes"][0] == "published");
}

TEST_CASE("labels add accuracies, storage adds events", "[cli]") {
  program p;
  const std::string votes = p.put("v.npy", {4, 2}, std::vector<std::int64_t>{100, 0, 0, 100, 0, 100, 50, 50});
  const std::string labels = p.put("y.npy", {4}, std::vector<std::int64_t>{0, 1, 0, 0});
  const std::string inputs = p.put("x.npy", {4, 1, 2}, std::vector<double>{0, 0, 0.9, 0, 0.1, 0, 9, 9});
  const json j = p.run({"certify", "--votes", votes, "--trials", "100", "--sigma", "0.5", "--labels", labels, "--radii",
                        "0,0.5,1", "--inputs", inputs, "--storage", "min", "--json"})
                     .object();
  // Radius .726 around 0; the second centre at .9 is trimmed to .174; the third lies inside the first and adopts.
  CHECK(j["events"] == json({"keep", "trim", "adopt", "abstain"}));
  CHECK(j["labels"] == json({0, 1, 0, -1}));
  const double radius = 0.5 * normal_quantile(std::pow(0.0005, 0.01));
  CHECK(j["radii"][1].get<double>() == Approx(0.9 - radius).epsilon(1e-9));
  CHECK(j["radii"][2] == 0.0);
  CHECK(j["outcomes"][2] == "adopted_in_storage");
  CHECK(j["certified_accuracy"][0]["value"] == 0.5);
  CHECK(j["certified_accuracy"][1]["value"] == 0.25);
  CHECK(j["certified_accuracy"][2]["value"] == 0.0);
  CHECK(j["certified_ratio"][0]["value"] == 0.5);
  CHECK(j["abstain_rate"] == 0.25);
  CHECK(j["empirical_accuracy"] == 1.0);
}

TEST_CASE("scores are certified by bounds of scores alone, the mixture unless another is named", "[cli]") {
  program p;
  std::vector<double> values;
  for (int m = 0; m < 200; ++m) values.insert(values.end(), {0.95, 0.05});
  const std::string scores = p.put("s.npy", {200, 1, 2}, values);
  const json j = p.run({"certify", "--scores", scores, "--sigma", "1", "--bound", "hoeffding", "--json"}).object();
  // No split, K = 2: alpha/4.
  const double lower = 0.95 - std::sqrt(std::log(4000.0) / 400.0);
  CHECK(j["lower"][0].get<double>() == Approx(lower).epsilon(1e-9));
  CHECK(j["radii"][0].get<double>() == Approx(normal_quantile(lower)).epsilon(1e-9));
  p.refuses({"certify", "--scores", scores, "--sigma", "1", "--bound", "clopper-pearson"}, "clopper-pearson");
  const json tighter = p.run({"certify", "--scores", scores, "--sigma", "1", "--json"}).object();
  CHECK(tighter["bound"] == "mixture");
  CHECK(tighter["lower"][0].get<double>() > lower);
}

TEST_CASE("certify has the modes of votes, each with its closed form, and asks for what it assumes", "[cli]") {
  program p;
  const std::string votes = p.put("v.npy", {1, 2}, std::vector<std::int64_t>{50, 0});
  const double p_a = std::pow(0.0005, 0.02);  // unanimous, Clopper-Pearson at alpha/2
  const double budget = normal_quantile(p_a);
  const auto certify = [&](const std::string& mode, const std::vector<std::string>& more) {
    std::vector<std::string> words{"certify", "--votes", votes, "--trials", "50", "--sigma", "0.5", "--mode", mode};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const auto radius = [&](const std::string& mode, std::vector<std::string> more = {}) {
    CAPTURE(mode);
    more.emplace_back("--json");
    const answer a = p.run(certify(mode, more));
    CAPTURE(a.errors);
    REQUIRE(a.status == 0);
    const json j = a.object();
    CHECK(j["mode"] == mode);
    CHECK(j["certified"] == true);
    for (std::size_t i = 0; i + 1 < more.size(); ++i) {
      if (more[i] == "--assume") CHECK(std::ranges::count(j["assumptions"], json(more[i + 1])) == 1);
    }
    return j["radii"][0].get<double>();
  };
  const auto about = [](double value) { return Approx(value).epsilon(1e-9); };
  const std::vector<std::string> selector{"--assume", "selector_fixed_independently_of_data"};
  CHECK(radius("uniform") == about(0.5 * budget));
  CHECK(radius("floor") == about(0.5 * budget));
  CHECK(radius("frozen", {"--assume", "scales_independent_of_features"}) == about(0.5 * budget));
  CHECK(radius("ledger", {"--assume", "rows_read_only_through_the_ledger"}) == about(0.5 * budget));
  CHECK(radius("uniform_l1") == about(0.5 * (2.0 * p_a - 1.0)));
  CHECK(radius("laplace_l1") == about(0.5 * std::max(0.5 * std::log(p_a / (1.0 - p_a)), -std::log(2.0 * (1.0 - p_a)))));
  CHECK(radius("quantised", {"--constant-within", "0.01", selector[0], selector[1]}) == 0.01);
  // Without slope the scales are frozen.
  CHECK(radius("semi_elastic", {"--semi-elasticity", "0", "--row-size", "784", selector[0], selector[1]}) ==
        about(0.5 * budget));
  CHECK(radius("semi_elastic", {"--semi-elasticity", "0.01", "--row-size", "784", selector[0], selector[1]}) <
        0.5 * budget);
  CHECK(radius("uniform+joint", {"--sigma-test", "0.5", "--test-draws", "4", "--assume",
                                 "test_scale_fixed_beforehand"}) == about(0.25 * budget));
  CHECK(radius("uniform+label-noise", {"--flip-probability", "0.4", "--flipped-labels", "1", "--assume",
                                       "labels_flipped_in_every_member"}) < 0.5 * budget);
  for (const std::string mode : {"frozen", "ledger", "quantised", "semi_elastic"}) {
    p.refuses(certify(mode, {}), "state it with --assume");
  }
  p.refuses(certify("uniform+joint", {"--sigma-test", "0.5", "--test-draws", "1"}), "state it with --assume");
  p.refuses(certify("uniform+label-noise", {"--flip-probability", "0.4", "--flipped-labels", "1"}),
            "state it with --assume");
  p.refuses(certify("uniform+joint", {"--sigma-test", "0.5"}), "needs --test-draws");
  p.refuses(certify("uniform+label-noise", {"--flip-probability", "0.4"}), "--flipped-labels");
  p.refuses(certify("quantised", selector), "--constant-within");
  p.refuses(certify("semi_elastic", selector), "--semi-elasticity");
  p.refuses(certify("uniform+joint", {"--assume", "test_scale_fixed_beforehand"}), "--sigma-test");
  p.refuses(certify("knn1_exact", {}), "certifies enclosed probabilities, not votes");
}

TEST_CASE("certify refuses what it cannot use", "[cli]") {
  program p;
  const std::string votes = p.put("v.npy", {2, 2}, std::vector<std::int64_t>{9, 1, 2, 8});
  const std::string one_class = p.put("one.npy", {2, 1}, std::vector<std::int64_t>{9, 8});
  const std::string flat = p.put("flat.npy", {4}, std::vector<std::int64_t>{9, 1, 2, 8});
  const std::string reals = p.put("reals.npy", {2, 2}, std::vector<double>{9.5, 0.5, 2, 8});
  const std::string mixed = p.put("mixed.npy", {2}, std::vector<double>{0.5, 0.6});
  const std::string three = p.put("three.npy", {3}, std::vector<double>{0.5, 0.6, 0.7});
  const std::string holes = p.put("holes.npy", {2}, std::vector<double>{0.5, std::nan("")});
  const std::string wrong = p.put("y.npy", {2}, std::vector<std::int64_t>{0, 2});
  const std::string inputs = p.put("x.npy", {3, 2}, std::vector<double>{1, 2, 3, 4, 5, 6});
  const auto certify = [&](const std::vector<std::string>& more, const std::string& naming,
                           const std::string& sigma = "0.5") {
    std::vector<std::string> words{"certify", "--sigma", sigma};
    words.insert(words.end(), more.begin(), more.end());
    p.refuses(words, naming);
  };
  certify({}, "expected one of --votes, --predictions and --scores, got 0");
  certify({"--votes", p.put("uneven.npy", {2, 2}, std::vector<std::int64_t>{9, 1, 2, 7})},
          "the counts of row 1 sum to 9, those of row 0 to 10; the number of trials must be given");
  certify({"--votes", votes, "--trials", "0"}, "got 0");
  certify({"--votes", votes, "--trials", "9"}, "sum to more than 9");
  certify({"--votes", one_class, "--trials", "10"}, "at least 2 classes, got [2,1]");
  certify({"--votes", flat, "--trials", "10"}, "[n,K]");
  certify({"--votes", reals, "--trials", "10"}, "reals.npy: expected whole numbers, got 9.5");
  certify({"--votes", p.path("absent.npy"), "--trials", "10"}, "absent.npy: no such file");
  for (const std::string alpha : {"0", "1", "2", "nan"}) {
    certify({"--votes", votes, "--trials", "10", "--alpha", alpha}, "--alpha: expected a number in (0,1)");
  }
  for (const std::string sigma : {"0", "-1", "nan", "inf"}) {
    certify({"--votes", votes, "--trials", "10"}, "sigma must be finite and positive", sigma);
  }
  certify({"--votes", votes, "--trials", "10"}, "must all be the same", mixed);
  certify({"--votes", votes, "--trials", "10", "--mode", "given_scales"}, "got nan", holes);
  certify({"--votes", votes, "--trials", "10", "--mode", "published"}, "--sigma-test");
  certify({"--votes", votes, "--trials", "10", "--mode", "published", "--sigma-test", three}, "2 samples");
  certify({"--votes", votes, "--trials", "10", "--mode", "magic"}, "--mode");
  certify({"--votes", votes, "--trials", "10", "--labels", wrong}, "label 2 is outside [0, 2)");
  certify({"--votes", votes, "--trials", "10", "--storage", "min"}, "--inputs");
  certify({"--votes", votes, "--trials", "10", "--storage", "min", "--inputs", inputs}, "expected 2 rows, got 3");
}

TEST_CASE("storage-update answers as the golden cases say", "[cli]") {
  program p;
  const json vectors = golden();
  REQUIRE(vectors["storage_update"].size() == 12);
  for (const json& c : vectors["storage_update"]) {
    CAPTURE(c["name"].get<std::string>());
    std::vector<double> centres;
    for (const json& centre : c["centers"]) {
      for (const json& value : centre) centres.push_back(value.get<double>());
    }
    const auto labels = c["labels"].get<std::vector<std::int64_t>>();
    const std::size_t n = labels.size();
    const std::string x = p.put("c.npy", {n, centres.size() / n}, centres);
    const std::string y = p.put("y.npy", {n}, labels);
    const std::string r = p.put("r.npy", {n}, c["radii"].get<std::vector<double>>());
    for (const auto& [policy, key] : {std::pair("min", "expected"), std::pair("slack", "expected_slack_policy")}) {
      const answer a =
          p.run({"storage-update", "--centers", x, "--labels", y, "--radii", r, "--policy", policy, "--json"});
      REQUIRE(a.status == 0);
      const json j = a.object();
      for (std::size_t i = 0; i < n; ++i) {
        const json& expected = c[key][i];
        CHECK(j["labels"][i] == expected["label"]);
        CHECK(j["events"][i] == expected["event"]);
        CHECK(j["radii"][i].get<double>() == Approx(expected["radius"].get<double>()).epsilon(1e-9).margin(1e-12));
      }
    }
  }
}

TEST_CASE("storage-update refuses what it cannot use", "[cli]") {
  program p;
  const double inf = std::numeric_limits<double>::infinity();
  const std::string x = p.put("x.npy", {2, 1}, std::vector<double>{0, 1});
  const std::string y = p.put("y.npy", {2}, std::vector<std::int64_t>{0, -1});
  const std::string r = p.put("r.npy", {2}, std::vector<double>{0.5, 0});
  const auto update = [&](const std::string& centres, const std::string& labels, const std::string& radii,
                          const std::string& naming) {
    p.refuses({"storage-update", "--centers", centres, "--labels", labels, "--radii", radii}, naming);
  };
  CHECK(p.run({"storage-update", "--centers", x, "--labels", y, "--radii", r}).status == 0);
  update(x, y, p.put("a.npy", {2}, std::vector<double>{0.5, 0.5}), "goes with radius 0");
  update(x, y, p.put("b.npy", {2}, std::vector<double>{-0.5, 0}), "must be finite and >= 0");
  update(x, y, p.put("c.npy", {2}, std::vector<double>{inf, 0}), "must be finite and >= 0");
  update(x, y, p.put("d.npy", {3}, std::vector<double>{1, 1, 1}), "[3]");
  update(x, p.put("e.npy", {2}, std::vector<std::int64_t>{0, -2}), r, "label -2");
  update(p.put("f.npy", {2, 1}, std::vector<double>{0, std::nan("")}), y, r, "got nan");
  update(p.put("g.npy", {3, 1}, std::vector<double>{0, 1, 2}), y, r, "expected 2 rows, got 3");
  p.refuses({"storage-update", "--centers", x, "--labels", y, "--radii", r, "--policy", "most"}, "--policy");
}
